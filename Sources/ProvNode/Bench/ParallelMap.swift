import Dispatch

/// Computes values on all cores, for benchmarks that prepare much.
enum ParallelMap {
    /// `transform` of 0..<`count`, in order.
    static func run<T: Sendable>(_ count: Int, _ transform: @Sendable (Int) -> T) -> [T] {
        let results = Slots<T>(count)
        let threads = SystemCores.count
        DispatchQueue.concurrentPerform(iterations: threads) { thread in
            for place in stride(from: thread, to: count, by: threads) {
                results.set(transform(place), at: place)
            }
        }
        return results.values
    }

    /// Memory that threads fill, each its own places.
    private final class Slots<T>: @unchecked Sendable {
        // Safe to share: every place is written by one thread, and read after all of them have ended.
        private let memory: UnsafeMutableBufferPointer<T?>

        init(_ count: Int) {
            memory = .allocate(capacity: count)
            memory.initialize(repeating: nil)
        }

        deinit {
            memory.deinitialize()
            memory.deallocate()
        }

        func set(_ value: T, at place: Int) { memory[place] = value }

        var values: [T] { memory.compactMap(\.self) }
    }
}
