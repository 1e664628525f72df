import ProvChain

/// What goes to other nodes and comes from them: the driver of ``Gossip``.
extension Node {
    /// Connects to the other validators and hands on what they say, until the task is cancelled.
    func runNetwork() async {
        guard let network else { return }
        let ticking = Task {
            while !Task.isCancelled {
                try? await Task.sleep(for: .milliseconds(Gossip.tickMilliseconds))
                tickGossip()
            }
        }
        await network.run { events in await self.take(events) }
        ticking.cancel()
    }

    // MARK: Outbound

    /// A message of consensus. A proposal names its statements by leaf hash: most validators have them already.
    func send(_ message: ConsensusMessage, to recipients: GossipInput.Recipients) {
        // What an observer would pass on, validators have. Its own questions are another matter.
        guard !peers.isAlone, keys != nil || recipients != .validators else { return }
        if case .proposal(let proposal) = message {
            guard let body = pending.bodies[proposal.block] else {
                // The last block of an epoch, proposed once more: it is final here, and everybody has it or fetches it.
                return gossip(
                    .send(.proposal(CompactProposal(proposal, leafHashes: []).cbor), to: recipients))
            }
            let compact = CompactProposal(proposal, leafHashes: body.leafHashes)
            return gossip(.send(.proposal(compact.cbor), to: recipients))
        }
        gossip(.send(.consensus(message.cbor), to: recipients))
    }

    /// A statement that came here first.
    func pushToPeers(_ statement: Statement) {
        guard !peers.isAlone else { return }
        gossip(.submitted(statement.encoded))
    }

    /// Observers hear of what is final, and of nothing before.
    func tellObservers(_ finality: FinalityCertificate, of header: BlockHeader) {
        guard !peers.observers.isEmpty else { return }
        let message = ConsensusMessage.certificate(Certificate(finality, of: header))
        gossip(.send(.consensus(message.cbor), to: .observers))
    }

    /// Looks for a block at those who voted for it, or at everybody.
    func fetch(_ id: Digest, from holders: [UInt64]) {
        if let body = pending.bodies[id] { return inputs.append(.obtained(body.header)) }
        let candidates = holders.filter { $0 != peers.own }.compactMap(peers.identity)
        gossip(.want([.block(id)], at: candidates))
    }

    func gossip(_ input: GossipInput) {
        let directives = peers.gossip.handle(input, now: MonotonicClock.now().milliseconds)
        for directive in directives { carryOut(directive) }
    }

    private func carryOut(_ directive: GossipDirective) {
        guard let network else { return }
        switch directive {
        // The network is on this thread.
        case .write(let peer, let frames): network.assumeIsolated { $0.write(frames, to: peer) }
        case .verify(let statements, let peer): receive(statements, from: peer)
        case .deliver(let message, let peer): deliver(message, from: peer)
        case .serve(let request, let peer): serve(request, to: peer)
        case .found(let item, let bytes, let peer): found(item, bytes, from: peer)
        case .missing: break
        case .offer(let peer, let wantsAnswer): offer(to: peer, wantsAnswer: wantsAnswer)
        case .compare(let hashes, let peer): compare(hashes, with: peer)
        case .pause(let peer, let milliseconds):
            network.assumeIsolated { $0.pause(peer, milliseconds: milliseconds) }
        case .block(let peer, let fault):
            logger.warning("peer \(name(of: peer)) is not talked to for a while: \(fault)")
            let wait = peers.gossip.bounds.blockMilliseconds
            network.assumeIsolated { $0.block(peer, milliseconds: wait) }
        }
    }

    private func offer(to peer: IdentityKey, wantsAnswer: Bool) {
        guard keys != nil else { return }
        let hashes = mempool.leafHashes(
            WireMessage.Bounds.leafHashes, random: .random(in: 0 ... .max))
        gossip(.send(.leafHashes(LeafHashes(wantsAnswer: wantsAnswer, hashes: hashes)), to: .peers([peer])))
    }

    private func compare(_ hashes: [Digest], with peer: IdentityKey) {
        let unknown = hashes.filter { mempool[leafHash: $0] == nil && !peers.applied.contains($0) }
        // What is merely offered leaves room in the table for what a block needs.
        guard !unknown.isEmpty, peers.gossip.wanted < peers.gossip.bounds.wantedItems / 2 else { return }
        gossip(.want(unknown.prefix(Self.offersTaken).map { .statement($0) }, at: [peer]))
    }

    /// Statements asked for after one offer; the rest is offered again.
    private static let offersTaken = 1_024

    // MARK: Inbound

    private func take(_ events: [PeerNetwork.Event]) {
        for event in events { take(event) }
    }

    func take(_ event: PeerNetwork.Event) {
        guard !hasFailed, isRunning else { return }
        switch event {
        case .connected(let peer): connected(peer)
        case .disconnected(let peer, let why): disconnected(peer, why)
        case .received(let message, let peer, let bytes):
            gossip(.received(message, from: peer, bytes: bytes))
        case .written(let peer): gossip(.written(peer))
        case .fault(let fault, let peer): gossip(.proved(fault, of: peer))
        case .refused(let error): logger.debug("a connection came to nothing: \(error)")
        }
    }

    private func connected(_ identity: IdentityKey) {
        guard let peer = peers.index(identity) else { return }
        peers.withStanding(peer) {
            $0.isConnected = true
            $0.since = MonotonicClock.now()
        }
        logger.info("connected to \(name(of: identity))")
        gossip(.connected(identity, isValidator: peers.isValidator(peer)))
        gossip(.send(.hello(hello), to: .peers([identity])))
        handle(.connected(peer))
        tellEvidence(to: peer, identity)
    }

