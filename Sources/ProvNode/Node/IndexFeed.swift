import ProvChain
import Synchronization

/// Final blocks on their way into the index.
///
/// Each transaction writes every page of the database that it changes, and two blocks change mostly the same pages or
/// at least the same upper ones. So blocks wait a moment for others; whoever asks the index something has them written
/// at once (``drain()`` on the index's queue).
final class IndexFeed: Sendable {
    /// Statements that may wait. Beyond them the ledger waits for the index, which bounds the memory.
    static let maximumWaiting = 6_000
    /// Statements for which nothing is gathered any longer.
    static let enough = 2_000
    /// For how long blocks wait for others.
    static let gatheringMilliseconds = 100
    /// Statements in one transaction, so that a read behind it does not wait for long.
    private static let transactionStatements = 4_096

    private struct State {
        var blocks: [ExecutedBlock] = []
        var statements = 0
        /// The latest block's record in the log, where that is not on the disk yet.
        var sync: BackgroundSync?
        var isScheduled = false
        var isHurried = false
    }

    /// What whoever adds a block has to do on the index's queue.
    enum Schedule {
        case nothing
        case drainLater
        case drainNow
    }

    private let index: IndexDatabase
    private let attachments: AttachmentStore
    private let failures: FailureList
    private let waiting = Mutex(State())

    /// Called on the index's thread after the index has grown.
    private let onGrowth: @Sendable () -> Void

    /// - Parameter failures: told when the index cannot be written, whoever wanted it written.
    init(
        index: IndexDatabase, attachments: AttachmentStore, failures: FailureList,
        onGrowth: @escaping @Sendable () -> Void = {}
    ) {
        self.index = index
        self.attachments = attachments
        self.failures = failures
        self.onGrowth = onGrowth
    }

    /// - Parameter sync: the wait for the block's record in the log; `nil` if it is durable.
    func add(_ block: ExecutedBlock, sync: BackgroundSync?) -> Schedule {
        waiting.withLock { state in
            state.blocks.append(block)
            state.statements += block.execution.applied.count
            state.sync = sync
            if state.statements >= Self.enough, !state.isHurried {
                state.isHurried = true
                return .drainNow
            }
            guard !state.isScheduled else { return .nothing }
            state.isScheduled = true
            return .drainLater
        }
    }

    var isFull: Bool { waiting.withLock { $0.statements > Self.maximumWaiting } }

    /// Writes everything that waits. Called on the index's thread only.
    ///
    /// A block gets here only after it is durable in the log: an index that knows blocks which the log lost to a power
    /// cut would say that the log lost what was acknowledged.
    func drain() throws {
        let (blocks, sync) = waiting.withLock { state in
            defer { state = State() }
            return (state.blocks, state.sync)
        }
        guard !blocks.isEmpty else { return }
        do {
            try sync?.wait()
            try apply(blocks)
        } catch {
            failures.record("\(error)")
            throw error
        }
        onGrowth()
    }

    private func apply(_ blocks: [ExecutedBlock]) throws {
        var rest = blocks[...]
        while !rest.isEmpty {
            var (count, statements) = (0, 0)
            for block in rest where count == 0 || statements < Self.transactionStatements {
                count += 1
                statements += block.execution.applied.count
            }
            try index.apply(Array(rest.prefix(count))) { [attachments] hash in try? attachments.getPublic(hash) }
            rest = rest.dropFirst(count)
        }
    }
}
