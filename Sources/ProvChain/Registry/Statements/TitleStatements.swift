/// A holder offers a share of title to another party. Nothing moves until that party accepts.
public struct OfferTitle: Hashable, Sendable, CBORCodable {
    public let work: Digest
    public let right: Right
    public let recipient: Digest
    /// Basis points, 1 to ``Limits/wholeTitle``.
    public let share: UInt64
    /// Unix seconds until which the recipient may accept.
    public let deadline: UInt64
    /// SHA-256 of the terms that the parties keep between them.
    public let terms: Digest?

    public init(work: Digest, right: Right, recipient: Digest, share: UInt64, deadline: UInt64, terms: Digest? = nil) {
        self.work = work
        self.right = right
        self.recipient = recipient
        self.share = share
        self.deadline = deadline
        self.terms = terms
    }

    public func encode(to writer: inout CBORWriter) {
        writer.map(terms == nil ? 6 : 7)
        writer.uint(1)
        writer.uint(1)
        writer.uint(2)
        writer.digest(work)
        writer.uint(3)
        writer.uint(right.rawValue)
        writer.uint(4)
        writer.digest(recipient)
        writer.uint(5)
        writer.uint(share)
        writer.uint(6)
        writer.uint(deadline)
        if let terms {
            writer.uint(7)
            writer.digest(terms)
        }
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        var map = try CBORMapReader(&reader)
        try map.version(1, &reader)
        try map.key(2, &reader)
        work = try reader.digest()
        try map.key(3, &reader)
        right = try reader.vocabulary(Right.self)
        try map.key(4, &reader)
        recipient = try reader.digest()
        try map.key(5, &reader)
        let start = reader.offset
        share = try reader.uint(atMost: Limits.wholeTitle)
        guard share > 0 else { throw CBORError(.invalidValue("a share of nothing"), at: start) }
        try map.key(6, &reader)
        deadline = try reader.uint(atMost: Limits.exactInteger)
        terms = try map.optionalKey(7, &reader) ? try reader.digest() : nil
        try map.finish(reader)
    }
}

/// The answer to an offer, which the statement's subject names: accept, decline or cancel, by its type.
public struct AnswerOffer: Hashable, Sendable, CBORCodable {
    public init() {}

    public func encode(to writer: inout CBORWriter) {
        writer.map(1)
        writer.uint(1)
        writer.uint(1)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        var map = try CBORMapReader(&reader)
        try map.version(1, &reader)
        try map.finish(reader)
    }
}
