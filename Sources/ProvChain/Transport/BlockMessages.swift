/// A proposed block as it travels: the proposal, and the block's statements by leaf hash. Whoever receives it
/// has most of them already and asks for the others.
public struct CompactProposal: Hashable, Sendable, CBORCodable {
    public let proposal: Proposal
    /// In the block's order.
    public let leafHashes: [Digest]

    /// No chain's parameters allow more in one block.
    public static let maximumStatements = 65_536

    public init(_ proposal: Proposal, leafHashes: [Digest]) {
        self.proposal = proposal
        self.leafHashes = leafHashes
    }

    /// CBOR `[proposal, [leaf hash, …]]`.
    public func encode(to writer: inout CBORWriter) {
        writer.array(2)
        writer.value(proposal)
        writer.digests(leafHashes)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 2)
        proposal = try reader.value()
        leafHashes = try reader.digests(atMost: Self.maximumStatements)
    }
}

/// A block with everything in it, final or not. That the statements are the header's own is for the receiver
/// to check (``Ledger/isBody(_:of:on:)``).
public struct FullBlock: Hashable, Sendable, CBORCodable {
    public let header: BlockHeader
    /// Encoded, in the block's order.
    public let statements: [[UInt8]]

    public init(header: BlockHeader, statements: [[UInt8]]) {
        self.header = header
        self.statements = statements
    }

    /// CBOR `[header, [statement, …]]`.
    public func encode(to writer: inout CBORWriter) {
        writer.array(2)
        writer.value(header)
        writer.byteStrings(statements)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 2)
        header = try reader.value()
        statements = try reader.byteStrings(
            0...CompactProposal.maximumStatements, each: 1...Limits.statementBytes)
    }
}

/// A final block's header, with the certificate that made it final; `nil` if that was a later block's.
public struct CertifiedHeader: Hashable, Sendable, CBORCodable {
    public let header: BlockHeader
    public let finality: FinalityCertificate?

    public init(header: BlockHeader, finality: FinalityCertificate?) {
        self.header = header
        self.finality = finality
    }

    /// CBOR `[header, certificate or null]`.
    public func encode(to writer: inout CBORWriter) {
        writer.array(2)
        writer.value(header)
        if let finality { writer.value(finality) } else { writer.null() }
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 2)
        header = try reader.value()
        if reader.isNull {
            try reader.null()
            finality = nil
        } else {
            finality = try reader.value()
        }
    }
}
