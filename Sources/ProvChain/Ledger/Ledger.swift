/// Where the ledger reads what it does not hold in memory: records and leaves of the tree as of the last flush.
public protocol StateSource: RecordSource, StateLeafSource {}

/// The chain as one node knows it: the tip, the state after it, and the rules that lead from one block to
/// the next.
///
/// A value without input or output. Blocks are *assembled* (as a proposer) or *executed* (as everybody else)
/// on top of the tip, or of executed blocks above it, which changes nothing, and *committed* once they are
/// final and durable in the log. So several branches can be pending at once.
/// Changes wait in memory until they are flushed; a restart executes again what was not.
public struct Ledger: Sendable {
    public let genesis: Genesis
    public let chain: Digest
    public private(set) var tip: Tip
    private var tree: StateTree
    private var recent = RecentStatements()
    private var issuers = IssuerMemory()
    /// Records changed since the last flush began.
    private var changed = ChangedRecords()
    /// Records that are being flushed.
    private var flushing = ChangedRecords()

    /// A ledger that stands right after block 0, with the block, whose leaves the log must hold first.
    public static func start(_ file: GenesisFile) throws(LedgerError) -> (ledger: Ledger, block: ExecutedBlock) {
        let (header, execution) = file.block
        var ledger = Ledger(
            genesis: file.genesis, tip: Tip(beforeBlock: header, epoch: file.genesis.firstEpoch), tree: StateTree())
        let block = try ledger.finish(execution, on: ledger.tip, header: header, source: EmptyState())
        try ledger.commit(block)
        return (ledger, block)
    }

    /// A ledger that stands where a state database was last flushed. The recent statements of the log must be
    /// remembered (``remember(_:)``) before a block is executed.
    ///
    /// Reads every leaf that is stored; throws if they are not what the tip's state root commits to.
    ///
    /// - Parameter estimate: about how many records are stored.
    public init(
        _ file: GenesisFile, resuming checkpoint: StateCheckpoint, estimate: Int = 0,
        limits: StateTreeLimits = StateTreeLimits(), source: some StateSource
    ) throws(LedgerError) {
        let tree: StateTree
        do throws(MerkleError) {
            tree = try StateTree(
                root: checkpoint.tip.header.stateRoot, estimate: estimate, limits: limits, source: source)
        } catch {
            throw .storage("\(error)")
        }
        self.init(genesis: file.genesis, tip: checkpoint.tip, tree: tree)
    }

    private init(genesis: Genesis, tip: Tip, tree: StateTree) {
        self.genesis = genesis
        chain = genesis.chain
        self.tip = tip
        self.tree = tree
    }

    /// Takes a statement of the log back into the set that refuses replays.
    public mutating func remember(_ statement: Statement) {
        guard statement.claims.expiry * 1_000 > tip.header.time else { return }
        recent.insert(statement.id, expiry: statement.claims.expiry)
    }

    // MARK: Blocks

    /// What a proposer made of the statements at hand.
    public struct Assembly: Sendable {
        public let block: ExecutedBlock
        /// Statements that can never be applied as they are.
        public let refused: [(statement: Digest, refusal: Refusal)]
        /// Statements that found no room.
        public let postponed: [Digest]
    }

    /// Builds the next block from statements whose signatures were verified, in the order given.
    ///
    /// - Parameters:
    ///   - pending: executed and not yet committed, from the tip's child to the new block's parent.
    ///   - now: milliseconds since 1970; the block's time is at least 1 ms after its parent's.
    public mutating func assemble(
        _ candidates: [Statement], on pending: [ExecutedBlock] = [], now: UInt64, view: UInt64, proposer: UInt64,
        source: some StateSource
    ) throws(LedgerError) -> Assembly {
        let parent = try tip(after: pending)
        let time = max(now, parent.header.time + 1)
        var execution = BlockExecution(
            chain: chain, height: parent.header.height + 1, time: time, parameters: parent.epoch.parameters,
            expecting: candidates.count)
        var refused: [(Digest, Refusal)] = []
        var postponed: [Digest] = []
        let records = BlockRecords(
            over: layers(over: source, pending: pending), expecting: candidates.count)
        for statement in candidates {
            if pending.contains(where: { $0.execution.hasApplied(statement.id) }) {
                refused.append((statement.id, Refusal(.replayed, ["statement": statement.id.hex])))
                continue
            }
            switch try outcome({ try execution.apply(statement, in: records, recent: recent, issuers: &issuers) }) {
            case .applied: break
            case .refused(let refusal): refused.append((statement.id, refusal))
            case .full: postponed.append(statement.id)
            }
        }
        execution.take(records)
        let block = try finish(
            execution, on: parent, pending: pending, header: nil, view: view, proposer: proposer, source: source)
        return Assembly(block: block, refused: refused, postponed: postponed)
    }

