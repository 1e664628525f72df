import ProvChain

/// A chain of hashes in the place of the ledger: execution is a function of the parent's header and the body.
/// An entry's id applies once. It costs next to nothing, so that many runs fit into a minute.
struct HashChain: Execution {
    private(set) var tip: Block
    private var applied: Set<UInt64> = []
    /// Executed on top of the tip, not final.
    private var pending: [Digest: Block] = [:]
    let epochLength: UInt64
    private(set) var epochStart: UInt64

    static let entriesPerBlock = 32

    static let genesis = BlockHeader(
        chain: Ballots.hashChain, epoch: 0, height: 0, view: 0, parent: .zero, time: 1_000_000, proposer: 0,
        historySize: 0, historyRoot: .zero, stateRoot: .zero, epochRecord: Ballots.hashRecord(0),
        nextEpochRecord: nil)

    init(epochLength: UInt64) {
        tip = Block(header: Self.genesis, body: [])
        self.epochLength = epochLength
        epochStart = Self.genesis.time
    }

    private func known(_ id: Digest) -> BlockHeader? { id == tip.header.id ? tip.header : pending[id]?.header }

    /// What a block with this body on this parent must look like.
    private func next(
        on parent: BlockHeader, body: [Entry], time: UInt64, view: UInt64, proposer: UInt64
    ) -> BlockHeader {
        let ends = parent.nextEpochRecord != nil
        let epoch = ends ? parent.epoch + 1 : parent.epoch
        let start = ends ? parent.time : epochStart
        var state = parent.stateRoot.bytes
        for entry in body { state += entry.leaf.bytes }
        return BlockHeader(
            chain: Ballots.hashChain, epoch: epoch, height: parent.height + 1, view: view, parent: parent.id,
            time: time,
            proposer: proposer, historySize: parent.historySize + UInt64(body.count) + 1,
            historyRoot: SHA256.hash(parent.historyRoot.bytes + body.flatMap { $0.leaf.bytes }),
            stateRoot: SHA256.hash(state), epochRecord: Ballots.hashRecord(epoch),
            nextEpochRecord: time >= start + epochLength ? Ballots.hashRecord(epoch + 1) : nil)
    }

    /// Ids of the blocks between the tip and a pending block, that block included.
    private func ids(through block: Digest) -> Set<UInt64>? {
        var ids: Set<UInt64> = []
        var cursor = block
        while cursor != tip.header.id {
            guard let held = pending[cursor] else { return nil }
            ids.formUnion(held.body.map(\.id))
            cursor = held.header.parent
        }
        return ids
    }

    /// `nil` if the parent is not executed here.
    mutating func execute(_ block: Block) -> Bool? {
        guard let parent = known(block.header.parent), var seen = ids(through: block.header.parent) else { return nil }
        seen.formUnion(applied)
        var isValid = block.body.count <= Self.entriesPerBlock && block.header.time > parent.time
        for entry in block.body where !seen.insert(entry.id).inserted { isValid = false }
        let expected = next(
            on: parent, body: block.body, time: block.header.time, view: block.header.view,
            proposer: block.header.proposer)
        if expected != block.header, !Planted.has(.executionNotCompared) { isValid = false }
        if isValid { pending[block.header.id] = block }
        return isValid
    }

    mutating func assemble(
        on parent: Digest, from pool: [Entry], now: UInt64, view: UInt64, proposer: UInt64
    ) -> Assembled? {
        guard let above = known(parent), var seen = ids(through: parent) else { return nil }
        seen.formUnion(applied)
        var body: [Entry] = []
        for entry in pool where body.count < Self.entriesPerBlock && seen.insert(entry.id).inserted {
            body.append(entry)
        }
        let made = next(
            on: above, body: body, time: max(now, above.time + 1), view: view, proposer: proposer)
        let block = Block(header: made, body: body)
        pending[made.id] = block
        return Assembled(block: block, refused: [])
    }

    func empty(on parent: Digest, time: UInt64, view: UInt64, proposer: UInt64) -> BlockHeader? {
        known(parent).map { next(on: $0, body: [], time: time, view: view, proposer: proposer) }
    }

    @discardableResult
    mutating func commit(_ block: Block) -> Int {
        precondition(block.header.parent == tip.header.id, "height \(block.header.height) does not follow")
        tip = block
        // Not with the next block: whoever has committed that one too must find the same epoch's end.
        if block.header.nextEpochRecord != nil { epochStart = block.header.time }
        applied.formUnion(block.body.map(\.id))
        let before = pending.count
        let isOwn = pending.removeValue(forKey: block.header.id) != nil
        pending = pending.filter { $0.value.header.height > block.header.height }
        return before - pending.count - (isOwn ? 1 : 0)
    }

    func hasApplied(_ id: UInt64) -> Bool { applied.contains(id) }

    /// It keeps no state but the log.
    var flushedHeight: UInt64 { 0 }

    func restarted(with log: [Block]) -> any Execution {
        var fresh = HashChain(epochLength: epochLength)
        for block in log { fresh.commit(block) }
        if Planted.has(.recentSetForgotten) { fresh.applied = [] }
        return fresh
    }
}
