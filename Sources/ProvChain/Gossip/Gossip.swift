/// Who gets what, when, from whom: a value, inputs in, directives out.
///
/// - A statement goes from the node that received it to all validators, one hop. Over an idle link it goes at
///   once; while a link is busy, statements for it gather and go together. Nothing ever waits for a timer.
/// - What was lost on the way is found by exchanging leaf hashes with a random peer every
///   ``GossipBounds/repairMilliseconds``, and with each peer when it connects.
/// - What is lacking is asked for at one peer after the other.
/// - A peer that sends more than its allowance is read more slowly; one that provably misbehaves is blocked.
/// - Of a peer's questions one is worked on at a time, and the next when the answer has left (``Questions``) and the
///   bytes of those before are within its allowance.
/// - An observer gets what it asks for and what is final, after everything for validators, and may say less.
///
/// No clock and no randomness inside: `now` is milliseconds of a clock that does not go back. After
/// swift-cluster-membership's SWIM, which has the same shape.
public struct Gossip: Sendable {
    private struct Peer {
        let isValidator: Bool
        /// True from a write until it was taken.
        var isWriting = false
        var questions: Questions
    }

    public let bounds: GossipBounds
    public private(set) var queues: OutboundQueues
    private var peers: [IdentityKey: Peer] = [:]
    /// Of everybody who was ever connected: only those get here whom the node lets in, so they are few.
    private var accounts: [IdentityKey: PeerAccount] = [:]
    private var fetches: FetchTable
    private var lastRepair: UInt64
    /// Until when a peer is not talked to, in milliseconds.
    private var blocked: [IdentityKey: UInt64] = [:]

    /// What is due is done this late at most.
    public static let tickMilliseconds: UInt64 = 100

    public init(bounds: GossipBounds = GossipBounds(), now: UInt64) {
        self.bounds = bounds
        queues = OutboundQueues(limit: bounds.outboundBytes, observers: bounds.observerOutboundBytes)
        fetches = FetchTable(bounds: bounds)
        lastRepair = now
    }

    public var connected: [IdentityKey] { peers.keys.sorted { $0.value < $1.value } }

    /// True if the peer misbehaved a short while ago.
    public func isBlocked(_ peer: IdentityKey, now: UInt64) -> Bool { blocked[peer, default: 0] > now }

    /// Items that are looked for.
    public var wanted: Int { fetches.count }

    public mutating func handle(_ input: GossipInput, now: UInt64) -> [GossipDirective] {
        var directives: [GossipDirective] = []
        switch input {
        case .connected(let peer, let isValidator): connect(peer, isValidator, now, &directives)
        case .disconnected(let peer): disconnect(peer, now, &directives)
        case .received(let message, let peer, let bytes): receive(message, bytes, from: peer, now, &directives)
        case .written(let peer):
            peers[peer]?.isWriting = false
            write(to: peer, &directives)
            answerNext(of: peer, now, &directives)
        case .submitted(let statement):
            for peer in validators { queue(statement, .statements, to: peer, &directives) }
        case .send(let message, let recipients): send(message, to: recipients, now, &directives)
        case .want(let items, let candidates):
            let asked = candidates.isEmpty ? validators : candidates
            for item in items where !fetches.want(item, at: asked) { directives.append(.missing(item)) }
            ask(now, &directives)
        case .forget(let item): fetches.forget(item)
        case .proved(let fault, let peer): block(peer, fault, now, &directives)
        case .spent(let signatures, let questions, let peer):
            let pause = accounts[peer]?.spend(signatures: signatures, questions: questions, now: now) ?? 0
            if pause > 0, peers[peer] != nil { directives.append(.pause(peer, milliseconds: pause)) }
        case .tick(let random): tick(random, now, &directives)
        }
        return directives
    }

    // MARK: Peers

    private var validators: [IdentityKey] { connected.filter { peers[$0]?.isValidator == true } }

