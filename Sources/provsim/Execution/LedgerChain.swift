import ProvChain

/// The real ledger over real statements, with a state database that it flushes to now and then. Blocks that are
/// not final are executed on top of each other, and some of them lead nowhere.
struct LedgerChain: Execution {
    private let registry: Registry
    private var ledger: Ledger
    private(set) var tip: Block
    private var applied: Set<UInt64> = []
    private var pending: [Digest: (block: Block, executed: ExecutedBlock)] = [:]
    private var database = FlushedState()
    /// Begun and not written yet: a crash loses it.
    private var writing: StateFlush?

    private static let entriesPerBlock = 16
    private static let heightsPerFlush: UInt64 = 5
    /// Small buckets, so that the tree grows within a run, and differs from those of machines that never restarted.
    private static let limits = StateTreeLimits(bucketLeaves: 2, minimumDepth: 2)

    init(_ registry: Registry) {
        self.registry = registry
        do throws(LedgerError) {
            let (ledger, block) = try Ledger.start(registry.file)
            self.ledger = ledger
            tip = Block(header: block.header, body: [])
        } catch {
            preconditionFailure("a chain that does not start: \(error)")
        }
    }

    var epochStart: UInt64 { ledger.tip.epochStart }
    var epochLength: UInt64 { ledger.tip.epoch.parameters.epochLengthMilliseconds }

    func hasApplied(_ id: UInt64) -> Bool { applied.contains(id) }

    var flushedHeight: UInt64 { database.checkpoint?.tip.header.height ?? 0 }

    /// The blocks from the tip's child to this one, if all of them were executed here.
    private func branch(to block: Digest) -> [ExecutedBlock]? {
        var branch: [ExecutedBlock] = []
        var cursor = block
        while cursor != ledger.tip.blockID {
            guard let held = pending[cursor] else { return nil }
            branch.append(held.executed)
            cursor = held.block.header.parent
        }
        return branch.reversed()
    }

    mutating func execute(_ block: Block) -> Bool? {
        guard let branch = branch(to: block.header.parent) else { return nil }
        do throws(LedgerError) {
            let executed = try ledger.execute(
                block.header, statements: block.body.map { registry.statement($0.id) }, on: branch, source: database)
            pending[block.header.id] = (block, executed)
            return true
        } catch {
            if case .storage(let reason) = error { preconditionFailure("a state that cannot be read: \(reason)") }
            return false
        }
    }

    /// A statement that a pending block holds is left out, not refused: that block may lead nowhere.
    mutating func assemble(
        on parent: Digest, from pool: [Entry], now: UInt64, view: UInt64, proposer: UInt64
    ) -> Assembled? {
        guard let branch = branch(to: parent) else { return nil }
        var held: Set<UInt64> = []
        for block in branch { held.formUnion(pending[block.header.id]?.block.body.map(\.id) ?? []) }
        let candidates = pool.filter { !held.contains($0.id) }.prefix(Self.entriesPerBlock)
        guard
            let assembly = try? ledger.assemble(
                candidates.map { registry.statement($0.id) }, on: branch, now: now, view: view, proposer: proposer,
                source: database)
        else { return nil }
        let applied = Set(assembly.block.execution.applied.map(\.statement.id))
        let block = Block(
            header: assembly.block.header, body: candidates.filter { applied.contains(registry.statement($0.id).id) })
        pending[block.header.id] = (block, assembly.block)
        let refused = Set(assembly.refused.map(\.statement))
        return Assembled(
            block: block,
            refused: Set(candidates.map(\.id).filter { refused.contains(registry.statement($0).id) }))
    }

    mutating func empty(on parent: Digest, time: UInt64, view: UInt64, proposer: UInt64) -> BlockHeader? {
        guard let branch = branch(to: parent) else { return nil }
        return try? ledger.assemble([], on: branch, now: time, view: view, proposer: proposer, source: database)
            .block.header
    }

    @discardableResult
    mutating func commit(_ block: Block) -> Int {
        if pending[block.header.id] == nil {
            precondition(execute(block) == true, "height \(block.header.height) of the log does not execute")
        }
        guard let executed = pending[block.header.id]?.executed else { preconditionFailure("it was just executed") }
        do throws(LedgerError) {
            try ledger.commit(executed)
        } catch {
            preconditionFailure("height \(block.header.height): \(error)")
        }
        tip = block
        applied.formUnion(block.body.map(\.id))
        let before = pending.count
        let isOwn = pending.removeValue(forKey: block.header.id) != nil
        pending = pending.filter { $0.value.block.header.height > block.header.height }
        flush()
        return before - pending.count - (isOwn ? 1 : 0)
    }

    /// A flush spans a block, so that others are executed and committed while it is under way.
    private mutating func flush() {
        if let flush = writing {
            database.apply(flush)
            ledger.confirmFlush()
            writing = nil
        } else if tip.header.height % Self.heightsPerFlush == 0 {
            writing = ledger.beginFlush()
        }
    }

    /// From the state as it was last flushed, and the log above it.
    func restarted(with log: [Block]) -> any Execution {
        var again = LedgerChain(registry)
        var height: UInt64 = 0
        if let checkpoint = database.checkpoint {
            do throws(LedgerError) {
                again.ledger = try Ledger(
                    registry.file, resuming: checkpoint, estimate: database.count, limits: Self.limits, source: database
                )
            } catch {
                preconditionFailure("a state that does not resume: \(error)")
            }
            again.database = database
            height = checkpoint.tip.header.height
        }
        for block in log where block.header.height <= height {
            for entry in block.body {
                again.ledger.remember(registry.statement(entry.id))
                again.applied.insert(entry.id)
            }
            again.tip = block
        }
        for block in log where block.header.height > height { again.commit(block) }
        return again
    }
}

/// A state database in memory.
struct FlushedState: StateSource {
    private var records: [Digest: StoredRecord] = [:]
    /// Ascending.
    private var leaves: [StateLeaf] = []
    private(set) var checkpoint: StateCheckpoint?

    var count: Int { records.count }

    mutating func apply(_ flush: StateFlush) {
        leaves.removeAll { flush.records[$0.key] != nil }
        for (key, record) in flush.records {
            records[key] = record
            leaves.append(StateLeaf(key: key, recordHash: SHA256.hash(record.cbor)))
        }
        leaves.sort { $0.key < $1.key }
        checkpoint = flush.checkpoint
    }

    func storedRecord(_ key: Digest) throws -> StoredRecord? { records[key] }

    func leaves(under prefix: StatePrefix) throws(MerkleError) -> [StateLeaf] {
        let keys = prefix.keys
        var (low, high) = (0, leaves.count)
        while low < high {
            let middle = (low + high) / 2
            if leaves[middle].key < keys.lowerBound { low = middle + 1 } else { high = middle }
        }
        return Array(leaves[low...].prefix { $0.key <= keys.upperBound })
    }
}
