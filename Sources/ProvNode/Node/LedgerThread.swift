import Dispatch
import Synchronization

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

/// A few threads for reads that block. What waits is taken in order; no more than ``width`` run at a time,
/// however long they block.
final class ReadingThreads: Sendable {
    /// As many as the index has connections for reading.
    static let width = 4

    private struct State {
        var running = 0
        var jobs: [@Sendable () -> Void] = []
        var next = 0

        mutating func take() -> (@Sendable () -> Void)? {
            guard next < jobs.count else {
                jobs.removeAll(keepingCapacity: true)
                next = 0
                running -= 1
                return nil
            }
            let job = jobs[next]
            next += 1
            if next == Self.compaction {
                jobs.removeFirst(next)
                next = 0
            }
            return job
        }

        /// Jobs done after which the list is cut, so that it stays short while it is never empty.
        static let compaction = 1_024
    }

    private let queue: DispatchQueue
    private let state = Mutex(State())

    init(_ label: String) { queue = DispatchQueue(label: label, qos: .userInitiated, attributes: .concurrent) }

    func run<T: Sendable>(_ work: @escaping @Sendable () throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            let needsThread = state.withLock { state in
                state.jobs.append { continuation.resume(with: Result(catching: work)) }
                guard state.running < Self.width else { return false }
                state.running += 1
                return true
            }
            guard needsThread else { return }
            queue.async { [self] in
                while let job = state.withLock({ $0.take() }) { job() }
            }
        }
    }
}
