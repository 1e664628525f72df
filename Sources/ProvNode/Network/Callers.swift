import ProvChain

/// How often each peer called of late. Only identities that are welcome get here, so it stays small.
struct Callers {
    private var buckets: [IdentityKey: TokenBucket] = [:]

    /// False if it called more often than ``NetworkLimits/calls``. What is refused costs nothing more, or whoever called
    /// too often would never be let in again.
    mutating func mayCall(_ peer: IdentityKey, now: UInt64) -> Bool {
        var bucket = buckets[peer] ?? TokenBucket(NetworkLimits.calls, now: now)
        defer { buckets[peer] = bucket }
        guard bucket.take(0, now: now) == 0 else { return false }
        _ = bucket.take(1, now: now)
        return true
    }
}
