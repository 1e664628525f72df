import Glibc

/// The wall clock. Nothing but a proposal's time and the timers come from it.
enum WallClock {
    /// Milliseconds since 1970.
    static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(time.tv_sec) * 1_000 + UInt64(time.tv_nsec) / 1_000_000
    }
}
