import Testing

@testable import ProvChain

/// Nodes that know of each other only by messages, some of which are lost.
struct GossipNetwork {
    private struct Node {
        let key: IdentityKey
        var gossip: Gossip
        var held: [Digest: [UInt8]] = [:]
    }

    private var nodes: [Node] = []
    private var indices: [IdentityKey: Int] = [:]
    private var now: UInt64 = 0
    private var random = SplitMix(state: 7)
    private var submitted = 0
    private var delivered = 0
    /// One of so many messages is lost.
    private let losing: Int?
    private(set) var lost = 0
    private(set) var fetched = 0

    init(nodes count: Int, losing: Int?) throws {
        self.losing = losing
        for number in 0..<count {
            nodes.append(Node(key: try Handshakes.secret("node \(number)").publicKey, gossip: Gossip(now: 0)))
            indices[nodes[number].key] = number
        }
        for number in 0..<count {
            for other in nodes where other.key != nodes[number].key {
                carry(nodes[number].gossip.handle(.connected(other.key, isValidator: true), now: 0), of: number)
            }
        }
    }

    var isComplete: Bool { nodes.allSatisfy { $0.held.count == submitted } }

    mutating func submit(_ statement: [UInt8], at node: Int) {
        submitted += 1
        nodes[node].held[MerkleHash.leaf(statement)] = statement
        feed(.submitted(statement), to: node)
    }

    mutating func pass(milliseconds: UInt64) {
        let end = now + milliseconds
        while now < end {
            now += Gossip.tickMilliseconds
            for node in nodes.indices { feed(.tick(random: random.next()), to: node) }
        }
    }

    private mutating func feed(_ input: GossipInput, to node: Int) {
        carry(nodes[node].gossip.handle(input, now: now), of: node)
    }

    private mutating func carry(_ directives: [GossipDirective], of node: Int) {
        for directive in directives {
            switch directive {
            case .write(let peer, let frames):
                for frame in frames { deliver(frame, from: node, to: peer) }
                feed(.written(peer), to: node)
            case .verify(let statements, _):
                for statement in statements { nodes[node].held[MerkleHash.leaf(statement)] = statement }
            case .serve(let request, let peer):
                let items = request.items.map { item -> [UInt8]? in
                    if case .statement(let hash) = item { nodes[node].held[hash] } else { nil }
                }
                fetched += items.count
                feed(.send(.fetched(FetchAnswer(number: request.number, items: items)), to: .peers([peer])), to: node)
            case .offer(let peer, let wantsAnswer):
                let hashes = nodes[node].held.keys.sorted()
                feed(
                    .send(.leafHashes(LeafHashes(wantsAnswer: wantsAnswer, hashes: hashes)), to: .peers([peer])),
                    to: node)
            case .compare(let hashes, let peer):
                let lacking = hashes.filter { nodes[node].held[$0] == nil }
                feed(.want(lacking.map { .statement($0) }, at: [peer]), to: node)
            case .missing: break
            case .deliver, .found, .pause, .block: Issue.record("\(directive)")
            }
        }
    }

    private mutating func deliver(_ frame: [UInt8], from node: Int, to peer: IdentityKey) {
        delivered += 1
        if let losing, delivered.isMultiple(of: losing) {
            lost += 1
            return
        }
        guard let index = indices[peer] else { return }
        do {
            let message = try WireMessage(cbor: frame)
            feed(.received(message, from: nodes[node].key, bytes: frame.count), to: index)
        } catch {
            Issue.record(error)
        }
    }
}
