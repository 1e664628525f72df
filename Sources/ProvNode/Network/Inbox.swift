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
        var isOver = false
    }

    private let state = Mutex(State())
    private let bell: AsyncStream<Void>.Continuation
    /// Rings when something is there; one ring may stand for many things.
    let rings: AsyncStream<Void>

    init() { (rings, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1)) }

    func add(_ happening: Own) {
        state.withLock { if !$0.isOver { $0.own.append(happening) } }
        bell.yield()
    }

    /// False after the end: nobody will look at it.
    @discardableResult
    func add(_ entry: Entry, of link: PeerLinks.LinkID, cost: Int) -> Bool {
        let isTaken = state.withLock { state in
            if !state.isOver { state.links.append(.link(link, entry), cost: cost, of: link) }
            return !state.isOver
        }
        bell.yield()
        return isTaken
    }

    func next() -> Next? {
        state.withLock { state in
            if !state.own.isEmpty { return .own(state.own.removeFirst()) }
            return state.links.next()
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
        state.withLock { state in
            state = State()
            state.isOver = true
        }
        bell.finish()
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
