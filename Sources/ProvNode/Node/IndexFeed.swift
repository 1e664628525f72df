import ProvChain
import Synchronization

/// Final blocks on their way into the index. Whatever waits when the index's thread comes to it is written in
/// one transaction, so the index gets faster as it falls behind.
final class IndexFeed: Sendable {
    /// Statements that may wait. Beyond them the ledger waits for the index, which bounds the memory.
    static let maximumWaiting = 10_000
    /// Statements in one transaction, so that a read behind it does not wait for long.
    private static let transactionStatements = 8_192

    private struct State {
        var blocks: [ExecutedBlock] = []
        var statements = 0
    }

    private let index: IndexDatabase
    private let attachments: AttachmentStore
    private let waiting = Mutex(State())

    /// Called on the index's thread after the index has grown.
    private let onGrowth: @Sendable () -> Void

    init(index: IndexDatabase, attachments: AttachmentStore, onGrowth: @escaping @Sendable () -> Void = {}) {
        self.index = index
        self.attachments = attachments
        self.onGrowth = onGrowth
    }

    func add(_ block: ExecutedBlock) {
        waiting.withLock { state in
            state.blocks.append(block)
            state.statements += block.execution.applied.count
        }
    }

    var isFull: Bool { waiting.withLock { $0.statements > Self.maximumWaiting } }

    /// Writes everything that waits. Called on the index's thread only.
    func drain() throws {
        while true {
            let blocks = take()
            if blocks.isEmpty { return }
            try index.apply(blocks) { [attachments] hash in try? attachments.getPublic(hash) }
            onGrowth()
        }
    }

    private func take() -> [ExecutedBlock] {
        waiting.withLock { state in
            var (count, statements) = (0, 0)
            for block in state.blocks where count == 0 || statements < Self.transactionStatements {
                count += 1
                statements += block.execution.applied.count
            }
            let blocks = Array(state.blocks.prefix(count))
            state.blocks.removeFirst(count)
            state.statements -= statements
            return blocks
        }
    }
}
