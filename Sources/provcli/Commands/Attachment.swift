import ArgumentParser
import ProvChain

struct AttachmentCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attachment", abstract: "Fetch and store attachments. 附件的获取与保存。",
        subcommands: [Get.self, Put.self])

    struct Get: Command {
        static let configuration = CommandConfiguration(
            abstract: "Fetch an attachment, with a token if it is restricted. 获取附件。",
            discussion: """
                The bytes are checked against the hash. A restricted attachment is read with the key: its owner may, \
                and readers in office; the node writes down who read what.

                Example:
                  provcli attachment get 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08 -o manifest.cbor
                """)

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The attachment's SHA-256.") var hash: String
        @Option(name: .shortAndLong, help: "File to write.") var output: String
        @Option(help: ArgumentHelp("The party that reads; else found by the key.", valueName: "urn")) var party: String?
        @Flag(help: "Replace the file if it exists.") var force = false

        /// Seconds for which the token for one download lives.
        private static let tokenSeconds: UInt64 = 60

        func run(in context: Context) async throws {
            guard let hash = Digest(hex: hash) else { throw ValidationError("\(hash) is not a SHA-256.") }
            let node = try context.node()
            let (bytes, dataClass) = try await fetch(hash, node, context)
            guard SHA256.hash(bytes) == hash else { throw node.badAnswer("attachment \(SHA256.hash(bytes))") }
            let privacy: Disk.Privacy =
                switch dataClass {
                case .public: .open
                case .restricted: .secret
                }
            try Disk.write(bytes, to: output, privacy, replacing: force)
            context.console.result(
                .object([
                    "hash": .string(hash.hex), "path": .string(output), "size": .number(Int64(bytes.count)),
                    "class": .string(dataClass.rawValue),
                ]),
                [.init(.hash, hash.hex), .init(.path, output), .init(.size, "\(bytes.count)")])
        }

        private func fetch(
            _ hash: Digest, _ node: NodeClient, _ context: Context
        ) async throws -> (bytes: [UInt8], dataClass: DataClass) {
            do {
                return (try await node.attachment(hash, token: nil), .public)
            } catch let error as CLIError where error.rule == Catalogue.NodeProblem.tokenMissing.rawValue {
                let token = try await context.readToken(party: party, seconds: Self.tokenSeconds)
                return (try await node.attachment(hash, token: token), .restricted)
            }
        }
    }

    struct Put: Command {
        static let configuration = CommandConfiguration(
            abstract: "Give the node an attachment that a final statement commits to. 保存附件。",
            discussion: """
                With --restricted only its owner, who signed the first statement that commits to it, and readers in \
                office can fetch it.

                Example:
                  provcli attachment put manifest.cbor --restricted
                """)

        @OptionGroup var global: GlobalOptions
        @Argument(help: "The file.") var file: String
        @Flag(help: "Let not everybody read it.") var restricted = false

        func run(in context: Context) async throws {
            let bytes = try Disk.read(file, limit: Limits.attachmentBytes)
            let dataClass: DataClass = restricted ? .restricted : .public
            let hash = SHA256.hash(bytes)
            try await context.node().putAttachment(bytes, hash, dataClass)
            context.console.result(
                .object([
                    "hash": .string(hash.hex), "size": .number(Int64(bytes.count)),
                    "class": .string(dataClass.rawValue),
                ]),
                [.init(.hash, hash.hex), .init(.size, "\(bytes.count)")])
        }
    }
}
