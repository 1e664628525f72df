import Dispatch
import Synchronization

/// A wait for the disk on another thread, for whoever goes on meanwhile and asks later how it ended.
final class BackgroundSync: Sendable {
    private let group = DispatchGroup()
    private let failure = Mutex<LogStoreError?>(nil)

    init(_ sync: CommitSync, on queue: BlockingQueue) {
        group.enter()
        queue.start { [self] in
            do throws(LogStoreError) {
                try sync.run()
            } catch {
                failure.withLock { $0 = error }
            }
            group.leave()
        }
    }

    /// Blocks the calling thread until it is over; throws what it threw.
    func wait() throws(LogStoreError) {
        group.wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }
}
