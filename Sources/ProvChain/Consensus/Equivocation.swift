/// Two votes that no honest validator gives: proof, for anybody who knows the keys, that their signer broke
/// the voting law. It compares what the votes mean, not their bytes: one vote may have many signatures.
public struct Equivocation: Hashable, Sendable, CBORCodable {
    public let first: SignedVote
    public let second: SignedVote

    init(_ first: SignedVote, _ second: SignedVote) {
        precondition(Self.conflict(first, second), "two votes that one validator may give")
        self.first = first
        self.second = second
    }

    public var accused: UInt64 { first.signer }

    /// Two notarizes or two finalizes of one view for different things, or a nullify beside a finalize.
    /// A nullify after a notarize is legal.
    public static func conflict(_ a: SignedVote, _ b: SignedVote) -> Bool {
        guard a.epoch == b.epoch, a.view == b.view, a.signer == b.signer else { return false }
        return switch (a.kind, b.kind) {
        case (.notarize, .notarize), (.finalize, .finalize): a.subject != b.subject
        case (.nullify, .finalize), (.finalize, .nullify): true
        case (.nullify, .nullify), (.notarize, .nullify), (.nullify, .notarize), (.notarize, .finalize),
            (.finalize, .notarize):
            false
        }
    }

    /// CBOR `[vote, vote]`.
    public func encode(to writer: inout CBORWriter) {
        writer.array(2)
        writer.value(first)
        writer.value(second)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 2)
        let start = reader.offset
        first = try reader.value()
        second = try reader.value()
        guard Self.conflict(first, second) else {
            throw CBORError(.invalidValue("votes that do not conflict"), at: start)
        }
    }
}
