/// The identifiers of statements that were applied and have not expired: what makes a replay visible.
///
/// The set is a function of the log: a statement whose expiry lies after the latest block's time was applied
/// at most one maximum lifetime ago, so a node rebuilds the set from that much of the log.
public struct RecentStatements: Sendable {
    private var identifiers: Set<Digest> = []
    private var byExpiry: [UInt64: [Digest]] = [:]

    public init() {}

    public var count: Int { identifiers.count }

    public func contains(_ statement: Digest) -> Bool { identifiers.contains(statement) }

    /// Remembers an applied statement until its expiry (Unix seconds).
    public mutating func insert(_ statement: Digest, expiry: UInt64) {
        identifiers.insert(statement)
        byExpiry[expiry, default: []].append(statement)
    }

    /// Forgets what can no longer be valid in a block of this time (milliseconds) or later.
    public mutating func expire(at time: UInt64) {
        for (expiry, statements) in byExpiry where expiry * 1_000 <= time {
            identifiers.subtract(statements)
            byExpiry[expiry] = nil
        }
    }
}
