/// What nodes say to each other. One message is one frame.
///
/// Votes, certificates, proposals and blocks are byte strings here: their own layers read them. So a node can
/// carry, queue and bound what it has not looked into yet.
public enum WireMessage: Hashable, Sendable {
    case hello(Hello)
    /// Encoded statements, pushed or asked for.
    case statements([[UInt8]])
    /// A ``CompactProposal``.
    case proposal([UInt8])
    /// A ``ConsensusMessage`` without a body.
    case consensus([UInt8])
    case fetch(FetchRequest)
    case fetched(FetchAnswer)
    case leafHashes(LeafHashes)
    /// Hashes of public attachments of final statements that the sender holds and the receiver may want.
    case attachments([Digest])
    case range(RangeRequest)
    case ranged(RangeAnswer)
    case beat(Beat)

    /// The number that opens each message. Numbers are only added.
    public enum Kind: UInt64, Sendable, CaseIterable {
        case hello = 1, statements, proposal, consensus, attachments, fetch, fetched, leafHashes, range, ranged, beat
    }

    /// How many of each, and how large.
    public enum Bounds {
        public static let softwareBytes = 64
        public static let statements = 4_096
        /// One frame, less the heads around the block.
        public static let proposalBytes = Wire.frameBytes - 64
        /// A page of certificates, and the one with which it overflows.
        public static let consensusBytes = 128 << 10
        public static let fetchItems = 4_096
        public static let leafHashes = 4_096
        public static let attachments = 4_096
        public static let rangeBlocks: UInt64 = 4_096
    }

    public var kind: Kind {
        switch self {
        case .hello: .hello
        case .statements: .statements
        case .proposal: .proposal
        case .consensus: .consensus
        case .attachments: .attachments
        case .fetch: .fetch
        case .fetched: .fetched
        case .leafHashes: .leafHashes
        case .range: .range
        case .ranged: .ranged
        case .beat: .beat
        }
    }
}

/// The first message on a connection, from both sides.
public struct Hello: Hashable, Sendable {
    /// Name and version of the program, for people; at most ``WireMessage/Bounds/softwareBytes`` bytes.
    public let software: String
    /// Height of the last final block.
    public let height: UInt64
    /// Its id.
    public let tip: Digest
    /// The sender's clock, milliseconds since 1970: who is far off is told so.
    public let time: UInt64

    public init(software: String, height: UInt64, tip: Digest, time: UInt64) {
        self.software = software
        self.height = height
        self.tip = tip
        self.time = time
    }
}

/// Says that the sender is alive, where it is, and what time it is there.
public struct Beat: Hashable, Sendable {
    public let height: UInt64
    /// Consensus' current view; 0 for an observer.
    public let view: UInt64
    /// Milliseconds since 1970.
    public let time: UInt64

    public init(height: UInt64, view: UInt64, time: UInt64) {
        self.height = height
        self.view = view
        self.time = time
    }
}

/// The statements that wait at the sender, by leaf hash, so that the receiver finds what it missed.
public struct LeafHashes: Hashable, Sendable {
    /// True if the receiver should say what waits on its side.
    public let wantsAnswer: Bool
    /// At most ``WireMessage/Bounds/leafHashes``; each once.
    public let hashes: [Digest]

    public init(wantsAnswer: Bool, hashes: [Digest]) {
        self.wantsAnswer = wantsAnswer
        self.hashes = hashes
    }
}
