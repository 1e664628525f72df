/// An allowance that refills with time: what is used beyond it is not refused, it is a debt, and who is in
/// debt waits until it is paid.
///
/// So a message is never lost to a limit. The node stops reading from the peer, and TCP tells the peer.
public struct TokenBucket: Hashable, Sendable {
    public struct Rate: Hashable, Sendable {
        /// Tokens that come in a second.
        public let perSecond: UInt64
        /// Tokens that a full bucket holds.
        public let burst: UInt64

        static let most: UInt64 = 1 << 40

        public init(perSecond: UInt64, burst: UInt64) {
            precondition(
                (1...Self.most).contains(perSecond) && (1...Self.most).contains(burst),
                "\(perSecond) per second, \(burst) at once")
            self.perSecond = perSecond
            self.burst = burst
        }
    }

    public let rate: Rate
    /// Thousandths of a token; below zero is a debt.
    private var level: Int64
    /// Milliseconds.
    private var last: UInt64

    /// Full at `now`, in milliseconds of a clock that does not go back.
    public init(_ rate: Rate, now: UInt64) {
        self.rate = rate
        level = Int64(rate.burst) * 1_000
        last = now
    }

    /// Takes tokens, and says in how many milliseconds the debt is paid: 0 if there is none.
    public mutating func take(_ tokens: Int, now: UInt64) -> UInt64 {
        refill(now)
        level -= Int64(clamping: min(tokens, Int(TokenBucket.largestDebt))) * 1_000
        level = max(level, -TokenBucket.largestDebt * 1_000)
        guard level < 0 else { return 0 }
        // A token per second is a thousandth of one per millisecond.
        let debt = UInt64(-level)
        return (debt + rate.perSecond - 1) / rate.perSecond
    }

    private mutating func refill(_ now: UInt64) {
        guard now > last else { return }
        // A bucket is full again long before the product overflows.
        let elapsed = min(now - last, UInt64(1) << 31)
        let (gain, overflow) = elapsed.multipliedReportingOverflow(by: rate.perSecond)
        let full = Int64(rate.burst) * 1_000
        level =
            overflow || gain > UInt64(2 * full) + UInt64(Self.largestDebt) * 1_000
            ? full : min(full, level + Int64(gain))
        last = now
    }

    /// Tokens; no message costs more.
    private static let largestDebt: Int64 = 1 << 40
}
