import ProvChain

extension Node {
    /// Builds the next block from what waits; refused statements leave the mempool with their reason.
    func build(view: UInt64, allowEmpty: Bool) throws -> SoleValidator.Input {
        let limit = Int(clamping: ledger.tip.epoch.parameters.maximumBlockStatements)
        let candidates = mempool.oldest(limit)
        guard allowEmpty || !candidates.isEmpty else { return .nothingToBuild }
        statistics.startedBlock()
        let assembly = try ledger.assemble(
            candidates, now: WallClock.now(), view: view, proposer: keys.index, source: state)
        mempool.remove(assembly.refused.map { $0.statement })
        for (statement, refusal) in assembly.refused {
            refusals[statement] = refusal
            statistics.refused(refusal.rule, at: .block)
            resume(statement, with: .failure(Problems.refused(refusal)))
        }
        guard allowEmpty || !assembly.block.execution.applied.isEmpty else { return .nothingToBuild }
        proposal = assembly.block
        return .built(assembly.block.header)
    }

    /// Makes a block final: first the log, durably; then the ledger; then everybody who waits.
    func commit(_ certificate: FinalityCertificate) throws {
        guard let block = proposal else { preconditionFailure("a certificate without a proposal") }
        proposal = nil
        try log.append([LogBlock(block, certificate: certificate.cbor)])
        try ledger.commit(block)
        latest.publish(ledger.tip)
        self.certificate = certificate
        statistics.committed(block)
        mempool.remove(block.execution.applied.map(\.statement.id))
        queueForIndex(block)
        for applied in block.execution.applied {
            resume(applied.statement.id, with: .success(try IndexedStatement(applied, in: block).view))
        }
        feed.announce(block.header.height)
        try flushIfDue()
    }

    /// The index follows on its own thread; a failure there stops the node at the next flush.
    private func queueForIndex(_ block: ExecutedBlock) {
        let (feed, failures) = (indexFeed, flushState.failures)
        feed.add(block)
        indexQueue.start {
            do {
                try feed.drain()
            } catch {
                failures.record("\(error)")
            }
        }
        // Blocks that wait are in memory. A ledger that outruns its index has to stand still at some point.
        if feed.isFull { indexQueue.wait() }
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
        let flush = ledger.beginFlush()
        let settlement = log.beginSettling()
        let (state, index, indexQueue, stateQueue) = (state, index, indexQueue, stateQueue)
        Task { [self] in
            do {
                // Two queues: a flush takes long, and readers of the index need not wait for it.
                try await indexQueue.run { try index.makeDurable() }
                try await stateQueue.run {
                    try state.write(flush)
                    try settlement?.run()
                }
                finishFlush(hadSettlement: settlement != nil, error: nil)
                stateHeight = flush.checkpoint.tip.header.height
            } catch {
                finishFlush(hadSettlement: settlement != nil, error: error)
            }
        }
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
struct StorageFailure: Error, CustomStringConvertible {
    let reason: String

    var description: String { "\(reason); the log is not affected: mend the disk and start the node again" }
}
