import ProvChain

/// What a machine does for its core, in the order in which the core asks for it.
extension Machine {
    func perform(_ effect: Simplex.Effect) {
        switch effect {
        case .persist(let items): persist(items)
        case .retain(let certificate):
            world.believed(certificate, by: self)
            disk.append(.certificate(certificate), view: certificate.view)
        case .broadcast(let message):
            note(message)
            for other in 0..<UInt64(world.scenario.validators) where other != index { dispatch(message, to: other) }
        case .send(let message, let peer):
            note(message)
            dispatch(message, to: peer)
        case .build(let build): self.build(build)
        case .execute(let id): execute(id)
        case .fetch(let id, let holders): fetch(id, from: holders)
        case .catchUp(let certificate):
            catchUpTarget = certificate
            world.counts[.catchUps] += 1
            if !isAsking { askRange() }
        case .commit(let ids, let certificate): commit(ids, certificate)
        case .compact(let view): disk.compact(through: view, every: 8)
        case .report(let found):
            world.counts[.accusations] += 1
            if isHonest { world.checker.accused(found, by: number) }
        case .stopVoting(let reason):
            if isHonest, !isWiped { world.checker.fail("honest nodes vote", "node \(number) fell silent: \(reason)") }
        case .epochEnded(let certificate):
            world.counts[.epochs] += 1
            startNextEpoch(after: certificate)
        case .wake(let instant):
            let moment = instant.milliseconds * 1_000
            wakeAt = moment
            world.at(moment > world.time ? moment - world.time : 1, .machine(number, life, .wake(moment)))
        }
    }

    func note(_ message: ConsensusMessage) {
        guard isHonest else { return }
        switch message {
        case .vote(let vote): world.checker.sent(vote, by: number, isDurable: isDurable(vote))
        case .proposal(let proposal):
            world.checker.sent(proposal.vote, by: number, isDurable: isDurable(proposal.vote))
        case .certificate(let certificate):
            guard world.scenario.validators == 1 else { return }
            let isInLog = disk.log.last { $0.certificate != nil }?.certificate == certificate
            world.checker.told(certificate, by: number, isInLog: isInLog)
        case .request, .page, .greeting, .equivocation: break
        }
    }

    func isDurable(_ vote: SignedVote) -> Bool { disk.durableVotes.contains(vote) }

    func post(_ message: ConsensusMessage, to peer: UInt64) {
        if case .proposal(let proposal) = message, let block = bodies[proposal.block] {
            world.send(
                .proposal(proposal, leaves: block.body.map(\.leaf), ids: block.body.map(\.id)), from: self, to: peer)
        } else {
            world.send(.consensus(message), from: self, to: peer)
        }
    }

    func persist(_ items: [Simplex.Durable]) {
        let life = self.life
        if world.strikesHere(self) { return crash() }
        for item in items {
            switch item {
            case .vote(let vote): disk.append(.vote(vote), view: vote.view)
            case .block(let id):
                guard let block = bodies[id] else { preconditionFailure("a block without a body") }
                disk.append(.block(block.header, body: Self.bytes(block.body)), view: block.header.view)
            }
        }
        for copy in 0..<2 where self.life == life {
            if world.strikesHere(self) { return crash() }
            disk.sync(copy: copy)
        }
        if self.life == life, world.strikesHere(self) { crash() }
    }

    static func bytes(_ body: [Entry]) -> [UInt8] {
        body.flatMap { entry in (0..<8).map { UInt8(truncatingIfNeeded: entry.id >> ($0 * 8)) } + [entry.form] }
    }

    static func entries(_ bytes: [UInt8]) -> [Entry] {
        stride(from: 0, to: bytes.count, by: 9).map { start in
            Entry(id: (0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << ($1 * 8) }, form: bytes[start + 8])
        }
    }

    func build(_ build: Simplex.Build) {
        let delay = world.random.within(100...2_000)
        let pool = build.allowsStatements ? pool : []
        let ends = wallClock >= application.epochStart + application.epochLength
        guard
            let made = application.assemble(
                on: build.parent, from: pool, now: wallClock, view: build.view, proposer: index)
        else { return later(delay, .cannotBuild(view: build.view)) }
        let block = made.block
        drop(made.refused)
        if block.body.isEmpty, !build.allowsEmpty, !ends { return later(delay, .nothingToBuild(view: build.view)) }
        if block.body.isEmpty { world.counts[.idleBlocks] += 1 }
        bodies[block.header.id] = block
        later(delay, .built(block.header, view: build.view))
    }

    /// What cannot be applied as it is does not wait; its client may send it again.
    func drop(_ refused: Set<UInt64>) {
        guard !refused.isEmpty else { return }
        world.counts[.refusedEntries] += UInt64(refused.count)
        pool.removeAll { refused.contains($0.id) }
    }

    func execute(_ id: Digest) {
        guard let block = bodies[id] else { preconditionFailure("executes a block without a body") }
        var delay = world.random.within(100...3_000)
        if world.scenario.slowBlockEvery > 0, world.random.below(world.scenario.slowBlockEvery) == 0 {
            delay = 700_000
            world.counts[.slowBlocks] += 1
        }
        // A block from the future waits; the timers say for how long the others wait for it.
        let limit = wallClock + 5_000
        if block.header.time > limit { delay = (block.header.time - limit) * 1_000 }
        world.at(delay, .machine(number, life, .executed(id)))
    }

    func finishExecution(_ id: Digest) {
        guard let block = bodies[id], block.header.height > height else { return }
        guard let isValid = application.execute(block) else { return }
        if block.header.parent != application.tip.header.id { world.counts[.executedOnPending] += 1 }
        if !isValid, isHonest, let proposer = world.machines.first(where: { $0.index == block.header.proposer }),
            proposer.isHonest
        {
            world.checker.fail(
                "honest blocks are valid", "node \(number) refuses \(block.header.height) of \(proposer.number)")
        }
        feed(.executed(id, isValid: isValid))
    }

    func fetch(_ id: Digest, from holders: [UInt64]) {
        world.counts[.blockFetches] += 1
        if let block = bodies[id] { return later(0, .obtained(block.header)) }
        let others = holders.filter { $0 != index }
        let peer = others.isEmpty ? world.otherValidator(than: index) : others[world.random.below(others.count)]
        world.send(.blockRequest(id), from: self, to: peer)
    }

    func commit(_ ids: [Digest], _ certificate: Certificate) {
        if world.strikesHere(self) { return crash() }
        let blocks = ids.map { id in
            guard let block = bodies[id] else { preconditionFailure("commits a block without a body") }
            return block
        }
        append(blocks, certificate)
        if world.strikesHere(self) { return crash() }
        later(0, .statements(waiting: hasWork))
    }

    func append(_ blocks: [Block], _ certificate: Certificate) {
        disk.commit(blocks, certificate, isWaitedFor: world.scenario.validators == 1)
        for block in blocks {
            world.counts[.abandonedBlocks] += UInt64(application.commit(block))
            world.ballots.learn(block.header)
            if isHonest { world.checker.committed(block, by: number) }
        }
        disk.wait(upTo: application.flushedHeight)
        pool.removeAll { application.hasApplied($0.id) }
        bodies = bodies.filter { $0.value.header.height > height }
        compactHints = compactHints.filter { $0.value.proposal.header.height > height }
        world.progressed(to: height)
    }

    func startNextEpoch(after certificate: Certificate) {
        disk.startEpoch()
        life += 1
        begin(
            epoch, at: FinalPoint(header: application.tip.header, view: 0), finality: nil,
            recovered: Simplex.Recovered(isLost: isWiped), predecessor: certificate)
    }
}