    /// Executes a block that somebody else made; throws unless every field of its header follows.
    ///
    /// - Parameter pending: executed and not yet committed, from the tip's child to the block's parent.
    public mutating func execute(
        _ header: BlockHeader, statements: [Statement], on pending: [ExecutedBlock] = [], source: some StateSource
    ) throws(LedgerError) -> ExecutedBlock {
        let parent = try tip(after: pending)
        guard header.height == parent.header.height + 1 else {
            throw .wrongHeight(found: header.height, expected: parent.header.height + 1)
        }
        guard header.time > parent.header.time else {
            throw .mismatch(height: header.height, field: "time")
        }
        var execution = BlockExecution(
            chain: chain, height: header.height, time: header.time, parameters: parent.epoch.parameters,
            expecting: statements.count)
        let records = BlockRecords(
            over: layers(over: source, pending: pending), expecting: statements.count)
        for statement in statements {
            if pending.contains(where: { $0.execution.hasApplied(statement.id) }) {
                throw .refusedStatement(
                    height: header.height, statement: statement.id,
                    Refusal(.replayed, ["statement": statement.id.hex]))
            }
            switch try outcome({ try execution.apply(statement, in: records, recent: recent, issuers: &issuers) }) {
            case .applied: break
            case .refused(let refusal):
                throw .refusedStatement(height: header.height, statement: statement.id, refusal)
            case .full: throw .blockTooLarge(height: header.height)
            }
        }
        execution.take(records)
        let block = try finish(
            execution, on: parent, pending: pending, header: nil, view: header.view, proposer: header.proposer,
            source: source)
        if let field = block.header.firstDifference(from: header) {
            throw .mismatch(height: header.height, field: field)
        }
        return block
    }

    /// True if these statements are the ones that the header commits to, in their order: what a peer sent as
    /// a block's body is checked before the block is judged by it.
    ///
    /// - Parameter pending: as in ``execute(_:statements:on:source:)``.
    public func isBody(
        _ leafHashes: [Digest], of header: BlockHeader, on pending: [ExecutedBlock] = []
    ) throws(LedgerError) -> Bool {
        var history = try tip(after: pending).history
        guard header.historySize == history.size + UInt64(leafHashes.count) else { return false }
        for leafHash in leafHashes { history.append(leafHash) }
        return history.root == header.historyRoot
    }

    /// Where the chain would stand if these blocks were final.
    public func tip(after pending: [ExecutedBlock]) throws(LedgerError) -> Tip {
        var tip = tip
        for block in pending {
            guard block.header.parent == tip.blockID else {
                throw .mismatch(height: block.header.height, field: "parent")
            }
            tip = tip.advanced(by: block)
        }
        return tip
    }

    /// Makes an executed block the tip. It must be durable in the log before anybody is told.
    public mutating func commit(_ block: ExecutedBlock) throws(LedgerError) {
        guard block.header.parent == tip.blockID || block.header.height == 0 else {
            throw .mismatch(height: block.header.height, field: "parent")
        }
        tree.commit(block.change)
        recent.expire(at: block.header.time)
        changed.formUnion(younger: block.execution.records)
        for applied in block.execution.applied {
            recent.insert(applied.statement.id, expiry: applied.statement.claims.expiry)
        }
        tip = tip.advanced(by: block)
    }

