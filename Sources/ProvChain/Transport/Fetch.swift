/// Something that a node lacks and can name.
public enum FetchItem: Hashable, Sendable {
    /// By leaf hash.
    case statement(Digest)
    /// By block id: a block that is not final yet.
    case block(Digest)
    /// By the hash of its bytes.
    case attachment(Digest)
    /// A validator's signature over the checkpoint after a final block, from that validator itself.
    case checkpoint(block: Digest, validator: UInt64)

    /// The number that opens each item. Numbers are only added.
    public enum Kind: UInt64, Sendable, CaseIterable {
        case statement = 1, block, attachment, checkpoint
    }
}

/// Asks for items. The answer has the same number.
public struct FetchRequest: Hashable, Sendable {
    public let number: UInt64
    /// 1 to ``WireMessage/Bounds/fetchItems``.
    public let items: [FetchItem]

    public init(number: UInt64, items: [FetchItem]) {
        self.number = number
        self.items = items
    }
}

/// Answers the first items of a request, in its order; `nil` for what the sender does not have. What did not
/// fit in one frame is asked for again.
public struct FetchAnswer: Hashable, Sendable {
    public let number: UInt64
    public let items: [[UInt8]?]

    public init(number: UInt64, items: [[UInt8]?]) {
        self.number = number
        self.items = items
    }
}

/// Asks for final blocks by height.
public struct RangeRequest: Hashable, Sendable {
    /// What of each block. Certificates come first and are checked first; they are small.
    public enum Part: UInt64, Sendable, CaseIterable {
        /// Header and certificate.
        case certified = 1
        /// The statements.
        case statements
    }

    public let number: UInt64
    public let part: Part
    public let from: UInt64
    /// 1 to ``WireMessage/Bounds/rangeBlocks``.
    public let count: UInt64

    public init(number: UInt64, part: Part, from: UInt64, count: UInt64) {
        self.number = number
        self.part = part
        self.from = from
        self.count = count
    }
}

/// The first blocks of a range, as many as fit in one frame; none if the sender does not have the first.
public struct RangeAnswer: Hashable, Sendable {
    public let number: UInt64
    public let items: [[UInt8]]

    public init(number: UInt64, items: [[UInt8]]) {
        self.number = number
        self.items = items
    }
}
