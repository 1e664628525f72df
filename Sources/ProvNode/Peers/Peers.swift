import ProvChain

/// What a node knows of the other nodes: who is who, who is connected, and when each last said something.
struct Peers {
    /// A validator as the others see it.
    struct Standing {
        var isConnected = false
        /// When the connection was made or lost, on the monotonic clock.
        var since: Instant
        /// When it last voted or proposed.
        var lastVote: Instant?
        var height: UInt64 = 0
        /// How far its wall clock is ahead of this node's, in milliseconds, with the way of the message in it.
        var clockOffset: Int64?
        var software: String?
    }

    /// Somebody who follows the chain by this node, and has no vote.
    struct Observer {
        /// As this node's configuration calls it.
        let name: String
        let identity: IdentityKey
        var standing: Standing
    }

    var gossip: Gossip
    /// By index in the epoch's validators; this node's own is there and means nothing.
    var standings: [Standing]
    /// In the order of their names; their numbers follow those of the validators.
    private(set) var observers: [Observer]
    /// Leaf hashes of statements that became final lately: nobody need send them again.
    var applied = RecentLeaves()
    var lastBeat = Instant(milliseconds: 0)
    /// `nil` for an observer.
    let own: UInt64?
    private let identities: [IdentityKey]
    private let indices: [IdentityKey: Simplex.Peer]

    /// - Parameter observers: whom this node lets in besides the validators, by name.
    init(_ epoch: EpochRecord, own: UInt64?, observers: [String: IdentityKey] = [:], now: Instant) {
        self.own = own
        gossip = Gossip(now: now.milliseconds)
        identities = epoch.validators.map(\.identity)
        self.observers = observers.sorted { $0.key < $1.key }.map {
            Observer(name: $0.key, identity: $0.value, standing: Standing(since: now))
        }
        indices = Dictionary(zip(identities + self.observers.map(\.identity), 0...)) { first, _ in first }
        standings = identities.map { _ in Standing(since: now) }
    }

    /// True in a chain of one validator.
    var isSole: Bool { identities.count == 1 }

    /// True if there is nobody to talk to.
    var isAlone: Bool { isSole && own != nil && observers.isEmpty }

    var others: [Simplex.Peer] { standings.indices.map(UInt64.init).filter { $0 != own } }

    var connected: [Simplex.Peer] { others.filter { standings[Int($0)].isConnected } }

    func identity(_ peer: Simplex.Peer) -> IdentityKey? {
        if isValidator(peer) { return identities[Int(peer)] }
        return observer(peer).map { observers[$0].identity }
    }

    func isValidator(_ peer: Simplex.Peer) -> Bool { peer < UInt64(identities.count) }

    private func observer(_ peer: Simplex.Peer) -> Int? {
        let (place, underflow) = peer.subtractingReportingOverflow(UInt64(identities.count))
        return !underflow && place < UInt64(observers.count) ? Int(place) : nil
    }

    /// What this node calls an observer.
    func observerName(_ peer: Simplex.Peer) -> String? { observer(peer).map { observers[$0].name } }

    /// A height that more validators claim than may lie, so that one of them means it; 0 before that.
    var believedHeight: UInt64 {
        let claims = others.map { standings[Int($0)].height }.sorted(by: >)
        let faulty = (identities.count - 1) / 3
        return faulty < claims.count ? claims[faulty] : 0
    }

    func index(_ identity: IdentityKey) -> Simplex.Peer? { indices[identity] }

    mutating func withStanding(_ peer: Simplex.Peer, _ change: (inout Standing) -> Void) {
        if isValidator(peer) {
            change(&standings[Int(peer)])
        } else if let place = observer(peer) {
            change(&observers[place].standing)
        }
    }
}

/// The latest leaf hashes, oldest forgotten first.
struct RecentLeaves {
    /// Some seconds' worth at full speed: as long as repair may take to offer them again.
    static let capacity = 100_000

    private var known: Set<Digest> = []
    private var order: [Digest] = []
    private var oldest = 0

    func contains(_ leafHash: Digest) -> Bool { known.contains(leafHash) }

    mutating func remember(_ leafHashes: [Digest]) {
        for hash in leafHashes where known.insert(hash).inserted {
            if order.count < Self.capacity {
                order.append(hash)
            } else {
                known.remove(order[oldest])
                order[oldest] = hash
                oldest = (oldest + 1) % Self.capacity
            }
        }
    }
}
