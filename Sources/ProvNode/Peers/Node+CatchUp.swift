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
            var branch = Branch()
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
                    try await apply(blocks, of: chunks[place], to: &branch)
                else {
                    group.cancelAll()
                    return false
                }
            }
            while !branch.groups.isEmpty {
                guard try await commitGroup(of: &branch) else { return false }
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
            if let headers = await check(answer.items, after: tip, from: identity) {
                return ledger.tip.blockID == tip.blockID ? headers : nil
            }
            catchUp.failed(identity)
        }
        return nil
    }

    /// Every certificate that will be kept is checked before anything is done by it, beside this thread.
    private func check(_ items: [[UInt8]], after tip: Tip, from peer: IdentityKey) async -> [CertifiedHeader]? {
        let chain: CertifiedChain
        do throws(CBORError) {
            guard let found = try CertifiedChain(items, after: tip) else { return nil }
            chain = found
        } catch {
            gossip(.proved(.malformed(error), of: peer))
            return nil
        }
        let isProven = await verifier.pool.map(count: chain.stops.count) { chain.isProven(at: chain.stops[$0]) }
        guard isProven.allSatisfy({ $0 }) else {
            gossip(.proved(.badSignature, of: peer))
            return nil
        }
        return chain.headers
    }

    // MARK: Blocks

    private struct Sent: Sendable {
        let header: BlockHeader
        /// `nil` if some of them are none.
        let statements: [Statement]?
        let peer: IdentityKey
    }

    /// Blocks that were executed and are not committed, while other threads check their signatures.
    private struct Branch {
        /// Blocks up to a certified one, which are committed together.
        struct Group {
            let count: Int
            let header: BlockHeader
            let finality: FinalityCertificate
        }

        var blocks: [ExecutedBlock] = []
        /// Of the blocks, in the same order.
        var verdicts: [Task<Bool, Never>] = []
        var groups: [Group] = []
        /// Of those who signed: which key a `kid` names never changes.
        var keys: [Digest: PublicKey] = [:]

        /// Blocks of no group yet.
        var ungrouped: Int { blocks.count - groups.reduce(0) { $0 + $1.count } }
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
            let parsed = await patientVerifier.pool.map(count: min(answer.items.count, missing)) { place in
                (try? FullBlock(cbor: answer.items[place])).map { block in
                    Sent(
                        header: block.header, statements: try? block.statements.map { try Statement(encoded: $0) },
                        peer: peer)
                }
            }
            for block in parsed {
                guard let block, block.header == headers[blocks.count].header else {
                    catchUp.failed(peer)
                    failures += 1
                    break
                }
                blocks.append(block)
            }
        }
        return blocks.count == headers.count ? blocks : nil
    }

    /// Executes blocks on what was applied before, and commits up to the last certified one whose signatures were
    /// all found right; false if something else brought this node further meanwhile, or a body is wrong.
    ///
    /// Signatures of one group are checked on other threads while this one executes the next.
    private func apply(
        _ blocks: [Sent], of headers: [CertifiedHeader], to branch: inout Branch
    ) async throws -> Bool {
        for (sent, certified) in zip(blocks, headers) {
            guard try execute(sent, on: &branch) else { return false }
            if let finality = certified.finality {
                branch.groups.append(
                    .init(count: branch.ungrouped, header: certified.header, finality: finality))
            }
            if branch.groups.count > 1 {
                guard try await commitGroup(of: &branch) else { return false }
            }
            // Peers and clients have their turn.
            await Task.yield()
        }
        return true
    }

    /// Executes one block on the branch, and has its signatures checked.
    private func execute(_ sent: Sent, on branch: inout Branch) throws -> Bool {
        let header = sent.header
        let base = ledger.tip.blockID
        // The tip may have moved meanwhile; a body on another one than its header's says nothing of its sender.
        guard isRunning, !hasFailed, (branch.blocks.first?.header.parent ?? base) == base,
            header.parent == branch.blocks.last?.header.id ?? base
        else { return false }
        guard let statements = sent.statements,
            try ledger.isBody(statements.map(\.leafHash), of: header, on: branch.blocks)
        else {
            // A quorum stands behind the header, so whoever sent other statements lied.
            gossip(.proved(.wrongItem(.block(header.id)), of: sent.peer))
            return false
        }
        let executed: ExecutedBlock
        do {
            executed = try ledger.execute(header, statements: statements, on: branch.blocks, source: state)
        } catch {
            if case .storage = error { throw error }
            diverge(header, because: "\(error)")
            return false
        }
        let checks = try statements.filter { mempool[leafHash: $0.leafHash] == nil }.map { statement in
            if let known = branch.keys[statement.kid] { return statement.check(with: known) }
            let key = try key(of: statement, in: executed, on: branch.blocks)
            if branch.keys.count >= Self.rememberedKeys { branch.keys = [:] }
            branch.keys[statement.kid] = key
            return statement.check(with: key)
        }
        branch.blocks.append(executed)
        branch.verdicts.append(Task { [patientVerifier] in await patientVerifier.verify(checks).allSatisfy { $0 } })
        return true
    }

    private func commitGroup(of branch: inout Branch) async throws -> Bool {
        let group = branch.groups.removeFirst()
        var invalid: BlockHeader?
        for (block, verdict) in zip(branch.blocks, branch.verdicts).prefix(group.count) {
            if !(await verdict.value), invalid == nil { invalid = block.header }
        }
        guard ledger.tip.blockID == branch.blocks.first?.header.parent, !hasFailed, isRunning else { return false }
        if let invalid {
            diverge(invalid, because: "a statement's signature does not verify")
            return false
        }
        try append(Array(branch.blocks.prefix(group.count)), group.finality)
        branch.blocks.removeFirst(group.count)
        branch.verdicts.removeFirst(group.count)
        handle(
            .synced(
                FinalPoint(header: group.header, view: group.finality.view),
                Certificate(group.finality, of: group.header)))
        return true
    }

    /// A quorum stands behind a block that is invalid here. Each is logged once: it will be met again.
    private func diverge(_ header: BlockHeader, because reason: String) {
        if !incidents.divergences.contains(where: { $0.block == header.id && $0.settled == nil }) {
            logger.critical("final block \(header.height) is invalid here: \(reason)")
        }
        handle(.diverged(view: header.view, block: header.id))
    }

    /// Keys remembered while a page is caught up: half a megabyte.
    private static let rememberedKeys = 4_096

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
