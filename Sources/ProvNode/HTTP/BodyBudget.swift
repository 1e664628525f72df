import Synchronization

/// The memory that all request bodies share.
///
/// Each body is counted before it is read: by its declared length, or by the most it may be if it declares none.
/// What does not fit is refused at once, because a queue of large bodies is the same memory under another name.
final class BodyBudget: Sendable {
    private let limit: Int
    private let reserved = Mutex(0)

    init(limit: Int = RequestLimits.bodiesInFlightBytes) {
        precondition(limit > 0, "a budget of \(limit) bytes for request bodies")
        self.limit = limit
    }

    /// Runs `body` while `bytes` are set aside.
    ///
    /// - Throws: ``Problem/busy`` if they do not fit, and what `body` throws.
    func reserving<Value>(_ bytes: Int, _ body: () async throws -> Value) async throws -> Value {
        precondition(bytes >= 0, "a body of \(bytes) bytes")
        let fits = reserved.withLock { reserved in
            guard bytes <= limit - reserved else { return false }
            reserved += bytes
            return true
        }
        guard fits else { throw Problem.busy }
        defer {
            reserved.withLock { reserved in
                reserved -= bytes
                precondition(reserved >= 0, "more bytes of bodies released than reserved")
            }
        }
        return try await body()
    }
}
