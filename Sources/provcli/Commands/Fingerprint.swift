import ArgumentParser
import ProvChain

struct Fingerprint: Command {
    static let configuration = CommandConfiguration(
        abstract: "The fingerprints of a file, computed offline. 离线计算文件指纹。",
        discussion: """
            SHA-256 names the exact bytes; the ISCC (ISO 24138) has a Data-Code, which stays similar under light \
            edits, and an Instance-Code, which does not. Nothing is sent anywhere.

            Examples:
              provcli fingerprint chair.glb
              provcli fingerprint chair.glb --json
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The file.") var file: String

    func run(in context: Context) async throws {
        let digests = try Asset.digests(file, console: context.console)
        let manifest = Manifest(files: [
            Manifest.File(path: "file", mediaType: MediaType.of(file), size: digests.size, sha256: digests.sha256)
        ])
        let codes: [String: JSONValue] = [
            "data": .string(digests.dataCode().text),
            "instance": .string(digests.instanceCode().text), "sum": .string(digests.iscc().text),
        ]
        context.console.result(
            .object([
                "sha256": .string(digests.sha256.hex), "blake3": .string(digests.blake3.hex),
                "size": JSONValue(digests.size), "iscc": .object(codes),
                "manifestRoot": .string(manifest.root.hex),
                "components": .array(
                    manifest.leaves.map { leaf in
                        .object([
                            "type": .string(leaf.type), "hash": .string(leaf.hash.hex), "path": .string(file),
                        ])
                    }),
                "prints": .array([]),
            ]),
            [
                .init(.hash, digests.sha256.hex), .init("BLAKE3  \(digests.blake3.hex)"),
                .init("ISCC-SUM  \(digests.iscc().text)"),
                .init("Data-Code  \(digests.dataCode().text)"),
                .init("Instance-Code  \(digests.instanceCode().text)"),
            ])
    }
}
