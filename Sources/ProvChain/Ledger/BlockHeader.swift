/// What validators agree on: where the chain stands after a block.
///
/// The header is itself the next leaf of the history, right after the block's statements, so that one
/// standard log proof also anchors the block's time, state root and validators.
public struct BlockHeader: Hashable, Sendable, CBORCodable {
    public let chain: Digest
    public let epoch: UInt64
    public let height: UInt64
    /// The view in which the block was proposed.
    public let view: UInt64
    /// The parent's block id; zero for block 0.
    public let parent: Digest
    /// Milliseconds since 1970, greater than the parent's.
    public let time: UInt64
    /// Index of the proposing validator.
    public let proposer: UInt64
    /// Leaves of the history after this block's statements, the header's own leaf not counted.
    public let historySize: UInt64
    /// Root of the history of that size.
    public let historyRoot: Digest
    /// Root of the state tree after this block.
    public let stateRoot: Digest
    /// Hash of the record of this epoch.
    public let epochRecord: Digest
    /// Hash of the record of the next epoch, in an epoch's last block only.
    public let nextEpochRecord: Digest?

    public init(
        chain: Digest, epoch: UInt64, height: UInt64, view: UInt64, parent: Digest, time: UInt64, proposer: UInt64,
        historySize: UInt64, historyRoot: Digest, stateRoot: Digest, epochRecord: Digest, nextEpochRecord: Digest?
    ) {
        self.chain = chain
        self.epoch = epoch
        self.height = height
        self.view = view
        self.parent = parent
        self.time = time
        self.proposer = proposer
        self.historySize = historySize
        self.historyRoot = historyRoot
        self.stateRoot = stateRoot
        self.epochRecord = epochRecord
        self.nextEpochRecord = nextEpochRecord
    }

    public static let formatVersion: UInt64 = 1

    /// The CBOR tag of a header leaf ("prov"), which tells it from a statement's tag 18.
    public static let tag: UInt64 = 0x7072_6f76

    /// No header is longer than this many bytes.
    public static let maximumBytes = 512

    /// SHA-256 of CBOR `[tag, header]`.
    public var id: Digest { DomainTag.header.hash(1) { $0.value(self) } }

    /// The leaf that stands for the block in the history: the tagged header.
    public var leaf: [UInt8] {
        var writer = CBORWriter(reserving: BlockHeader.maximumBytes)
        writer.tag(BlockHeader.tag)
        writer.value(self)
        return writer.bytes
    }

    public init(leaf: [UInt8]) throws(CBORError) {
        var reader = CBORReader(leaf)
        try reader.tag(BlockHeader.tag)
        try self.init(from: &reader)
        try reader.finish()
    }

    /// The index of the header's own leaf.
    public var leafIndex: UInt64 { historySize }

    /// The size of the checkpoint that covers the block: its header leaf included.
    public var checkpointSize: UInt64 { historySize + 1 }

    public func encode(to writer: inout CBORWriter) {
        writer.map(nextEpochRecord == nil ? 12 : 13)
        writer.uint(1)
        writer.uint(Self.formatVersion)
        writer.uint(2)
        writer.digest(chain)
        for (key, value) in [(3, epoch), (4, height), (5, view)] as [(UInt64, UInt64)] {
            writer.uint(key)
            writer.uint(value)
        }
        writer.uint(6)
        writer.digest(parent)
        for (key, value) in [(7, time), (8, proposer), (9, historySize)] as [(UInt64, UInt64)] {
            writer.uint(key)
            writer.uint(value)
        }
        for (key, value) in [(10, historyRoot), (11, stateRoot), (12, epochRecord)] as [(UInt64, Digest)] {
            writer.uint(key)
            writer.digest(value)
        }
        if let nextEpochRecord {
            writer.uint(13)
            writer.digest(nextEpochRecord)
        }
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        var map = try CBORMapReader(&reader)
        try map.version(Self.formatVersion, &reader)
        try map.key(2, &reader)
        chain = try reader.digest()
        try map.key(3, &reader)
        epoch = try reader.uint()
        try map.key(4, &reader)
        height = try reader.uint()
        try map.key(5, &reader)
        view = try reader.uint()
        try map.key(6, &reader)
        parent = try reader.digest()
        try map.key(7, &reader)
        time = try reader.uint(atMost: Limits.exactInteger)
        try map.key(8, &reader)
        proposer = try reader.uint(atMost: UInt64(Limits.validators - 1))
        try map.key(9, &reader)
        historySize = try reader.uint(atMost: HistoryTree.maximumSize - 1)
        try map.key(10, &reader)
        historyRoot = try reader.digest()
        try map.key(11, &reader)
        stateRoot = try reader.digest()
        try map.key(12, &reader)
        epochRecord = try reader.digest()
        nextEpochRecord = try map.optionalKey(13, &reader) ? try reader.digest() : nil
        try map.finish(reader)
    }
}