    private mutating func connect(
        _ peer: IdentityKey, _ isValidator: Bool, _ now: UInt64, _ directives: inout [GossipDirective]
    ) {
        precondition(peers[peer] == nil, "\(peer) is connected already")
        peers[peer] = Peer(isValidator: isValidator, questions: Questions(limit: bounds.waitingQuestions))
        queues.add(peer)
        let fresh = PeerAccount(isValidator ? bounds.allowance : bounds.observerAllowance, now: now)
        let debt = accounts[peer, default: fresh].debt(now)
        if debt > 0 { directives.append(.pause(peer, milliseconds: debt)) }
        // What was submitted while it was away would otherwise wait for its turn in the repair.
        if isValidator { directives.append(.offer(to: peer, wantsAnswer: true)) }
        ask(now, &directives)
    }

    private mutating func disconnect(_ peer: IdentityKey, _ now: UInt64, _ directives: inout [GossipDirective]) {
        guard peers.removeValue(forKey: peer) != nil else { return }
        queues.remove(peer)
        fetches.remove(peer)
        ask(now, &directives)
    }

    private mutating func block(
        _ peer: IdentityKey, _ fault: PeerFault, _ now: UInt64, _ directives: inout [GossipDirective]
    ) {
        blocked[peer] = now + bounds.blockMilliseconds
        guard peers[peer] != nil else { return }
        directives.append(.block(peer, fault))
        disconnect(peer, now, &directives)
    }

    // MARK: Outbound

    private mutating func send(
        _ message: WireMessage, to recipients: GossipInput.Recipients, _ now: UInt64,
        _ directives: inout [GossipDirective]
    ) {
        let chosen: [IdentityKey] =
            switch recipients {
            case .validators: validators
            case .observers: connected.filter { peers[$0]?.isValidator == false }
            case .peers(let peers): peers
            }
        guard !chosen.isEmpty else { return }
        if case .statements(let statements) = message {
            for peer in chosen where peers[peer]?.isValidator == true {
                for statement in statements { queue(statement, .statements, to: peer, &directives) }
            }
            return
        }
        // Encoded once; the queues share the bytes.
        let frame = message.cbor
        for peer in chosen {
            queue(frame, message.priority, to: peer, &directives)
            guard let items = message.answeredItems, peers[peer] != nil else { continue }
            // What was looked up, and not what was asked for, is what it cost.
            let pause = accounts[peer]?.spend(items: items, answerBytes: frame.count, now: now) ?? 0
            if pause > 0 { directives.append(.pause(peer, milliseconds: pause)) }
            peers[peer]?.questions.answered()
            answerNext(of: peer, now, &directives)
        }
    }

    private mutating func queue(
        _ entry: [UInt8], _ priority: OutboundQueues.Priority, to peer: IdentityKey,
        _ directives: inout [GossipDirective]
    ) {
        let isObserver = peers[peer]?.isValidator == false
        guard queues.append(entry, isObserver ? .observers : priority, to: peer) else { return }
        write(to: peer, &directives)
    }

    private mutating func write(to peer: IdentityKey, _ directives: inout [GossipDirective]) {
        guard peers[peer]?.isWriting == false else { return }
        let frames = queues.next(for: peer, writeBytes: bounds.writeBytes)
        guard !frames.isEmpty else { return }
        peers[peer]?.isWriting = true
        directives.append(.write(peer, frames: frames))
    }

    // MARK: Inbound

    private mutating func receive(
        _ message: WireMessage, _ bytes: Int, from peer: IdentityKey, _ now: UInt64,
        _ directives: inout [GossipDirective]
    ) {
        guard let isValidator = peers[peer]?.isValidator else { return }
        let pause = accounts[peer]?.charge(message, bytes: bytes, now: now) ?? 0
        defer { if pause > 0 { directives.append(.pause(peer, milliseconds: pause)) } }
        guard isValidator || message.isForObservers else { return }
        switch message {
        case .statements(let statements):
            directives.append(.verify(statements, from: peer))
        case .fetch, .range:
            peers[peer]?.questions.add(message)
            answerNext(of: peer, now, &directives)
        case .fetched(let answer): take(answer, from: peer, now, &directives)
        case .leafHashes(let offer):
            directives.append(.compare(offer.hashes, from: peer))
            if offer.wantsAnswer { directives.append(.offer(to: peer, wantsAnswer: false)) }
        case .hello, .proposal, .consensus, .attachments, .ranged, .beat:
            directives.append(.deliver(message, from: peer))
        }
    }

