import ProvChain
import Synchronization

/// What happens to a node's connections until the node gets to it, from any thread.
///
/// The node's own doings (a clock's tick, a write that is done) come first, in order. What happens on connections
/// stays in order for each, and connections take turns by bytes (``FairQueue``), so that whoever floods the node
/// waits behind itself. How much of one connection can wait is for ``PeerHandler`` to bound, which stops reading.
final class Inbox<Own: Sendable, Entry: Sendable>: Sendable {
    enum Next: Sendable {
        case own(Own)
        case link(PeerLinks.LinkID, Entry)
    }

    private struct State {
        var own: [Own] = []
        var links = FairQueue<PeerLinks.LinkID, Next>(share: NetworkLimits.turnBytes)
        var reader: CheckedContinuation<Void, Never>?
        var isOver = false

        mutating func takeReader() -> CheckedContinuation<Void, Never>? {
            defer { reader = nil }
            return reader
        }

        mutating func next() -> Next? {
            if !own.isEmpty { return .own(own.removeFirst()) }
            return links.next()
        }
    }

    private let state = Mutex(State())

    func add(_ happening: Own) {
        let reader = state.withLock { state in
            if !state.isOver { state.own.append(happening) }
            return state.takeReader()
        }
        reader?.resume()
    }

    /// False after the end: nobody will look at it.
    @discardableResult
    func add(_ entry: Entry, of link: PeerLinks.LinkID, cost: Int) -> Bool {
        let (isTaken, reader) = state.withLock { state in
            if !state.isOver { state.links.append(.link(link, entry), cost: cost, of: link) }
            return (!state.isOver, state.takeReader())
        }
        reader?.resume()
        return isTaken
    }

    /// What is there, in the order in which it is to be looked at, at most so many things: waits for the first, so that
    /// the reader is woken once for all of them. `nil` after the end. One reader at a time.
    func take(atMost limit: Int, isolation: isolated (any Actor)? = #isolation) async -> [Next]? {
        while true {
            await withCheckedContinuation { continuation in
                let isReady = state.withLock { state in
                    guard state.isOver || !state.own.isEmpty || !state.links.isEmpty else {
                        state.reader = continuation
                        return false
                    }
                    return true
                }
                if isReady { continuation.resume() }
            }
            let (taken, isOver) = state.withLock { state in
                var taken: [Next] = []
                while taken.count < limit, let next = state.next() { taken.append(next) }
                return (taken, state.isOver)
            }
            if isOver { return nil }
            if !taken.isEmpty { return taken }
        }
    }

    /// Gives a connection less of each round than the others.
    func setShare(_ bytes: Int, of link: PeerLinks.LinkID) {
        state.withLock { $0.links.setShare(bytes, of: link) }
    }

    /// Drops what waits of a connection that does not count any more, but for what is to be kept.
    func drop(_ link: PeerLinks.LinkID, keeping isKept: (Entry) -> Bool) {
        state.withLock { state in
            state.links.drop(link) { next in
                switch next {
                case .own: true
                case .link(_, let entry): isKept(entry)
                }
            }
        }
    }

    func forget(_ link: PeerLinks.LinkID) { state.withLock { $0.links.forget(link) } }

    /// Nothing is taken or given any more.
    func end() {
        let reader = state.withLock { state in
            let reader = state.takeReader()
            state = State()
            state.isOver = true
            return reader
        }
        reader?.resume()
    }
}

/// Something on a connection, and who was dialled, if this side did.
struct LinkEvent: Sendable {
    let event: PeerHandler.Event
    let dialled: IdentityKey?

    /// True for what was said over it; the rest is what became of it.
    var isMessage: Bool {
        switch event {
        case .message, .fault: true
        case .opened, .established, .closed: false
        }
    }

    /// Bytes that it counts for.
    var cost: Int {
        switch event {
        case .message(_, let bytes): bytes + NetworkLimits.messageBytes
        case .opened, .established, .fault, .closed: NetworkLimits.messageBytes
        }
    }
}
