import Synchronization

/// When the state was last flushed, and whether anything went wrong since.
struct FlushState {
    /// The state on disk may be this old, in milliseconds, while blocks are made.
    static let intervalMilliseconds: UInt64 = 500
    /// Records in memory that force a flush earlier.
    static let maximumRecords = 200_000

    var last: UInt64 = 0
    var isRunning = false
    let failures = FailureList()
}

/// Failures of background work, kept for the thread that has to stop because of them.
final class FailureList: Sendable {
    private let reasons = Mutex<[String]>([])

    func record(_ reason: String) { reasons.withLock { $0.append(reason) } }

    var first: String? { reasons.withLock { $0.first } }
}
