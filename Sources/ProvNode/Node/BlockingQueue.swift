import Dispatch

/// A thread of its own for work that blocks, in the order in which it was given.
///
/// The index is written on one: whoever waits for its queue has all blocks before them in the index.
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

    /// Queues `work` after so many milliseconds.
    func start(afterMilliseconds milliseconds: Int, _ work: @escaping @Sendable () -> Void) {
        queue.asyncAfter(deadline: .now() + .milliseconds(milliseconds), execute: work)
    }

    /// Blocks the calling thread until everything queued before is done.
    func wait() { queue.sync {} }
}
