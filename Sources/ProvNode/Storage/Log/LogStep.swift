/// Every place of the log at which a crash leaves the disk in a state of its own: each is a failpoint, and
/// a test can look at the disk there.
enum LogStep: String, CaseIterable, Sendable {
    case appendBeforeWrite = "log.append.before-write"
    case appendHalfWritten = "log.append.half-written"
    case appendBeforeSync = "log.append.before-sync"
    case appendAfterSync = "log.append.after-sync"
    case appendMidTiles = "log.append.mid-tiles"
    case appendAfterTiles = "log.append.after-tiles"
    case segmentCreated = "log.segment.created"
    case tileBeforeRename = "log.tile.before-rename"
    case tileAfterRename = "log.tile.after-rename"
    case settleBeforeSync = "log.settle.before-sync"
    case settleMidSync = "log.settle.mid-sync"
    case settleBeforeReplace = "log.settle.before-replace"
    case settleAfterReplace = "log.settle.after-replace"
    case settleMidDelete = "log.settle.mid-delete"
    case openBeforeReplay = "log.open.before-replay"
    case openAfterReplay = "log.open.after-replay"
}

/// Watches the steps in tests. An error number in return makes the system call that follows fail with it.
typealias LogProbe = @Sendable (LogStep) -> Int32?

/// Where the steps are announced: to the failpoints always, to a test's probe if there is one.
struct LogSteps: Sendable {
    private let probe: LogProbe?

    init(_ probe: LogProbe? = nil) { self.probe = probe }

    /// Announces a step after which no failure is simulated.
    func reach(_ step: LogStep) {
        Failpoint.hit(step.rawValue)
        _ = probe?(step)
    }

    /// Announces a step; the number with which the next system call is to fail, if a test wants that.
    func failure(at step: LogStep) -> Int32? {
        Failpoint.hit(step.rawValue)
        return probe?(step)
    }

    /// True if somebody wants to see this step, so that a write must be cut in two there.
    func watches(_ step: LogStep) -> Bool { probe != nil || Failpoint.isArmed(step.rawValue) }
}
