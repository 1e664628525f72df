/// The moments that the current view counts from.
struct ViewClock: Sendable {
    var entered = Instant(milliseconds: 0)
    /// When the timers were armed; `nil` while the chain idles.
    var armed: Instant?
    /// When a finalization came last.
    var lastFinal = Instant(milliseconds: 0)
    /// When everything was last sent again.
    var lastRetry = Instant(milliseconds: 0)
    /// The leader was silent for so long that it is not waited for.
    var isGivenUp = false
}