    /// Whoever was away when evidence was found hears of it now.
    private func tellEvidence(to peer: Simplex.Peer, _ identity: IdentityKey) {
        guard peers.isValidator(peer), keys != nil else { return }
        for (_, found) in equivocations.sorted(by: { $0.key < $1.key }) where found.first.epoch == committee.epoch {
            gossip(.send(.consensus(ConsensusMessage.equivocation(found).cbor), to: .peers([identity])))
        }
    }

    private func disconnected(_ identity: IdentityKey, _ why: (any Error)?) {
        guard let peer = peers.index(identity) else { return }
        peers.withStanding(peer) {
            $0.isConnected = false
            $0.since = MonotonicClock.now()
        }
        logger.info(
            "connection to \(name(of: identity)) ended", metadata: ["why": "\(why.map { "\($0)" } ?? "closed")"])
        gossip(.disconnected(identity))
        // What was lost with it is offered again by repair.
        arriving[identity]?.waiting.removeAll()
        catchUp.lost(identity)
    }

    private var hello: Hello {
        Hello(
            software: String(Software.version.utf8.prefix(WireMessage.Bounds.softwareBytes)) ?? "",
            height: ledger.tip.header.height, tip: ledger.tip.blockID, time: WallClock.now())
    }

    private func deliver(_ message: WireMessage, from identity: IdentityKey) {
        guard let peer = peers.index(identity) else { return }
        let isValidator = peers.isValidator(peer)
        switch message {
        case .hello(let hello):
            note(peer, height: hello.height, time: hello.time)
            peers.withStanding(peer) { $0.software = hello.software }
        case .beat(let beat): note(peer, height: beat.height, time: beat.time)
        case .consensus(let bytes):
            guard let message = parse(ConsensusMessage.self, bytes, from: identity) else { return }
            if isValidator || message.isForObservers { receive(message, from: peer, identity) }
        case .proposal(let bytes):
            guard let proposal = parse(CompactProposal.self, bytes, from: identity) else { return }
            receive(proposal, from: peer, identity)
        case .range(let request): serve(request, to: identity)
        case .ranged(let answer): catchUp.answered(answer, by: identity)
        case .attachments(let hashes): want(hashes, from: identity)
        case .statements, .fetch, .fetched, .leafHashes: break
        }
    }

    func parse<T: CBORDecodable>(_ type: T.Type, _ bytes: [UInt8], from peer: IdentityKey) -> T? {
        do throws(CBORError) {
            return try T(cbor: bytes)
        } catch {
            gossip(.proved(.malformed(error), of: peer))
            return nil
        }
    }

    private func note(_ peer: Simplex.Peer, height: UInt64, time: UInt64) {
        peers.withStanding(peer) {
            $0.height = max($0.height, height)
            $0.clockOffset = Int64(clamping: time) - Int64(clamping: WallClock.now())
        }
    }

    // MARK: Time

    private func tickGossip() {
        guard !hasFailed, isRunning else { return }
        gossip(.tick(random: .random(in: 0 ... .max)))
        let now = MonotonicClock.now()
        if now >= peers.lastBeat.advanced(by: UInt64(NetworkLimits.beatSeconds) * 1_000) {
            peers.lastBeat = now
            let beat = Beat(height: ledger.tip.header.height, view: consensus.view, time: WallClock.now())
            gossip(.send(.beat(beat), to: .validators))
            gossip(.send(.beat(beat), to: .observers))
        }
        pending.dropGatherings(before: consensus.view)
        for id in pending.bodiless.keys { gossip(.want([.block(id)], at: [])) }
        if let finality = consensus.finality, finality.view > consensus.final.view,
            now >= lastCommit.advanced(by: Self.quietMilliseconds)
        {
            startCatchUp(to: finality)
        }
        judgeIfQuiet(now)
        repairAttachmentsIfDue(now)
    }

    /// When statements wait and nothing happens, leaders may have refused them.
    private func judgeIfQuiet(_ now: Instant) {
        guard !mempool.isEmpty, pending.executed.isEmpty, !catchUp.isRunning,
            now >= lastCommit.advanced(by: Self.quietMilliseconds),
            now >= lastJudgement.advanced(by: Self.quietMilliseconds)
        else { return }
        lastJudgement = now
        do {
            try judgeWhatWaits()
        } catch {
            fail(error)
        }
    }

    private static let quietMilliseconds: UInt64 = 300

    /// The member behind an identity, for people.
    func name(of identity: IdentityKey) -> String {
        peers.index(identity).map(name(of:)) ?? "\(identity)"
    }

    func name(of peer: Simplex.Peer) -> String {
        guard peer < UInt64(ledger.tip.epoch.validators.count) else {
            return peers.observerName(peer).map { "observer \"\($0)\"" } ?? "observer \(peer)"
        }
        let member = ledger.tip.epoch.validators[Int(peer)].member
        let origin = genesis.genesis.origin
        let found = genesis.genesis.members.first { Genesis.memberIdentifier(origin: origin, name: $0.name) == member }
        return found?.name ?? "validator \(peer)"
    }
}

extension ConsensusMessage {
    /// True for what an observer may say: where it stands, and what it lacks. It has no vote, and what it passes on
    /// every validator hears from others.
    var isForObservers: Bool {
        switch self {
        case .greeting, .request: true
        case .vote, .certificate, .proposal, .page, .equivocation: false
        }
    }
}
