import ProvChain

extension Node {
    /// Builds a block on its parent from what waits; refused statements leave the mempool with their reason.
    func build(_ build: Simplex.Build) throws -> Simplex.Input {
        guard let keys, let branch = pending.branch(to: build.parent, from: ledger.tip.blockID) else {
            return .cannotBuild(view: build.view)
        }
        let parent = try ledger.tip(after: branch)
        let now = WallClock.now()
        var candidates: [Statement] = []
        if build.allowsStatements {
            let parameters = parent.epoch.parameters
            let room = Mempool.Room(
                statements: Int(clamping: parameters.maximumBlockStatements),
                bytes: Int(clamping: parameters.maximumBlockBytes), cost: parameters.maximumBlockCost)
            let isTaken = { (id: Digest) in branch.contains { $0.execution.hasApplied(id) } }
            candidates = mempool.next(room, except: branch.isEmpty ? nil : isTaken)
        }
        let allowsEmpty = build.allowsEmpty || parent.isBoundary(at: max(now, parent.header.time + 1))
        guard allowsEmpty || !candidates.isEmpty else { return .nothingToBuild(view: build.view) }
        statistics.startedBlock()
        let assembly = try ledger.assemble(
            candidates, on: branch, now: now, view: build.view, proposer: keys.index, source: state)
        // What a branch refuses that is not final may yet be applied, if another one becomes final.
        if branch.isEmpty { refuse(assembly.refused) }
        guard allowsEmpty || !assembly.block.execution.applied.isEmpty else {
            return .nothingToBuild(view: build.view)
        }
        let header = assembly.block.header
        let id = header.id
        pending.hold(
            PendingBlocks.Body(
                header: header, statements: assembly.block.execution.applied.map(\.statement), unverified: []),
            of: id)
        pending.hold(assembly.block, of: id)
        return .built(header, view: build.view)
    }

    /// What can never be applied leaves, and whoever waits for it is told why.
    private func refuse(_ refused: [(statement: Digest, refusal: Refusal)]) {
        mempool.remove(refused.map { $0.statement })
        for (statement, refusal) in refused {
            refusals[statement] = refusal
            ownAttachments[statement] = nil
            statistics.refused(refusal.rule, at: .block)
            resume(statement, with: .failure(Problems.refused(refusal)))
        }
    }

    /// Statements judged at a time by ``judgeWhatWaits()``.
    private static let judgedStatements = 256

    /// Lets go of the oldest statements that no block can apply. Leaders skip them; without this they would wait,
    /// and keep every validator waiting for a block, until each of them has led a view.
    func judgeWhatWaits() throws {
        let candidates = mempool.oldest(Self.judgedStatements)
        guard let keys, !candidates.isEmpty else { return }
        let assembly = try ledger.assemble(
            candidates, now: WallClock.now(), view: consensus.view, proposer: keys.index, source: state)
        guard !assembly.refused.isEmpty else { return }
        refuse(assembly.refused)
        handle(.statements(waiting: hasWork))
    }

    // MARK: Execution

    /// Executes a block of another validator on its parent, then checks the signatures that nobody here has
    /// checked, beside whatever else happens.
    func execute(_ id: Digest) throws {
        guard let body = pending.bodies[id] else { preconditionFailure("executes a block without a body") }
        guard let branch = pending.branch(to: body.header.parent, from: ledger.tip.blockID) else {
            preconditionFailure("executes block \(body.header.height) before its parent")
        }
        let limit = WallClock.now() + ledger.tip.epoch.parameters.maximumClockSkewMilliseconds
        guard body.header.time <= limit || consensus.hasQuorum(for: id, of: body.header.view) else {
            return postpone(id, milliseconds: body.header.time - limit)
        }
        guard try ledger.isBody(body.leafHashes, of: body.header, on: branch) else {
            // Not the block's fault, nor this node's: somebody has the statements that belong to the header.
            pending.dropBody(of: id)
            if let sender = body.sender.flatMap(peers.identity) {
                gossip(.proved(.wrongItem(.block(id)), of: sender))
            }
            return fetch(id, from: [])
        }
        let block: ExecutedBlock
        do {
            block = try ledger.execute(body.header, statements: body.statements, on: branch, source: state)
        } catch {
            if case .storage = error { throw error }
            logger.error("block \(body.header.height) of validator \(body.header.proposer) is invalid: \(error)")
            inputs.append(.executed(id, isValid: false))
            return
        }
        guard !body.unverified.isEmpty else { return executed(block, of: id) }
        let checks = try body.statements.filter { body.unverified.contains($0.leafHash) }.map { statement in
            statement.check(with: try key(of: statement, in: block, on: branch))
        }
        Task { [verifier] in
            let verdicts = await verifier.verify(checks)
            verified(block, of: id, isValid: verdicts.allSatisfy { $0 })
        }
    }