    private func layers<S: StateSource>(over source: S, pending: [ExecutedBlock] = []) -> LayeredRecords<S> {
        LayeredRecords(
            pending: pending.reversed().map(\.execution.records), changed: changed, flushing: flushing, source: source)
    }

    /// Runs one application; whatever it throws is a failure of the storage.
    private func outcome(_ apply: () throws -> BlockExecution.Outcome) throws(LedgerError) -> BlockExecution.Outcome {
        do {
            return try apply()
        } catch {
            throw .storage("\(error)")
        }
    }

    /// Computes the roots of an execution, and its header unless the block's (block 0's) is given.
    private mutating func finish(
        _ execution: BlockExecution, on tip: Tip, pending: [ExecutedBlock] = [], header given: BlockHeader?,
        view: UInt64 = 0, proposer: UInt64 = 0, source: some StateSource
    ) throws(LedgerError) -> ExecutedBlock {
        let leaves = execution.records.indices.map { execution.records.leaf(at: $0) }
        let change: StateChange
        do throws(MerkleError) {
            change = try tree.prepare(leaves, after: pending.map(\.change), source: source)
        } catch {
            throw .storage("\(error)")
        }
        var history = tip.history
        for applied in execution.applied { history.append(applied.statement.leafHash) }
        let next = tip.isBoundary(at: execution.time) ? tip.epoch.successor(boundary: tip.epochBoundary) : nil
        let header =
            given
            ?? BlockHeader(
                chain: chain, epoch: tip.epoch.number, height: execution.height, view: view, parent: tip.blockID,
                time: execution.time, proposer: proposer, historySize: history.size, historyRoot: history.root,
                stateRoot: change.newRoot, epochRecord: tip.epoch.hash, nextEpochRecord: next?.hash)
        precondition(header.stateRoot == change.newRoot, "block \(header.height): the state root is not its own")
        let leaf = header.leaf
        history.append(MerkleHash.leaf(leaf))
        return ExecutedBlock(header: header, headerLeaf: leaf, execution: execution, change: change, history: history)
    }

    // MARK: Reading

    /// The record under a URN after the tip, or `nil`.
    public func record(_ urn: URN, source: some StateSource) throws(LedgerError) -> StoredRecord? {
        do {
            return try layers(over: source).storedRecord(urn.stateKey)
        } catch {
            throw .storage("\(error)")
        }
    }

    /// Proves the presence or absence of the record under a URN against the tip's state root.
    public func prove(_ urn: URN, source: some StateSource) throws(LedgerError) -> StateProof {
        do throws(MerkleError) {
            return try tree.prove(urn.stateKey, source: source)
        } catch {
            throw .storage("\(error)")
        }
    }

    /// True if the statement was applied and has not expired.
    public func wasRecentlyApplied(_ statement: Digest) -> Bool { recent.contains(statement) }

    // MARK: Flushing

    /// What waits in memory, in records.
    public var unflushedRecords: Int { changed.count }

    /// Takes everything changed since the last flush, to be written in one transaction. It is read from memory
    /// until ``confirmFlush()``.
    public mutating func beginFlush() -> StateFlush {
        precondition(flushing.isEmpty, "a flush is under way")
        // About as much will gather again.
        (flushing, changed) = (changed, ChangedRecords(asMuchAs: changed))
        tree.beginFlush()
        return StateFlush(records: flushing, checkpoint: StateCheckpoint(tip: tip))
    }

    /// The flush is durable.
    public mutating func confirmFlush() {
        flushing = ChangedRecords()
        tree.confirmFlushed()
    }
}

/// One consistent step of the state database.
public struct StateFlush: Sendable {
    public let records: ChangedRecords
    public let checkpoint: StateCheckpoint
}

/// Records of pending blocks, over those changed in memory, over those being flushed, over the database's.
struct LayeredRecords<Source: StateSource>: RecordSource {
    /// The youngest block's first.
    let pending: [ChangedRecords]
    let changed: ChangedRecords
    let flushing: ChangedRecords
    let source: Source

    func storedRecord(_ key: Digest) throws -> StoredRecord? {
        for records in pending {
            if let record = records[key] { return record }
        }
        return try changed[key] ?? flushing[key] ?? source.storedRecord(key)
    }
}
