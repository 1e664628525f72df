import ArgumentParser
import ProvChain

struct ReceiptCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "receipt", abstract: "Fetch the receipt of a final statement. 获取回执。",
        discussion: """
            cose is the COSE receipt (RFC 9942) alone; transparent-statement is the statement with its receipt in the \
            unprotected header (RFC 9943).

            Examples:
              provcli receipt 4f0c… -o chair.receipt
              provcli receipt 4f0c… -o chair.cose --format transparent-statement
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case cose
        case transparentStatement = "transparent-statement"
    }

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The statement's id or URN.") var statement: String
    @Option(name: .shortAndLong, help: "File to write.") var output: String
    @Option(help: "What to write.") var format: Format = .cose
    @Flag(help: "Replace the file if it exists.") var force = false

    /// Receipts in the unprotected header (RFC 9942 section 4.1).
    private static let receiptsLabel: Int64 = 394

    func run(in context: Context) async throws {
        let id = try ProvCLI.statement(statement)
        let node = try context.node()
        let receipt = try await node.receipt(id)
        guard (try? COSESign1(cbor: receipt)) != nil else { throw node.badAnswer("receipt of \(id)") }
        let bytes: [UInt8]
        switch format {
        case .cose: bytes = receipt
        case .transparentStatement:
            let encoded = try await node.statementBytes(id)
            guard let original = try? Statement(encoded: encoded), original.id == id,
                let envelope = try? COSESign1(cbor: encoded)
            else { throw node.badAnswer("statement \(id)") }
            bytes = Self.attach([receipt], to: envelope)
        }
        try Disk.write(bytes, to: output, .open, replacing: force)
        context.console.result(
            .object([
                "statement": .string(id.hex), "path": .string(output), "format": .string(format.rawValue),
                "size": .number(Int64(bytes.count)),
            ]),
            [.init(.statement, id.hex), .init(.path, output)])
    }

    /// The statement with receipts; what was signed stays as it was, byte for byte.
    private static func attach(_ receipts: [[UInt8]], to envelope: COSESign1) -> [UInt8] {
        var header = CBORWriter()
        header.map(1)
        header.int(receiptsLabel)
        header.array(receipts.count)
        for receipt in receipts { header.byteString(receipt) }
        return COSESign1(
            protected: envelope.protected, unprotected: header.bytes, payload: envelope.payload,
            signature: envelope.signature
        ).cbor
    }
}
