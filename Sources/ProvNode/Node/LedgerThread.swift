import Dispatch

/// The one thread on which the ledger lives. Reading the state and waiting for the disk block it, and nothing
/// else: the cooperative pool has as many threads as cores, and two blocking calls would stall all of it.
final class LedgerThread: SerialExecutor {
    private let queue = DispatchQueue(label: "provnode.ledger", qos: .userInitiated)

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }

    func asUnownedSerialExecutor() -> UnownedSerialExecutor { UnownedSerialExecutor(ordinary: self) }
}

/// A thread of its own for work that blocks, in the order in which it was given.
///
/// The index lives on one: a read that is queued behind the writes of all final blocks sees all of them.
final class BlockingQueue: Sendable {
    private let queue: DispatchQueue

    init(_ label: String) { queue = DispatchQueue(label: label, qos: .utility) }

    /// Runs `work` after everything queued before it.
    func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: work)) }
        }
    }

    /// Queues `work` and returns at once.
    func start(_ work: @escaping @Sendable () -> Void) { queue.async(execute: work) }
}
