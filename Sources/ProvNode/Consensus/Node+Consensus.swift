import ProvChain

/// The driver of ``Simplex``: inputs in, effects carried out in order. What is to be durable is durable before the
/// next effect; building and execution give their results as further inputs.
extension Node {
    /// Tells consensus something, and does what follows from it.
    func handle(_ input: Simplex.Input) {
        inputs.append(input)
        handleInputs()
    }

    /// Until nothing more follows. Effects add inputs, which come after those effects' own step.
    func handleInputs() {
        guard !isHandling else { return }
        isHandling = true
        defer { isHandling = false }
        do {
            while !inputs.isEmpty, !hasFailed {
                for effect in consensus.handle(inputs.removeFirst(), now: MonotonicClock.now()) { try perform(effect) }
            }
        } catch {
            fail(error)
        }
    }

    /// True if there is something to make a block for.
    var hasWork: Bool { !mempool.isEmpty || ledger.tip.isBoundary(at: WallClock.now()) }

    private func perform(_ effect: Simplex.Effect) throws {
        switch effect {
        case .persist(let items): try persist(items)
        case .retain(let certificate):
            if consensus.silence == nil { journal?.append([.certificate(certificate)]) }
        case .broadcast(let message): send(message, to: .validators)
        case .send(let message, let peer):
            if let identity = peers.identity(peer) { send(message, to: .peers([identity])) }
        case .build(let build): try buildOrGather(build)
        case .execute(let id): try execute(id)
        case .fetch(let id, let holders): fetch(id, from: holders)
        case .catchUp(let certificate): startCatchUp(to: certificate)
        case .commit(let ids, let certificate):
            try commit(ids, certificate)
            if gathered?.parent == ledger.tip.blockID { buildGathered() }
            signalWaiting()
        case .compact(let view):
            // What the journal forgets for good must be in the log.
            if journal?.isLong == true { try log.waitUntilDurable() }
            try journal?.compact(through: view, of: committee.epoch)
        case .report(let found): try report(found)
        case .stopVoting(let silence):
            try report(silence)
            if silence == .journalLost { try journal?.retire() }
        case .epochEnded(let certificate): try startEpoch(after: certificate)
        case .wake(let moment): setAlarm(at: moment)
        }
    }

    // MARK: Gathering

    /// For how long a leader gathers statements while the block before is not final.
    private static let gatheringMilliseconds: UInt64 = 25

    /// A block costs each validator several waits for the disk and dozens of messages, however few statements it has.
    /// So a leader whose parent is not final yet waits until it is, unless it has enough for a whole block, or waited
    /// for long.
    private func buildOrGather(_ build: Simplex.Build) throws {
        let enough = Int(clamping: ledger.tip.epoch.parameters.maximumBlockStatements)
        guard build.parent != ledger.tip.blockID, build.allowsStatements, !build.allowsEmpty, mempool.count < enough
        else {
            gathered = nil
            inputs.append(try self.build(build))
            return
        }
        gathered = build
        Task {
            try? await Task.sleep(for: .milliseconds(Self.gatheringMilliseconds))
            guard isRunning, gathered == build else { return }
            buildGathered()
            handleInputs()
        }
    }

    /// Builds what waited for its parent to become final. The result counts only if the view is still the same.
    func buildGathered() {
        guard let build = gathered, !hasFailed else { return }
        gathered = nil
        do {
            inputs.append(try self.build(build))
        } catch {
            fail(error)
        }
    }

    /// Votes, and the blocks that they promise, in both files of the journal before anything else happens.
    private func persist(_ items: [Simplex.Durable]) throws {
        guard let journal else { return }
        journal.append(
            items.map { item in
                switch item {
                case .vote(let vote): return .vote(vote)
                case .block(let id):
                    guard let body = pending.bodies[id] else { preconditionFailure("a block without a body") }
                    return .block(
                        body.header,
                        body: FullBlock(header: body.header, statements: body.statements.map(\.encoded)).cbor)
                }
            })
        try journal.sync()
    }

    /// The next epoch has the validators that its record names; today they are the same.
    private func startEpoch(after certificate: Certificate) throws {
        pending.removeAll()
        try log.waitUntilDurable()
        var recovered = Simplex.Recovered(
            isLost: consensus.silence == .journalLost, divergence: incidents.divergence)
        for record in try journal?.startEpoch(ledger.tip.epoch.number) ?? [] {
            try ConsensusStart.restore(record, above: ledger.tip.header.height, &recovered, &pending)
        }
        // They were checked against the validators of the epoch that is over.
        inputs.removeAll()
        gathered = nil
        consensus = Simplex(
            ConsensusStart.configuration(
                ledger.tip.epoch, chain: ledger.chain, keys: keys, predecessor: certificate),
            final: FinalPoint(header: ledger.tip.header, view: 0), finality: nil,
            recovered: recovered)
        logger.info("epoch \(ledger.tip.epoch.number) begins", metadata: ["height": "\(ledger.tip.header.height)"])
        inputs.append(.start)
        for peer in peers.connected { inputs.append(.connected(peer)) }
        signalWaiting()
    }

    /// Two votes of which an honest validator gives one prove that it misbehaves, whoever showed them.
    private func report(_ found: Equivocation) throws {
        if found.accused != peers.own, let accused = peers.identity(found.accused) {
            gossip(.proved(.equivocation, of: accused))
        }
        guard incidents.note(found) else { return }
        try incidents.write(to: home)
        logger.error(
            "validator \(found.accused) contradicts itself",
            metadata: [
                "view": "\(found.first.view)", "first": "\(found.first.block)", "second": "\(found.second.block)",
            ])
    }

    private func report(_ silence: Simplex.Silence) throws {
        switch silence {
        case .observer: break
        case .journalLost:
            logger.critical(
                """
                this validator stops voting: others hold a vote of its key that its journal lacks. It goes on as an \
                observer; the key never votes again
                """)
        case .divergence(let view, let block):
            if incidents.note(view: view, block: block, time: WallClock.now()) { try incidents.write(to: home) }
            logger.critical(
                """
                this validator stops voting: a quorum stands behind a block that is invalid here. It does not begin \
                again before its operator says so (provnode resume)
                """,
                metadata: ["view": "\(view)", "block": "\(block)"])
        }
    }
}