    /// Has a peer's next question worked on, unless an answer to it waits: who does not read its answers gets none. Whoever
    /// was told more than its allowance waits until a later tick.
    private mutating func answerNext(of peer: IdentityKey, _ now: UInt64, _ directives: inout [GossipDirective]) {
        guard let known = peers[peer],
            queues.waitingBytes(peer, known.isValidator ? .fetches : .observers) == 0,
            accounts[peer]?.mayBeAnswered(now) ?? true,
            let question = peers[peer]?.questions.next()
        else { return }
        if case .fetch(let request) = question {
            directives.append(.serve(request, to: peer))
        } else {
            directives.append(.deliver(question, from: peer))
        }
    }

    private mutating func take(
        _ answer: FetchAnswer, from peer: IdentityKey, _ now: UInt64, _ directives: inout [GossipDirective]
    ) {
        // An answer that comes too late is nobody's fault.
        guard let outcomes = fetches.take(answer, from: peer) else { return }
        for outcome in outcomes {
            switch outcome {
            case .found(.statement(let hash), let bytes, _):
                guard MerkleHash.leaf(bytes) == hash else {
                    return block(peer, .wrongItem(.statement(hash)), now, &directives)
                }
                directives.append(.verify([bytes], from: peer))
            case .found(let item, let bytes, let from): directives.append(.found(item, bytes, from: from))
            case .missing(let item): directives.append(.missing(item))
            }
        }
        ask(now, &directives)
    }

    // MARK: Time

    private mutating func ask(_ now: UInt64, _ directives: inout [GossipDirective]) {
        let reachable = Set(peers.keys)
        let due = fetches.due(now: now) { reachable.contains($0) }
        for (peer, request) in due.requests { send(.fetch(request), to: .peers([peer]), now, &directives) }
        for outcome in due.missing {
            if case .missing(let item) = outcome { directives.append(.missing(item)) }
        }
    }

    private mutating func tick(_ random: UInt64, _ now: UInt64, _ directives: inout [GossipDirective]) {
        blocked = blocked.filter { $0.value > now }
        ask(now, &directives)
        for peer in connected { answerNext(of: peer, now, &directives) }
        guard now >= lastRepair + bounds.repairMilliseconds else { return }
        lastRepair = now
        let choices = validators
        guard !choices.isEmpty else { return }
        directives.append(.offer(to: choices[Int(random % UInt64(choices.count))], wantsAnswer: true))
    }
}

extension WireMessage {
    /// True if an observer may send it. Anything else is charged to it, and nobody looks at it.
    var isForObservers: Bool {
        switch kind {
        case .hello, .consensus, .fetch, .range, .beat: true
        case .statements, .proposal, .attachments, .fetched, .leafHashes, .ranged: false
        }
    }

    /// What was looked up for it, if it answers a question: at least one thing.
    var answeredItems: Int? {
        switch self {
        case .fetched(let answer): max(1, answer.items.count)
        case .ranged(let answer): max(1, answer.items.count)
        case .hello, .statements, .proposal, .consensus, .attachments, .fetch, .leafHashes, .range, .beat: nil
        }
    }

    /// Consensus first: what decides is small, and everything else waits for it anyhow.
    public var priority: OutboundQueues.Priority {
        switch kind {
        case .hello, .consensus, .beat: .votes
        case .proposal: .proposals
        case .fetch, .fetched, .leafHashes, .attachments, .range, .ranged: .fetches
        case .statements: .statements
        }
    }
}
