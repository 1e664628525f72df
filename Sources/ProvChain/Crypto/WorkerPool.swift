import Dispatch
import Synchronization

/// Threads that share the items of a batch among them.
///
/// Each worker is a serial queue. Every worker takes the next few items until none is left, so a slow worker
/// delays nobody; per item there is one fraction of an atomic addition and no lock. Batches are served in the
/// order in which they come.
public final class WorkerPool: Sendable {
    /// A pool has at most this many threads.
    public static let maximumWorkers = 256

    /// Items that a worker takes at a time, at most: some half a millisecond of signatures.
    static let maximumStep = 16

    /// Who goes first where there are more threads than cores.
    public enum Urgency: Sendable {
        /// Somebody waits for the results.
        case prompt
        /// Results are made ahead of need: whoever needs them is kept from its own work by nothing of this. A replay of
        /// blocks is bound by the one thread that executes; while prompt workers checked signatures for it, that thread
        /// had two thirds of a core of two, and afterwards the other core had nothing to do.
        case patient
    }

    public let workers: Int
    private let lanes: [DispatchQueue]
    private let nextLane = Atomic<Int>(0)

    /// `workers` threads, 1 to ``maximumWorkers``: as many as there are cores to be used.
    public init(_ name: String, workers: Int, _ urgency: Urgency = .prompt) {
        precondition((1...Self.maximumWorkers).contains(workers), "\(workers) workers")
        self.workers = workers
        let quality = urgency == .prompt ? DispatchQoS.userInitiated : .background
        lanes = (0..<workers).map { DispatchQueue(label: "\(name).\($0)", qos: quality) }
    }

    /// The results of `body` for 0 to `count` - 1, in that order. The calling thread is free meanwhile.
    public func map<T: Sendable>(count: Int, _ body: @escaping @Sendable (Int) -> T) async -> [T] {
        if count == 0 { return [] }
        return await withCheckedContinuation { continuation in
            start(count: count, body) { continuation.resume(returning: $0) }
        }
    }

    /// Calls `finish` once, on a worker's thread, when all results are there. `count` is at least 1.
    private func start<T: Sendable>(
        count: Int, _ body: @escaping @Sendable (Int) -> T, finish: @escaping @Sendable ([T]) -> Void
    ) {
        precondition(count > 0, "an empty batch has no last item to finish it")
        let needed = min(workers, count)
        let work = BatchInProgress(count: count, workers: needed, body, finish: finish)
        // Small batches start at different lanes, so that they do not all wait for the first.
        let first = nextLane.add(needed, ordering: .relaxed).oldValue
        for offset in 0..<needed {
            lanes[Int(UInt(bitPattern: first &+ offset) % UInt(workers))].async { work.run() }
        }
    }
}

/// A batch while workers are at it.
private final class BatchInProgress<T: Sendable>: @unchecked Sendable {
    // Safe to share: `next` hands out each index once, and whoever reads `results` has seen, by the last
    // decrement of `running`, everything that was written.
    private let body: @Sendable (Int) -> T
    private let results: UnsafeMutableBufferPointer<T>
    private let step: Int
    private let next = Atomic<Int>(0)
    private let running: Atomic<Int>
    private let finish: @Sendable ([T]) -> Void

    init(count: Int, workers: Int, _ body: @escaping @Sendable (Int) -> T, finish: @escaping @Sendable ([T]) -> Void) {
        self.body = body
        self.finish = finish
        results = .allocate(capacity: count)
        running = Atomic(workers)
        // A few turns for each worker even in a small batch, so that all end at about the same time.
        step = max(1, min(WorkerPool.maximumStep, count / (workers * 4)))
    }

    /// Every item was handed out and finished before the last reference goes.
    deinit {
        results.deinitialize()
        results.deallocate()
    }

    func run() {
        while true {
            let start = next.add(step, ordering: .relaxed).oldValue
            if start >= results.count { break }
            for index in start..<min(start + step, results.count) {
                results.initializeElement(at: index, to: body(index))
            }
        }
        if running.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { finish(Array(results)) }
    }
}
