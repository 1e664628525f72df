import ArgumentParser
import ProvChain

struct ProveComponent: Command {
    static let configuration = CommandConfiguration(
        commandName: "prove-component",
        abstract: "Prove that one part belongs to a registered asset, without disclosing the rest. 证明某部件属于已登记资产。",
        discussion: """
            Reads the asset as provcli register does and writes the path from the part's hash to the manifest root, \
            which the registration put on the chain. With --absent it proves that the part is not in it.

            Examples:
              provcli prove-component room.glb --component 3f…c1 -o mesh.proof
              provcli prove-component room/ --component 3f…c1 --type IMG -o texture.proof
              provcli prove-component room.glb --component 3f…c1 --type GEO --absent -o absent.proof
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: ArgumentHelp("A file or a folder, as it was registered.", valueName: "file-or-dir"))
    var path: String
    @Option(help: "Hash of the part; see provcli fingerprint.") var component: String
    @Option(help: "Type of the part, such as GEO or FILE; needed with --absent.") var type: String?
    @Option(help: "Path of the main file inside the folder.") var main: String?
    @Option(name: .shortAndLong, help: "File to write.") var output: String
    @Flag(help: "Prove that the part is not in the asset.") var absent = false
    @Flag(help: "Replace the file if it exists.") var force = false

    func run(in context: Context) async throws {
        guard let hash = Digest(hex: component) else { throw ProvCLI.bad(component, "--component") }
        let types = AssetComponent.Kind.allCases.map(\.rawValue) + [Manifest.Leaf.file]
        if let type, !types.contains(type) { throw ProvCLI.bad(type, "--type") }
        let manifest = try Asset(path, main: main, console: context.console).manifest
        let found = manifest.leaves.first { $0.hash == hash && (type == nil || $0.type == type) }
        let bytes: [UInt8]
        let leaf: Manifest.Leaf
        if absent {
            guard let type else { throw ValidationError("--absent needs --type") }
            leaf = Manifest.Leaf(type: type, hash: hash)
            guard let proof = manifest.absence(of: leaf) else {
                context.console.notice(.componentPresent)
                throw CLIError.answered(.no)
            }
            bytes = proof.cbor
        } else {
            guard let found, let proof = manifest.presence(of: found) else {
                context.console.notice(.componentAbsent)
                throw CLIError.answered(.no)
            }
            leaf = found
            bytes = proof.cbor
        }
        try Disk.write(bytes, to: output, .open, replacing: force)
        context.console.notice(.fileWritten, ["path": output])
        context.console.result(
            .object([
                "path": .string(output), "size": .number(Int64(bytes.count)),
                "manifestRoot": .string(manifest.root.hex), "type": .string(leaf.type),
                "component": .string(leaf.hash.hex), "present": .bool(!absent),
            ]),
            [.init(.manifestRoot, manifest.root.hex), .init(.type, leaf.type)])
    }
}

struct CheckComponent: Command {
    static let configuration = CommandConfiguration(
        commandName: "check-component",
        abstract: "Check a proof of provcli prove-component. 验证部件证明。",
        discussion: """
            Against a manifest root that you know (--root, offline: from a checked bundle, for instance), or against \
            those of a work's versions as a node tells them (--work). --file compares the part with a file at hand.

            Examples:
              provcli check-component mesh.proof --root 9a…07
              provcli check-component mesh.proof --work urn:provchain:work:… --file mesh.glb --json
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The proof.") var proof: String
    @Option(help: "Manifest root that the proof should lead to.") var root: String?
    @Option(help: "URN of a registered work.") var work: String?
    @Option(help: "Version of the work; else the first.") var version: UInt32 = 1
    @Option(help: "A file that should have, or be, the part.") var file: String?

    private static let maximumBytes = 1 << 16

    func run(in context: Context) async throws {
        let bytes = try Disk.read(proof, limit: Self.maximumBytes)
        let root = try await expectedRoot(context)
        let leaf: Manifest.Leaf
        var reason: String?
        let isPresence: Bool
        if let presence = try? ManifestPresence(cbor: bytes) {
            (leaf, isPresence) = (presence.leaf, true)
            do throws(MerkleError) { try presence.verify(root: root) } catch { reason = "\(error)" }
        } else if let absence = try? ManifestAbsence(cbor: bytes) {
            (leaf, isPresence) = (absence.leaf, false)
            do throws(ManifestAbsence.Failure) { try absence.verify(root: root) } catch { reason = "\(error)" }
        } else {
            throw CLIError.failed(
                .badContent,
                [
                    "path": proof, "expected": ManifestPresence.format,
                    "reason": "neither a proof of presence nor one of absence",
                ])
        }
        var holds = reason == nil
        var document: [String: JSONValue] = [
            "manifestRoot": .string(root.hex), "type": .string(leaf.type), "component": .string(leaf.hash.hex),
            "present": .bool(isPresence), "detail": .string(reason ?? ""),
        ]
        if let file {
            let model = try Asset.model(file)
            let hash = try Asset.fingerprint(file, console: context.console).sha256
            let leaves =
                model.fingerprint.components.map(\.leaf) + [Manifest.Leaf(type: Manifest.Leaf.file, hash: hash)]
            let isThere = leaves.contains(leaf)
            document["inFile"] = .bool(isThere)
            holds = holds && isThere
        }
        document["verified"] = .bool(holds)
        let verdict: Catalogue.Notice = holds ? .bundleVerified : .bundleNotVerified
        context.console.result(
            .object(document),
            [
                .init(.manifestRoot, root.hex), .init(.type, leaf.type), .init(.hash, leaf.hash.hex),
                .init(verdict.phrase.text(in: context.console.language)),
            ])
        if !holds { throw CLIError.answered(.no) }
    }

    private func expectedRoot(_ context: Context) async throws -> Digest {
        switch (root, work) {
        case (let root?, nil):
            guard let digest = Digest(hex: root) else { throw ProvCLI.bad(root, "--root") }
            return digest
        case (nil, let work?):
            let id = try ProvCLI.work(work)
            guard version > 0,
                let record = try await context.node().stored(VersionRecord.self, .version(work: id, sequence: version))
            else { throw Refusal(.unknownWork, ["work": id.hex]) }
            return record.content.manifestRoot
        default: throw ValidationError("either --root or --work is needed")
        }
    }
}
