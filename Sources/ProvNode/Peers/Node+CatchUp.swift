import ProvChain

/// How a node that is behind comes to the others' height: certificates first, which are small and prove what is
/// to come; then the blocks, from several peers at a time; each is executed like any other.
extension Node {
    /// Headers asked for at a time.
    private static let pageHeaders: UInt64 = 1_024
    /// Blocks of one request for statements.
    private static let chunkBlocks: UInt64 = 16
    /// Requests for statements under way.
    private static let openChunks = 4
    private static let answerMilliseconds: UInt64 = 3_000
    /// From one attempt to the next.
    private static let restMilliseconds: UInt64 = 200
    /// The same for a node that found a final block invalid: it will find it so again.
    private static let divergedMilliseconds: UInt64 = 10_000

    private var isDiverged: Bool {
        if case .divergence = consensus.silence { return true }
        return false
    }

    /// Starts unless it runs already. Consensus asks again if it did not help.
    func startCatchUp(to certificate: Certificate?) {
        let now = MonotonicClock.now()
        let rest = isDiverged ? Self.divergedMilliseconds : Self.restMilliseconds
        guard !catchUp.isRunning, !hasFailed, now >= catchUp.ended.advanced(by: rest) else { return }
        catchUp.begin(at: ledger.tip.header.height, now: now)
        Task {
            do {
                while try await catchUpPage() {}
            } catch {
                fail(error)
            }
            finishCatchUp()
        }
    }

    private func finishCatchUp() {
        let gained = ledger.tip.header.height - catchUp.from
        if gained > 0 {
            let spent = MonotonicClock.now().milliseconds - catchUp.started.milliseconds
            attachmentRepair.hurry()
            logger.info("caught up", metadata: ["blocks": "\(gained)", "milliseconds": "\(spent)"])
        }
        catchUp.end(now: MonotonicClock.now())
    }

    /// Brings this node one page further; false if nobody has more.
    private func catchUpPage() async throws -> Bool {
        guard !hasFailed, isRunning else { return false }
        let tip = ledger.tip
        guard let headers = await certifiedHeaders(after: tip), let last = headers.last else { return false }
        catchUp.aim(at: last.header.height)
        logger.info(
            "catching up",
            metadata: [
                "height": "\(tip.header.height)", "target": "\(catchUp.target)",
                "seconds":
                    "\(catchUp.remaining(at: tip.header.height, now: MonotonicClock.now()).map { "\($0 / 1_000)" } ?? "?")",
            ])
        let chunks = stride(from: headers.startIndex, to: headers.endIndex, by: Int(Self.chunkBlocks)).map {
            Array(headers[$0..<min($0 + Int(Self.chunkBlocks), headers.endIndex)])
        }
        return try await withThrowingTaskGroup(of: (Int, [Sent]?).self) { group in
            var next = 0
            var fetched: [Int: [Sent]] = [:]
            func askNext() {
                guard next < chunks.count else { return }
                let (place, chunk) = (next, chunks[next])
                group.addTask { (place, await self.blocks(chunk, first: place)) }
                next += 1
            }
            for _ in 0..<Self.openChunks { askNext() }
            var pendingChunks: [ExecutedBlock] = []
            for place in chunks.indices {
                while fetched[place] == nil {
                    guard let (found, blocks) = try await group.next(), let blocks else {
                        group.cancelAll()
                        return false
                    }
                    fetched[found] = blocks
                    askNext()
                }
                guard let blocks = fetched.removeValue(forKey: place),
                    try await apply(blocks, of: chunks[place], to: &pendingChunks)
                else {
                    group.cancelAll()
                    return false
                }
            }
            return true
        }
    }

    // MARK: Certificates

    /// Headers after the tip, up to a certified one, no further than the end of the epoch; checked against the tip
    /// and the epoch's validators. `nil` if no peer has any.
    private func certifiedHeaders(after tip: Tip) async -> [CertifiedHeader]? {
        for identity in catchUp.order(peers.connected.compactMap(peers.identity), from: tip.header.height) {
            let answer = await ask(identity, .certified, from: tip.header.height + 1, count: Self.pageHeaders)
            guard ledger.tip.blockID == tip.blockID else { return nil }
            guard let answer else {
                catchUp.failed(identity)
                continue
            }
            guard !answer.items.isEmpty else { continue }
            if let headers = check(answer.items, after: tip, from: identity) { return headers }
            catchUp.failed(identity)
        }
        return nil
    }

