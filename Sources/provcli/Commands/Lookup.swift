import ArgumentParser
import ProvChain

struct Lookup: Command {
    static let configuration = CommandConfiguration(
        abstract: "Who has claimed these exact bytes? 查询文件是否已被登记。",
        discussion: """
            The file is hashed here and not sent. Exit code 1 if nobody has claimed it. "bytes" lists the claims on \
            the file's SHA-256 (or on a manifest's root); "components" those on the files of a folder and on the shapes \
            inside 3D models: the same mesh in another file. "similar" lists works that look alike, if the node \
            searches for them: by the print of the whole, of a part, or by the ISCC. That is a reason to look, no claim.

            Examples:
              provcli lookup chair.glb
              provcli lookup scene/
              provcli lookup 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: ArgumentHelp("A file, a folder, or a SHA-256.", valueName: "file-or-hash")) var subject: String

    func run(in context: Context) async throws {
        let node = try context.node()
        let (hash, parts, shape, models) = try hashes(context)
        let view = try await node.lookup(hash)
        var components: [(String, LookupView.Claim)] = []
        for part in parts {
            components += try await node.lookup(part.hash).claims.map { (part.name, $0) }
        }
        let similar = try await shape.find(node)
        if similar == nil, shape.isThere { context.console.notice(.searchOff) }
        let document: [String: JSONValue] = [
            "hash": .string(hash.hex), "count": JSONValue(view.count),
            "bytes": .array(view.claims.map { Self.document($0, path: nil) }),
            "components": .array(components.map { Self.document($0.1, path: $0.0) }),
            "similar": .array(similar?.documents ?? []), "similarSearched": .bool(similar != nil),
            "models": .array(models.map(\.structureDocument)),
        ]
        var lines: [Console.Line] = [.init(.hash, hash.hex)]
        lines += view.claims.map { .init(Self.text($0)) }
        lines += components.map { .init("\($0.0)  " + Self.text($0.1)) }
        lines += (similar?.found ?? []).map { .init($0.text) }
        context.console.result(.object(document), lines)
        if let similar, !similar.isComplete { context.console.notice(.searchIncomplete) }
        if view.claims.isEmpty, components.isEmpty {
            context.console.notice(.noClaims)
            throw CLIError.answered(.no)
        }
    }

    /// What is inside: a file of a folder, or a shape of a model.
    private struct Part {
        let hash: Digest
        let name: String
    }

    /// What it looks like; nothing, if only a hash is known.
    private struct Shape {
        var models: [(path: String, prints: AssetPrints)] = []
        var code: ISCCCode?
        var path = ""

        var isThere: Bool { !models.isEmpty || code != nil }

        func find(_ node: NodeClient) async throws -> SimilarWorks? {
            guard isThere else { return nil }
            return try await SimilarWorks.find(models, code: code, path: path, node)
        }
    }

    /// The hash to ask about, the distinctive parts inside, what it looks like, and the models that were read.
    private func hashes(_ context: Context) throws(CLIError) -> (Digest, [Part], Shape, [Model]) {
        if !Disk.exists(subject), let hash = Digest(hex: subject) { return (hash, [], Shape(), []) }
        if !Disk.exists(subject), case .component(let hash)? = URN(subject) { return (hash, [], Shape(), []) }
        if Disk.exists(subject), try FileListing.information(subject).isFolder {
            let asset = try Asset(subject, main: nil, console: context.console)
            let files = asset.manifest.files.map { Part(hash: $0.sha256, name: $0.path) }
            let shape = Shape(models: asset.prints, code: asset.manifest.iscc, path: asset.mainFile.path)
            return (asset.manifest.root, files + asset.models.flatMap(Self.shapes), shape, asset.models)
        }
        let digests = try Asset.digests(subject, console: context.console)
        let model = try Asset.model(subject)
        let shape = Shape(models: [(model.path, model.prints())], code: digests.iscc(), path: model.path)
        // Of a file that is no model nobody expects an inside.
        let isModel = model.fingerprint.format != nil || MediaType.isModel(model.path)
        if isModel, let reason = model.reason(in: context.console.language) {
            context.console.notice(.structureNotVerified, ["path": model.path, "reason": reason])
        }
        return (digests.sha256, Self.shapes(model), shape, isModel ? [model] : [])
    }

    private static func shapes(_ model: Model) -> [Part] {
        model.fingerprint.distinctiveShapes().map { Part(hash: $0.hash, name: model.path) }
    }

    private static func document(_ claim: LookupView.Claim, path: String?) -> JSONValue {
        var members: [String: JSONValue] = [
            "urn": .string(claim.work), "party": .string(claim.party), "version": .number(Int64(claim.version)),
            "time": JSONValue(claim.time), "state": .string(claim.contested ? "contested" : "uncontested"),
            "distance": .number(0),
        ]
        if let title = claim.title { members["title"] = .string(title) }
        if let path { members["path"] = .string(path) }
        return .object(members)
    }

    private static func text(_ claim: LookupView.Claim) -> String {
        "\(Time.text(milliseconds: claim.time))  \(claim.work)  \(claim.party)"
            + (claim.title.map { "  \($0)" } ?? "") + (claim.contested ? "  [contested]" : "")
    }
}
