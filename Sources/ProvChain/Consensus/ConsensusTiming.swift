/// A moment on a clock of this process that never goes back, in milliseconds. Only differences mean anything.
public struct Instant: Hashable, Comparable, Sendable {
    public let milliseconds: UInt64

    public init(milliseconds: UInt64) { self.milliseconds = milliseconds }

    public static func < (a: Instant, b: Instant) -> Bool { a.milliseconds < b.milliseconds }

    public func advanced(by milliseconds: UInt64) -> Instant {
        let (sum, overflow) = self.milliseconds.addingReportingOverflow(milliseconds)
        return Instant(milliseconds: overflow ? .max : sum)
    }
}

/// How long consensus waits for what. Everything is a bound on patience; nothing is needed for safety.
public struct ConsensusTiming: Hashable, Sendable {
    /// Milliseconds that a message and the work on it usually take: the Δ of the paper.
    public var delta: UInt64 = 300
    /// An idle chain makes an empty block this often.
    public var idleInterval: UInt64 = 10_000

    public init(delta: UInt64 = 300, idleInterval: UInt64 = 10_000) {
        precondition(delta > 0 && idleInterval > 0, "a timer of nothing")
        self.delta = delta
        self.idleInterval = idleInterval
    }

    /// No view waits longer than this: after an outage of any length the next view is at most this far off.
    public static let longestWait: UInt64 = 10_000
    /// Without a final block for this long, everything is sent again.
    public static let standstill: UInt64 = 10_000
    /// Between two rounds of sending again.
    public static let retryInterval: UInt64 = 2_000
    /// Most bytes of certificates in one round of sending again, one proposal, or one page of an answer.
    public static let pageBytes = 64 << 10
    /// Votes for views further ahead than this are not held: no quorum has shown that such a view exists.
    public static let viewsAhead: UInt64 = 16
    /// A leader is given up at once after this many armed views in which a quorum spoke and it did not…
    public static let silentViews = 4
    /// …and after this many times Δ without a word of it.
    public static let silentDeltas: UInt64 = 10
    /// More blocks than this over the last final one, and leaders propose only empty ones.
    public static let deepestPending: UInt64 = 16

    /// t_a of a view that `stalled` views separate from the last finality: 3Δ · 1.5^stalled, at most
    /// ``longestWait``.
    func advance(stalled: UInt64) -> UInt64 {
        var wait = min(3 * delta, Self.longestWait)
        for _ in 0..<min(stalled, 64) where wait < Self.longestWait { wait = min(wait * 3 / 2, Self.longestWait) }
        return wait
    }

    /// t_l: two thirds of t_a.
    func leader(stalled: UInt64) -> UInt64 { max(1, advance(stalled: stalled) * 2 / 3) }
}