    private func executed(_ block: ExecutedBlock, of id: Digest) {
        pending.hold(block, of: id)
        inputs.append(.executed(id, isValid: true))
    }

    private func verified(_ block: ExecutedBlock, of id: Digest, isValid: Bool) {
        guard isRunning, pending.bodies[id] != nil else { return }
        if isValid {
            pending.hold(block, of: id)
        } else {
            logger.error("block \(block.header.height) of validator \(block.header.proposer) holds a bad signature")
        }
        handle(.executed(id, isValid: isValid))
    }

    /// A block from the future waits; consensus' timers say for how long the others wait for it. If a quorum found
    /// its time right, it is this node's clock that is wrong: it does not vote for the block, but it follows.
    private func postpone(_ id: Digest, milliseconds: UInt64) {
        Task {
            try? await Task.sleep(for: .milliseconds(Int64(min(milliseconds, Self.postponedMilliseconds))))
            retryExecution(id)
        }
    }

    /// From one look at a block from the future to the next.
    private static let postponedMilliseconds: UInt64 = 200

    func retryExecution(_ id: Digest) {
        guard isRunning, let body = pending.bodies[id], pending.executed[id] == nil,
            body.header.height > ledger.tip.header.height,
            pending.branch(to: body.header.parent, from: ledger.tip.blockID) != nil
        else { return }
        do {
            try execute(id)
            handleInputs()
        } catch {
            fail(error)
        }
    }

    /// The key that execution found for a statement. Its record may be of the block itself: which key a `kid` names
    /// never changes.
    func key(of statement: Statement, in block: ExecutedBlock, on branch: [ExecutedBlock]) throws -> PublicKey {
        let urn = URN.key(statement.kid)
        let key = urn.stateKey
        if let record = block.execution.records[key] { return try KeyRecord(cbor: record.body).key }
        for block in branch {
            if let record = block.execution.records[key] { return try KeyRecord(cbor: record.body).key }
        }
        guard let record = try ledger.record(urn, source: state) else {
            preconditionFailure("a statement was applied under key \(statement.kid), which is not enrolled")
        }
        return try KeyRecord(cbor: record.body).key
    }

    // MARK: Commit

    /// Makes blocks final: first the log, durably; then the ledger; then everybody who waits.
    func commit(_ ids: [Digest], _ certificate: Certificate) throws {
        let blocks = ids.map { id in
            guard let block = pending.executed[id] else { preconditionFailure("commits a block before its execution") }
            return block
        }
        guard let finality = certificate.finality else { preconditionFailure("commits without a finalization") }
        try append(blocks, finality)
    }

    /// - Parameter finality: the last block's; by it the others are final, too.
    func append(_ blocks: [ExecutedBlock], _ finality: FinalityCertificate) throws {
        let sync = try log(
            blocks.enumerated().map { place, block in
                LogBlock(block, certificate: place == blocks.count - 1 ? finality.cbor : [])
            })
        certificate = finality
        for block in blocks {
            try ledger.commit(block)
            checkpoints.add(ledger.tip)
            statistics.committed(block)
            mempool.remove(block.execution.applied.map(\.statement.id))
            peers.applied.remember(block.execution.applied.map(\.statement.leafHash))
        }
        lastCommit = MonotonicClock.now()
        latest.publish(ledger.tip)
        pending.drop(through: ledger.tip.header.height)
        pending.dropGatherings(before: consensus.view)
        for block in blocks {
            queueForIndex(block, sync)
            for applied in block.execution.applied where waiters[applied.statement.id] != nil {
                resume(applied.statement.id, with: .success(try IndexedStatement(applied, in: block).view))
            }
            feed.announce(block.header.height)
        }
        let time = ledger.tip.header.time
        refuse(
            mempool.removeExpired(at: time).map { statement in
                let parameters = ["expiry": "\(statement.claims.expiry)", "time": "\(time / 1_000)"]
                return (statement.id, Refusal(.expired, parameters))
            })
        announceAttachments(of: blocks)
        if catchUp.isRunning { attachmentRepair.note(blocks) }
        if let header = blocks.last?.header { tellObservers(finality, of: header) }
        try flushIfDue()
    }

