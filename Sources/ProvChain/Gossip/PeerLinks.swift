/// Who is dialled when, and which of two connections to one peer stays: one connection per pair.
///
/// Two nodes that dial each other at the same moment make two connections. Both sides keep the one that the
/// lower identity dialled, so they agree without a word. Later, the newer connection stays: its handshake proves
/// that the peer lives, while the older one may be what is left of a peer that was restarted.
public struct PeerLinks: Sendable {
    /// Names a connection on this node.
    public typealias LinkID = UInt64

    /// What becomes of a connection whose handshake was completed.
    public enum Verdict: Hashable, Sendable {
        /// It stays; another one to the same peer is closed.
        case keep(closing: LinkID?)
        case close
    }

    private struct Link {
        let id: LinkID
        let isOutbound: Bool
        let since: UInt64
    }

    private struct Target {
        var isDialling = false
        var due: UInt64
        var wait: UInt64 = PeerLinks.firstWait
    }

    /// From a failure to the next attempt, in milliseconds: doubled each time, up to the longest.
    public static let firstWait: UInt64 = 100
    public static let longestWait: UInt64 = 10_000
    /// A connection that held for so long was a good one: the next attempt comes soon.
    public static let goodMilliseconds: UInt64 = 10_000
    /// Two connections made within so long were dialled at the same moment.
    public static let tieMilliseconds = UInt64(Wire.handshakeMilliseconds)

    private let own: IdentityKey
    private let tie: UInt64
    private var targets: [IdentityKey: Target]
    private var links: [IdentityKey: Link] = [:]

    /// - Parameters:
    ///   - targets: peers whose addresses are known, without this node itself.
    ///   - tie: milliseconds between two connections that count as dialled at the same moment.
    public init(own: IdentityKey, targets: [IdentityKey], now: UInt64, tie: UInt64 = tieMilliseconds) {
        self.own = own
        self.tie = tie
        self.targets = [:]
        for peer in targets where peer != own { self.targets[peer] = Target(due: now) }
    }

    /// Who is dialled from now on. How long to wait for whom stays known; connections are left alone.
    public mutating func setTargets(_ peers: [IdentityKey], now: UInt64) {
        let old = targets
        targets = [:]
        for peer in peers where peer != own { targets[peer] = old[peer] ?? Target(due: now) }
    }

    public func link(_ peer: IdentityKey) -> LinkID? { links[peer]?.id }

    /// Peers to dial now. The outcome of each is reported with ``failed(_:now:random:)`` or
    /// ``established(_:link:isOutbound:now:)``.
    public mutating func due(now: UInt64) -> [IdentityKey] {
        let chosen = targets.filter { links[$0.key] == nil && !$0.value.isDialling && $0.value.due <= now }.keys
            .sorted { $0.value < $1.value }
        for peer in chosen { targets[peer]?.isDialling = true }
        return chosen
    }

    /// An attempt came to nothing.
    public mutating func failed(_ peer: IdentityKey, now: UInt64, random: UInt64) {
        targets[peer]?.isDialling = false
        postpone(peer, now: now, random: random)
    }

    public mutating func established(
        _ peer: IdentityKey, link: LinkID, isOutbound: Bool, now: UInt64
    ) -> Verdict {
        if isOutbound { targets[peer]?.isDialling = false }
        let new = Link(id: link, isOutbound: isOutbound, since: now)
        guard let old = links[peer] else {
            links[peer] = new
            return .keep(closing: nil)
        }
        let isTie = old.isOutbound != isOutbound && now < old.since + tie
        // The lower identity's call is outbound here exactly if this node is the lower one.
        if isTie, isOutbound != (own.value < peer.value) { return .close }
        links[peer] = new
        return .keep(closing: old.id)
    }

    /// A connection ended; false if another one had taken its place.
    public mutating func lost(_ peer: IdentityKey, link: LinkID, now: UInt64, random: UInt64) -> Bool {
        guard let old = links[peer], old.id == link else { return false }
        links[peer] = nil
        if now >= old.since + Self.goodMilliseconds { targets[peer]?.wait = Self.firstWait }
        postpone(peer, now: now, random: random)
        return true
    }

    /// Leaves a peer alone until then.
    public mutating func postpone(_ peer: IdentityKey, until: UInt64) {
        guard let target = targets[peer] else { return }
        targets[peer]?.due = max(target.due, until)
    }

    /// Waits between half and the whole of the time, so that nodes restarted together do not dial together.
    private mutating func postpone(_ peer: IdentityKey, now: UInt64, random: UInt64) {
        guard let wait = targets[peer]?.wait else { return }
        targets[peer]?.due = now + wait / 2 + random % (wait / 2 + 1)
        targets[peer]?.wait = min(wait * 2, Self.longestWait)
    }
}