    private func check(_ items: [[UInt8]], after tip: Tip, from peer: IdentityKey) -> [CertifiedHeader]? {
        var headers: [CertifiedHeader] = []
        var parent = tip.blockID
        do {
            for item in items {
                let header = try CertifiedHeader(cbor: item)
                guard header.header.parent == parent,
                    header.header.height == tip.header.height + 1 + UInt64(headers.count)
                else { return nil }
                parent = header.header.id
                headers.append(header)
                if header.header.nextEpochRecord != nil { break }
            }
            guard let end = headers.lastIndex(where: { $0.finality != nil }), let finality = headers[end].finality
            else { return nil }
            try finality.verify(headers[end].header, epoch: tip.epoch)
            return Array(headers[...end])
        } catch let error as CBORError {
            gossip(.proved(.malformed(error), of: peer))
        } catch {
            gossip(.proved(.badSignature, of: peer))
        }
        return nil
    }

    // MARK: Blocks

    private struct Sent: Sendable {
        let block: FullBlock
        let peer: IdentityKey
    }

    /// The blocks of these headers, from whichever peer has them.
    private func blocks(_ headers: [CertifiedHeader], first: Int) async -> [Sent]? {
        guard let height = headers.first?.header.height else { return [] }
        let candidates = catchUp.best(of: peers.connected.compactMap(peers.identity))
        var blocks: [Sent] = []
        // Different chunks start at different peers.
        var failures = 0
        while blocks.count < headers.count, failures < 2 * candidates.count {
            let peer = candidates[(first + failures) % candidates.count]
            let missing = headers.count - blocks.count
            let from = height + UInt64(blocks.count)
            guard let answer = await ask(peer, .statements, from: from, count: UInt64(missing)), !answer.items.isEmpty
            else {
                catchUp.failed(peer)
                failures += 1
                continue
            }
            let pool = verifier.pool
            let parsed = await pool.map(count: min(answer.items.count, missing)) { place in
                try? FullBlock(cbor: answer.items[place])
            }
            for block in parsed {
                guard let block, block.header == headers[blocks.count].header else {
                    catchUp.failed(peer)
                    failures += 1
                    break
                }
                blocks.append(Sent(block: block, peer: peer))
            }
        }
        return blocks.count == headers.count ? blocks : nil
    }

    /// Executes blocks on what was applied before, verifies all their signatures, and commits up to the last
    /// certified one; false if something else brought this node further meanwhile, or a body is wrong.
    private func apply(
        _ blocks: [Sent], of headers: [CertifiedHeader], to branch: inout [ExecutedBlock]
    ) async throws -> Bool {
        for (sent, certified) in zip(blocks, headers) {
            let block = sent.block
            let statements = await verifier.pool.map(count: block.statements.count) { place in
                try? Statement(encoded: block.statements[place])
            }
            let parsed = statements.compactMap { $0 }
            let base = ledger.tip.blockID
            guard isRunning, (branch.first?.header.parent ?? base) == base else { return false }
            guard parsed.count == statements.count,
                try ledger.isBody(parsed.map(\.leafHash), of: block.header, on: branch)
            else {
                // A quorum stands behind the header, so whoever sent other statements lied.
                gossip(.proved(.wrongItem(.block(block.header.id)), of: sent.peer))
                return false
            }
            let executed: ExecutedBlock
            do {
                executed = try ledger.execute(block.header, statements: parsed, on: branch, source: state)
            } catch {
                if case .storage = error { throw error }
                diverge(block.header, because: "\(error)")
                return false
            }
            let checks = try parsed.filter { mempool[leafHash: $0.leafHash] == nil }.map { statement in
                statement.check(with: try key(of: statement, in: executed, on: branch))
            }
            let verdicts = await verifier.verify(checks)
            guard ledger.tip.blockID == base, !hasFailed, isRunning else { return false }
            guard verdicts.allSatisfy({ $0 }) else {
                diverge(block.header, because: "a statement's signature does not verify")
                return false
            }
            branch.append(executed)
            guard let finality = certified.finality, branch.count >= Self.commitBlocks || certified == headers.last
            else {
                continue
            }
            try append(branch, finality)
            branch = []
            handle(
                .synced(
                    FinalPoint(header: certified.header, view: finality.view),
                    Certificate(finality, of: certified.header)))
        }
        return true
    }

    /// A quorum stands behind a block that is invalid here. Each is logged once: it will be met again.
    private func diverge(_ header: BlockHeader, because reason: String) {
        if !incidents.divergences.contains(where: { $0.block == header.id && $0.settled == nil }) {
            logger.critical("final block \(header.height) is invalid here: \(reason)")
        }
        handle(.diverged(view: header.view, block: header.id))
    }

    /// Blocks made durable at a time: one wait for the disk.
    private static let commitBlocks = 8

    // MARK: Questions

    private func ask(_ peer: IdentityKey, _ part: RangeRequest.Part, from: UInt64, count: UInt64) async -> RangeAnswer?
    {
        await withCheckedContinuation { continuation in
            let number = catchUp.ask(peer, continuation)
            gossip(
                .send(.range(RangeRequest(number: number, part: part, from: from, count: count)), to: .peers([peer])))
            Task {
                try? await Task.sleep(for: .milliseconds(Self.answerMilliseconds))
                catchUp.giveUp(number)
            }
        }
    }
}
