import ProvChain
import Synchronization

/// Tells subscribers that there is a new final block, and nothing more: each reads the blocks from the log at its
/// own pace. So the node does the same little for a slow reader as for a fast one, and whoever comes back after a
/// break goes on where it was.
final class EventFeed: Sendable {
    /// Subscribers at one time: each holds a connection for as long as it likes.
    static let maximumSubscribers = 64

    private struct State {
        var height: UInt64
        var next = 0
        var subscribers: [Int: AsyncStream<Void>.Continuation] = [:]
    }

    private let state: Mutex<State>
    let limit: Int

    init(height: UInt64, limit: Int = EventFeed.maximumSubscribers) {
        state = Mutex(State(height: height))
        self.limit = limit
    }

    /// The height of the latest block that was announced.
    var height: UInt64 { state.withLock { $0.height } }

    var subscribers: Int { state.withLock { $0.subscribers.count } }

    /// A block is final.
    func announce(_ height: UInt64) {
        state.withLock { state in
            state.height = height
            for subscriber in state.subscribers.values { subscriber.yield() }
        }
    }

    /// `nil` if there are ``limit`` subscribers already.
    func subscribe() -> Subscription? {
        state.withLock { state in
            guard state.subscribers.count < limit else { return nil }
            // One signal in wait says as much as many: look how far the chain is.
            let (signals, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            continuation.yield()
            let number = state.next
            state.next += 1
            state.subscribers[number] = continuation
            return Subscription(number: number, signals: signals, wakeUp: continuation, feed: self)
        }
    }

    fileprivate func end(_ number: Int) {
        state.withLock { state in state.subscribers.removeValue(forKey: number)?.finish() }
    }

    /// One subscriber's place; given back when nobody holds this any more.
    final class Subscription: Sendable {
        private let number: Int
        /// Comes at once, then whenever there may be something to say.
        let signals: AsyncStream<Void>
        private let wakeUp: AsyncStream<Void>.Continuation
        private let feed: EventFeed

        fileprivate init(
            number: Int, signals: AsyncStream<Void>, wakeUp: AsyncStream<Void>.Continuation, feed: EventFeed
        ) {
            self.number = number
            self.signals = signals
            self.wakeUp = wakeUp
            self.feed = feed
        }

        var height: UInt64 { feed.height }

        /// Lets the subscriber look, although there may be no block.
        func nudge() { wakeUp.yield() }

        deinit { feed.end(number) }
    }
}

/// The latest events, so that many subscribers who follow the tip cost one look into the log.
actor RecentEvents {
    private static let capacity: UInt64 = 16
    private var events: [UInt64: Task<BlockEventView?, any Error>] = [:]

    /// - Parameter load: reads the event from the log; `nil` if there is no such block.
    func event(
        _ height: UInt64, load: @escaping @Sendable (UInt64) async throws -> BlockEventView?
    ) async throws -> BlockEventView? {
        if let known = events[height] { return try await known.value }
        let task = Task { try await load(height) }
        events[height] = task
        do {
            guard let event = try await task.value else {
                events[height] = nil
                return nil
            }
            if events.count > Self.capacity, let oldest = events.keys.min() { events[oldest] = nil }
            return event
        } catch {
            events[height] = nil
            throw error
        }
    }
}
