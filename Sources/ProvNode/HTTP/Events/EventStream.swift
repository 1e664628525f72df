import NIOCore
import ProvChain
import ServiceLifecycle

/// Which events a subscriber wants to have.
struct EventFilter: Sendable {
    /// Only statements that this party issued or that are about it.
    var party: Digest?
    /// Only statements about this.
    var subject: URN?

    /// The event with what fits; `nil` if nothing does. Without a filter, blocks without statements are events, too.
    func apply(to event: BlockEventView) -> BlockEventView? {
        guard party != nil || subject != nil else { return event }
        let party = party.map { URN.party($0).description }
        let subject = subject?.description
        var event = event
        event.statements.removeAll { entry in
            !(party == nil || entry.issuer == party || entry.subject == party)
                || !(subject == nil || entry.subject == subject)
        }
        return event.statements.isEmpty ? nil : event
    }
}

/// One subscriber's stream of server-sent events (WHATWG HTML, "Server-sent events"): an event per final block,
/// whose id is the block's height.
struct EventStream: Sendable {
    static let contentType = "text/event-stream"
    /// Seconds after which a silent stream says that it lives: proxies close connections that are silent for long.
    static let keepAliveSeconds = 15
    /// Milliseconds that a client should wait before it comes back.
    static let retryMilliseconds = 2_000
    /// Blocks without a fitting statement after which the reader is told how far the search is.
    private static let silentBlocks = 1_000

    let subscription: EventFeed.Subscription
    let filter: EventFilter
    /// The first block to tell of.
    let start: UInt64
    let keepAlive: Duration
    let event: @Sendable (UInt64) async throws -> BlockEventView?

    init(
        _ subscription: EventFeed.Subscription, filter: EventFilter, start: UInt64,
        keepAlive: Duration = .seconds(EventStream.keepAliveSeconds),
        event: @escaping @Sendable (UInt64) async throws -> BlockEventView?
    ) {
        self.subscription = subscription
        self.filter = filter
        self.start = start
        self.keepAlive = keepAlive
        self.event = event
    }

    /// Runs until the node stops or `write` fails, because the reader is gone or takes nothing any more.
    func run(write: (ByteBuffer) async throws -> Void) async throws {
        try await write(ByteBuffer(string: "retry: \(Self.retryMilliseconds)\n\n"))
        let ticker = Task { [weak subscription, keepAlive] in
            while !Task.isCancelled {
                try await Task.sleep(for: keepAlive)
                subscription?.nudge()
            }
        }
        defer { ticker.cancel() }
        var next = start
        for await _ in subscription.signals.cancelOnGracefulShutdown() {
            var silent = 0
            while next <= subscription.height, let found = try await event(next) {
                if let fitting = filter.apply(to: found) {
                    try await write(Self.text(fitting))
                    silent = -1
                } else if silent >= Self.silentBlocks {
                    try await write(Self.position(next))
                    silent = 0
                }
                silent = silent < 0 ? silent : silent + 1
                next += 1
            }
            if silent >= 0 { try await write(Self.position(next == 0 ? nil : next - 1)) }
        }
    }

    static func text(_ event: BlockEventView) -> ByteBuffer {
        var buffer = ByteBuffer(string: "id: \(event.height)\nevent: block\ndata: ")
        // JSON without white space has no line break, so one line of data holds it.
        buffer.writeBytes(JSON.encode(event, pretty: false))
        buffer.writeString("\n\n")
        return buffer
    }

    /// A sign of life. With an id but without data it is no event, but moves on what the client sends back as
    /// `Last-Event-ID`.
    static func position(_ height: UInt64?) -> ByteBuffer {
        ByteBuffer(string: height.map { ": keep-alive\nid: \($0)\n\n" } ?? ": keep-alive\n\n")
    }
}
