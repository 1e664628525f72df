import Synchronization

/// When the state was last flushed, and whether anything went wrong since.
struct FlushState {
    /// The state on disk may be this old, in milliseconds, while blocks are made. What a restart executes again is
    /// some ten times less work than a flush of few records a time.
    static let intervalMilliseconds: UInt64 = 2_000
    /// Records in memory that force a flush earlier.
    static let maximumRecords = 150_000

    /// The same while a node catches up or executes its log again, and holds little else: the larger a flush, the
    /// fewer times each page of the database is written. Some 170 MiB.
    static let maximumRecordsCatchingUp = 400_000

    /// The log's files are settled with a flush after so many milliseconds…
    static let settlingMilliseconds: UInt64 = 30_000
    /// …or bytes of records.
    static let settledBytes = 8 << 20

    /// From one flush after which free memory goes back to the system to the next.
    static let trimMilliseconds: UInt64 = 10_000

    var last: UInt64 = 0
    var lastTrim: UInt64 = 0
    var lastSettling: UInt64 = 0
    var isRunning = false
    let failures = FailureList()
}

/// Failures of background work, kept for the thread that has to stop because of them.
final class FailureList: Sendable {
    private let reasons = Mutex<[String]>([])

    func record(_ reason: String) { reasons.withLock { $0.append(reason) } }

    var first: String? { reasons.withLock { $0.first } }
}
