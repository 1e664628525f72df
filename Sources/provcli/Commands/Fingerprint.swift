import ArgumentParser
import ProvChain

struct Fingerprint: Command {
    static let configuration = CommandConfiguration(
        abstract: "The fingerprints of a file, computed offline. 离线计算文件指纹。",
        discussion: """
            SHA-256 names the exact bytes; the ISCC (ISO 24138) has a Data-Code, which stays similar under light \
            edits, and an Instance-Code, which does not. Components are the exact hashes of what is inside a 3D model \
            (GLB, glTF, OBJ, STL): the same mesh has the same hash in every file. Prints say what a shape looks like: \
            those of similar shapes are few steps apart (see compare). Nothing is sent anywhere.

            Examples:
              provcli fingerprint chair.glb
              provcli fingerprint chair.glb --json
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The file.") var file: String

    func run(in context: Context) async throws {
        let digests = try Asset.digests(file, console: context.console)
        let model = try Asset.model(file)
        let components = model.fingerprint.components
        let manifest = Manifest(
            files: [
                Manifest.File(path: "file", mediaType: MediaType.of(file), size: digests.size, sha256: digests.sha256)
            ], components: components.map(\.leaf))
        let codes: [String: JSONValue] = [
            "data": .string(digests.dataCode().text),
            "instance": .string(digests.instanceCode().text), "sum": .string(digests.iscc().text),
        ]
        let prints = model.prints()
        let whole: JSONValue = .object([
            "type": .string(Manifest.Leaf.file), "hash": .string(digests.sha256.hex), "path": .string(file),
        ])
        let document: [String: JSONValue] = [
            "sha256": .string(digests.sha256.hex), "blake3": .string(digests.blake3.hex),
            "size": JSONValue(digests.size), "iscc": .object(codes), "manifestRoot": .string(manifest.root.hex),
            "structure": .string(model.structure),
            "structureReasons": .array(model.reasons.map { .string($0) }),
            "components": .array([whole] + components.map { model.document($0) }),
            "prints": prints.document,
        ]
        var lines: [Console.Line] = [
            .init(.hash, digests.sha256.hex), .init("BLAKE3  \(digests.blake3.hex)"),
            .init("ISCC-SUM  \(digests.iscc().text)"), .init("Data-Code  \(digests.dataCode().text)"),
            .init("Instance-Code  \(digests.instanceCode().text)"), .init(.manifestRoot, manifest.root.hex),
        ]
        for component in components { lines.append(Model.line(component)) }
        lines += prints.lines
        context.console.result(.object(document), lines)
        if let reason = model.reason(in: context.console.language) {
            context.console.notice(.structureNotVerified, ["path": file, "reason": reason])
        }
    }
}
