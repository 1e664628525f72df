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
    @Option(help: "Genesis file to check against; else the configured one.") var genesis: String?
    @Flag(help: "Replace the file if it exists.") var force = false

    /// Receipts in the unprotected header (RFC 9942 section 4.1).
    private static let receiptsLabel: Int64 = 394

    func run(in context: Context) async throws {
        let id = try ProvCLI.statement(statement)
        let node = try context.node()
        let receipt = try await node.receipt(id)
        let encoded = try await node.statementBytes(id)
        guard let original = try? Statement(encoded: encoded), original.id == id,
            let envelope = try? COSESign1(cbor: encoded)
        else { throw node.badAnswer("statement \(id)") }
        let (genesisFile, isPinned) = try await context.genesisFile(genesis)
        if let fault = Self.fault(in: receipt, of: original, genesisFile.genesis) {
            throw CLIError.failed(.receiptInvalid, ["statement": id.hex, "reason": fault])
        }
        let bytes: [UInt8]
        switch format {
        case .cose: bytes = receipt
        case .transparentStatement: bytes = Self.attach([receipt], to: envelope)
        }
        try Disk.write(bytes, to: output, .open, replacing: force)
        context.console.result(
            .object([
                "statement": .string(id.hex), "path": .string(output), "format": .string(format.rawValue),
                "size": .number(Int64(bytes.count)), "genesisPinned": .bool(isPinned),
            ]),
            [.init(.statement, id.hex), .init(.path, output)])
    }

    /// What is wrong with a receipt, or `nil`: the path in it must lead from the statement to a root that a
    /// validator of the genesis signed.
    private static func fault(in receipt: [UInt8], of statement: Statement, _ genesis: Genesis) -> String? {
        guard let envelope = try? COSESign1(cbor: receipt), envelope.payload == nil,
            let proof = inclusionProof(envelope.unprotected)
        else { return "it is not a COSE receipt of inclusion" }
        guard let root = try? proof.root(leafHash: statement.leafHash) else { return "its path is not well formed" }
        let isSigned = genesis.validators.contains {
            envelope.verify(with: $0.log.key, detachedPayload: root.bytes)
        }
        return isSigned ? nil : "no validator of the genesis signed the root to which its path leads"
    }

    /// The first inclusion proof of {396: {-1: [proof, …]}}.
    private static func inclusionProof(_ header: [UInt8]) -> InclusionProof? {
        guard case .map(let entries)? = try? CBORValue(cbor: header) else { return nil }
        let proofs = entries.first { $0.key == .unsigned(UInt64(COSEHeader.verifiableDataProofs)) }
        guard case .map(let kinds)? = proofs?.value,
            case .array(let items)? = kinds.first(where: { $0.key == .negative(0) })?.value,
            case .bytes(let bytes)? = items.first
        else { return nil }
        return try? InclusionProof(cbor: bytes)
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