    /// Writes final blocks to the log.
    ///
    /// What makes a block of several validators last is not this log: a finalization takes finalize votes of a quorum,
    /// and each of them was given after the voter had block and vote in both files of its journal, synced. So a crash
    /// of everybody, the moment after, loses nothing that was acknowledged, and the wait for the disk can go on beside
    /// the next block. What must not come before it waits for it: the journal's compaction, the index and the state.
    /// A validator that decides alone has no journal, and waits here.
    private func log(_ blocks: [LogBlock]) throws -> BackgroundSync? {
        guard peers.isAlone else { return try log.append(blocks, syncingOn: logQueue) }
        try log.append(blocks)
        return nil
    }

    /// The index follows on its own thread; a failure there stops the node at the next flush.
    private func queueForIndex(_ block: ExecutedBlock, _ sync: BackgroundSync?) {
        let feed = indexFeed
        let drain: @Sendable () -> Void = { try? feed.drain() }
        switch feed.add(block, sync: sync) {
        case .nothing: break
        case .drainLater: indexQueue.start(afterMilliseconds: IndexFeed.gatheringMilliseconds, drain)
        case .drainNow: indexQueue.start(drain)
        }
        // Blocks that wait are in memory. A ledger that outruns its index has to stand still at some point.
        if feed.isFull { indexQueue.wait() }
    }

    /// Everything that is final by now, in the index.
    nonisolated func fillIndex() async throws {
        try await indexQueue.run { [indexFeed] in try indexFeed.drain() }
    }

    // MARK: Flushing

    /// Writes the state behind the index when enough has gathered. The index's queue runs in order, so what
    /// is made durable on it holds every block of the flush: the state on disk never gets ahead of the index.
    private func flushIfDue() throws {
        if let failure = flushState.failures.first { throw StorageFailure(reason: failure) }
        let now = WallClock.now()
        let isDue =
            now >= flushState.last + FlushState.intervalMilliseconds
            || ledger.unflushedRecords >= FlushState.maximumRecords
        guard isDue, !flushState.isRunning else { return }
        flushState.isRunning = true
        flushState.last = now
        let givesBack = now >= flushState.lastTrim + FlushState.trimMilliseconds
        if givesBack { flushState.lastTrim = now }
        let flush = ledger.beginFlush()
        let settlement = isSettlingDue(now) ? log.beginSettling() : nil
        let (state, index, indexFeed, indexQueue, stateQueue) = (state, index, indexFeed, indexQueue, stateQueue)
        Task { [self] in
            do {
                // Two queues: a flush takes long, and readers of the index need not wait for it.
                try await indexQueue.run {
                    try indexFeed.drain()
                    try index.makeDurable()
                }
                try await stateQueue.run {
                    try state.write(flush)
                    try settlement?.run()
                    if givesBack { ProcessMemory.giveBack() }
                }
                finishFlush(hadSettlement: settlement != nil, error: nil)
                stateHeight = flush.checkpoint.tip.header.height
            } catch {
                finishFlush(hadSettlement: settlement != nil, error: error)
            }
        }
    }

    /// Settling syncs some twenty files. What it saves is the replay of the segments at a start, which is fast.
    private func isSettlingDue(_ now: UInt64) -> Bool {
        let isDue =
            log.unsettledBytes >= FlushState.settledBytes
            || now >= flushState.lastSettling + FlushState.settlingMilliseconds
        if isDue { flushState.lastSettling = now }
        return isDue
    }

    private func finishFlush(hadSettlement: Bool, error: (any Error)?) {
        flushState.isRunning = false
        if hadSettlement { log.finishSettling(error.map { $0 as? LogStoreError ?? .poisoned(cause: "\($0)") }) }
        if let error {
            flushState.failures.record("\(error)")
        } else {
            ledger.confirmFlush()
        }
    }
}

/// A database that could not be written. The log is whole, so a restart repairs everything else.
struct StorageFailure: Spoken {
    let reason: String

    var phrase: Phrase {
        Phrase(
            "\(reason); the log is not affected: mend the disk and start the node again",
            "\(reason)；日志未受影响：请修复磁盘后重新启动节点")
    }
}
