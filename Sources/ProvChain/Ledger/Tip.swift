/// Where the chain stands: the last block, and what the next one builds on.
public struct Tip: Hashable, Sendable, CBORCodable {
    public let header: BlockHeader
    public let blockID: Digest
    /// The history with the last block's header leaf: what its checkpoint covers.
    public let history: CompactTree
    /// The epoch of the last block; differs from ``epoch`` if that block closed it.
    public let headerEpoch: EpochRecord
    /// The epoch of the next block.
    public let epoch: EpochRecord
    /// Time at which that epoch began: its boundary block's, in milliseconds.
    public let epochStart: UInt64
    /// The block at which that epoch began; zero in epoch 0.
    public let epochBoundary: Digest

    /// The tip on which block 0 is put.
    init(beforeBlock header: BlockHeader, epoch: EpochRecord) {
        self.init(
            header: header, history: CompactTree(), headerEpoch: epoch, epoch: epoch, epochStart: header.time,
            epochBoundary: .zero)
    }

    private init(
        header: BlockHeader, history: CompactTree, headerEpoch: EpochRecord, epoch: EpochRecord, epochStart: UInt64,
        epochBoundary: Digest
    ) {
        self.header = header
        blockID = header.id
        self.history = history
        self.headerEpoch = headerEpoch
        self.epoch = epoch
        self.epochStart = epochStart
        self.epochBoundary = epochBoundary
    }

    /// True if a block of this time is the last of its epoch: the first one that reaches the epoch's length.
    public func isBoundary(at time: UInt64) -> Bool {
        time >= epochStart + epoch.parameters.epochLengthMilliseconds
    }

    func advanced(by block: ExecutedBlock) -> Tip {
        let header = block.header
        guard header.nextEpochRecord != nil else {
            return Tip(
                header: header, history: block.history, headerEpoch: epoch, epoch: epoch, epochStart: epochStart,
                epochBoundary: epochBoundary)
        }
        return Tip(
            header: header, history: block.history, headerEpoch: epoch,
            epoch: epoch.successor(boundary: epochBoundary), epochStart: header.time, epochBoundary: header.id)
    }

    public func encode(to writer: inout CBORWriter) {
        writer.array(6)
        writer.value(header)
        writer.value(history)
        writer.value(headerEpoch)
        writer.value(epoch)
        writer.uint(epochStart)
        writer.digest(epochBoundary)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 6)
        let header: BlockHeader = try reader.value()
        let history: CompactTree = try reader.value()
        let headerEpoch: EpochRecord = try reader.value()
        let epoch: EpochRecord = try reader.value()
        // A block time, as the header's.
        let start = try reader.uint(atMost: Limits.exactInteger)
        self.init(
            header: header, history: history, headerEpoch: headerEpoch, epoch: epoch, epochStart: start,
            epochBoundary: try reader.digest())
    }
}

/// The height at which a state database stands, with everything a ledger needs to go on from there.
public struct StateCheckpoint: Hashable, Sendable, CBORCodable {
    public let tip: Tip

    public init(tip: Tip) { self.tip = tip }

    public func encode(to writer: inout CBORWriter) { writer.value(tip) }

    public init(from reader: inout CBORReader) throws(CBORError) { tip = try reader.value() }
}
