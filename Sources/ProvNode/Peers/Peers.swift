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

    var gossip: Gossip
    /// By index in the epoch's validators; this node's own is there and means nothing.
    var standings: [Standing]
    /// Leaf hashes of statements that became final lately: nobody need send them again.
    var applied = RecentLeaves()
    var lastBeat = Instant(milliseconds: 0)
    let own: UInt64
    private let identities: [IdentityKey]
    private let indices: [IdentityKey: Simplex.Peer]

    init(_ epoch: EpochRecord, own: UInt64, now: Instant) {
        self.own = own
        gossip = Gossip(now: now.milliseconds)
        identities = epoch.validators.map(\.identity)
        indices = Dictionary(zip(identities, 0...)) { first, _ in first }
        standings = identities.map { _ in Standing(since: now) }
    }

    /// True in a chain of one validator.
    var isAlone: Bool { identities.count == 1 }

    var others: [Simplex.Peer] { standings.indices.map(UInt64.init).filter { $0 != own } }

    var connected: [Simplex.Peer] { others.filter { standings[Int($0)].isConnected } }

    func identity(_ peer: Simplex.Peer) -> IdentityKey? {
        peer < UInt64(identities.count) ? identities[Int(peer)] : nil
    }

    func index(_ identity: IdentityKey) -> Simplex.Peer? { indices[identity] }

    mutating func withStanding(_ peer: Simplex.Peer, _ change: (inout Standing) -> Void) {
        guard peer < UInt64(standings.count) else { return }
        change(&standings[Int(peer)])
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
