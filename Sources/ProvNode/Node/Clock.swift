import Glibc
import ProvChain

/// The wall clock. Nothing but a proposal's time comes from it, and how far a block's time may be ahead.
enum WallClock {
    /// Milliseconds since 1970.
    static func now() -> UInt64 { Clocks.milliseconds(CLOCK_REALTIME) }
}

/// The clock of all timers: it never goes back, and setting the wall clock does not touch it.
enum MonotonicClock {
    static func now() -> Instant { Instant(milliseconds: Clocks.milliseconds(CLOCK_MONOTONIC)) }
}

private enum Clocks {
    static func milliseconds(_ clock: clockid_t) -> UInt64 {
        var time = timespec()
        clock_gettime(clock, &time)
        return UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
    }
}
