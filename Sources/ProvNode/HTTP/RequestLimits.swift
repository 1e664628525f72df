/// The bounds that protect the HTTP surface from clients that are slow, many or large.
///
/// With these, all connections together hold at most `connections` sockets, ``bodiesInFlightBytes`` of request
/// bodies, and no exchange outlives ``exchangeSeconds``.
enum RequestLimits {
    /// Open connections; more wait in the kernel's queue. Those accepted in one batch may exceed it by a few.
    static let connections = 1_024
    /// Connections that wait to be accepted.
    static let backlog = 256
    /// Seconds without a request: also the time a client has to send a whole request head.
    static let idleSeconds = 30
    /// Seconds from a request's head until its answer is in the client's hands. Above
    /// ``NodeLimits/finalWaitSeconds`` plus the time that 8 MiB take over a slow line.
    static let exchangeSeconds = 120
    /// Seconds for which a reader of events may take nothing while there is something to take.
    static let stallSeconds = 30
    /// Seconds that requests under way get to finish once the node shuts down.
    static let drainSeconds = 10
    static let headerFieldBytes = 8 << 10
    static let headerBytes = 16 << 10
    static let headerFields = 64
    /// Bytes of the request target: path and query.
    static let targetBytes = 4 << 10
    /// Bytes of request bodies held at the same time, over all connections.
    static let bodiesInFlightBytes = 128 << 20
    /// What `Retry-After` says when the node is busy or not ready.
    static let retryAfterSeconds = 1
}
