import ProvChain

/// Consensus messages of other validators, on their way to the core: checked first, each signature once.
extension Node {
    func receive(_ message: ConsensusMessage, from peer: Simplex.Peer, _ identity: IdentityKey) {
        if let epoch = message.epoch, epoch != committee.epoch {
            spend(questions: 1, by: identity)
            return receiveForeign(epoch, from: peer)
        }
        do throws(VoteFault) {
            switch message {
            case .vote(let vote):
                // The connection says who sent it, and whoever sends a vote of its own is there.
                if vote.signer == peer { heard(peer) }
                guard consensus.isNews(vote, from: peer) else { return }
                spend(signatures: 1, questions: consensus.asksForHelp(vote, from: peer) ? 1 : 0, by: identity)
                let verified = try committee.verify(vote)
                handle(.vote(verified, from: peer))
            case .certificate(let certificate):
                guard consensus.isNews(certificate) else { return }
                spend(signatures: certificate.signers.count, by: identity)
                handle(.certificate(try committee.verify(certificate), from: peer))
            case .proposal: return
            case .request(let request):
                spend(questions: 1, by: identity)
                handle(.request(request, from: peer))
            case .page(let page):
                let news = CertificatePage(page.certificates.filter(consensus.isNews))
                spend(signatures: news.certificates.reduce(0) { $0 + $1.signers.count }, by: identity)
                handle(.page(try committee.verify(news), from: peer))
            case .greeting(let greeting):
                spend(signatures: greeting.yours == nil ? 0 : 1, questions: 1, by: identity)
                handle(.greeting(try committee.verify(greeting), from: peer))
            case .equivocation(let found):
                guard consensus.isNews(found) else { return }
                spend(signatures: 2, by: identity)
                handle(.equivocation(try committee.verify(found)))
            }
        } catch {
            prove(error, of: identity)
        }
    }

    /// What a message made this node do is its sender's, over all of its connections.
    private func spend(signatures: Int = 0, questions: Int = 0, by identity: IdentityKey) {
        gossip(.spent(signatures: signatures, questions: questions, by: identity))
    }

    private func heard(_ signer: UInt64) {
        peers.withStanding(signer) { $0.lastVote = MonotonicClock.now() }
    }

    /// What cannot be checked here is no fault: it may be of another epoch.
    private func prove(_ fault: VoteFault, of identity: IdentityKey) {
        switch fault {
        case .wrongEpoch: break
        case .wrongHeader, .unknownSigner, .badSignature, .noQuorum, .signersNotAscending, .notTheLeader, .noConflict:
            gossip(.proved(.badSignature, of: identity))
        }
    }

    /// More than an epoch behind, no certificate of the others can be checked: blocks come first. One who says so is not
    /// believed, or a node that is asked to catch up all day does nothing that it does in quiet times.
    private func receiveForeign(_ epoch: UInt64, from peer: Simplex.Peer) {
        handle(.foreign(epoch: epoch, from: peer))
        if epoch > committee.epoch, peers.believedHeight > ledger.tip.header.height { startCatchUp(to: nil) }
    }

    // MARK: Proposals

    /// A block of which only the leaf hashes came: most statements are here, the others are asked for.
    func receive(_ compact: CompactProposal, from peer: Simplex.Peer, _ identity: IdentityKey) {
        let proposal = compact.proposal
        guard proposal.vote.epoch == committee.epoch else {
            return receiveForeign(proposal.vote.epoch, from: peer)
        }
        let id = proposal.block
        let tip = ledger.tip
        guard pending.gatherings[id] == nil, proposal.view > consensus.finalView,
            proposal.view <= consensus.view.addingSaturated(ConsensusTiming.viewsAhead),
            proposal.header.height <= tip.header.height.addingSaturated(Self.heightsAhead),
            compact.leafHashes.count <= Int(clamping: tip.epoch.parameters.maximumBlockStatements)
        else { return }
        let isHeld = pending.bodies[id] != nil || proposal.header.height <= tip.header.height
        // Said again, it would have its signatures checked again for nothing.
        if isHeld, !consensus.isNews(proposal) { return }
        do throws(VoteFault) {
            // Most that it stands on is known.
            let news = consensus.news(of: proposal)
            spend(signatures: news.certificates.reduce(1) { $0 + $1.signers.count }, by: identity)
            let verified = try committee.verify(news)
            heard(proposal.vote.signer)
            if isHeld { return handle(.proposal(verified, from: peer)) }
            // The leader's vote counts, and tells on it, whether or not the block's statements ever come.
            handle(.vote(committee.vote(of: verified), from: peer))
            // A leader proposes one block in a view. A second one is evidence, and no reason to keep more.
            guard !pending.hasProposal(of: proposal.view) else { return }
            gather(verified, compact.leafHashes, from: peer, identity)
        } catch {
            prove(error, of: identity)
        }
    }

    /// A proposal for a block further above the last final one than this is not looked at.
    private static let heightsAhead = 2 * ConsensusTiming.deepestPending

    private func gather(
        _ proposal: Verified<Proposal>, _ leafHashes: [Digest], from peer: Simplex.Peer, _ identity: IdentityKey
    ) {
        let id = proposal.content.block
        var gathering = PendingBlocks.Gathering(
            proposal: proposal, sender: peer, leafHashes: leafHashes, statements: [:])
        gathering.statements.reserveCapacity(leafHashes.count)
        for hash in leafHashes {
            if let waiting = mempool[leafHash: hash] {
                gathering.statements[hash] = waiting
            } else if let other = pending.statement(hash) {
                // Another block's: nobody says that its signature was ever checked.
                gathering.statements[hash] = other
                gathering.unverified.insert(hash)
            }
        }
        pending.gather(gathering, of: id)
        let missing = gathering.missing
        if missing.isEmpty { return completed(id) }
        gossip(.want(missing.map { .statement($0) }, at: [identity]))
    }

    /// Every statement of a proposed block is here.
    private func completed(_ id: Digest) {
        guard let gathering = pending.endGathering(of: id), let body = gathering.body else { return }
        let wasAwaited = pending.isBodiless(id)
        pending.hold(body, of: id)
        handle(.proposal(gathering.proposal, from: gathering.sender))
        if wasAwaited { retryExecution(id) }
    }

    // MARK: Statements

    /// Statements that a peer pushed, or that were asked for: parsed and verified beside the ledger's thread.
    ///
    /// Few of one peer at a time, the others wait as bytes: parsed they take many times the memory, and those of a liar
    /// are dropped with the first that does not verify.
    func receive(_ statements: [[UInt8]], from peer: IdentityKey) {
        let news = statements.filter { isNews($0) }
        guard !news.isEmpty else { return }
        arriving[peer, default: Arriving()].waiting.append(contentsOf: news)
        checkNext(of: peer)
    }

    /// What waits here or is final, and no block waits for, need not be parsed to be known.
    private func isNews(_ statement: [UInt8]) -> Bool {
        let hash = MerkleHash.leaf(statement)
        if mempool[leafHash: hash] == nil, !peers.applied.contains(hash) { return true }
        gossip(.forget(.statement(hash)))
        return pending.isLacking(hash)
    }

    /// Statements of a peer on their way into the mempool.
    struct Arriving {
        var waiting: [[UInt8]] = []
        var batches = 0

        /// Batches of one peer that are parsed and verified at the same time.
        static let batchesAtOnce = 2
        /// What a liar makes this node check for nothing, before it is not talked to any more.
        static let statementsInBatch = 64

        mutating func next() -> [[UInt8]]? {
            guard batches < Self.batchesAtOnce, !waiting.isEmpty else { return nil }
            batches += 1
            defer { waiting.removeFirst(min(Self.statementsInBatch, waiting.count)) }
            return Array(waiting.prefix(Self.statementsInBatch))
        }
    }

    private func checkNext(of peer: IdentityKey) {
        while let batch = arriving[peer]?.next() {
            Task {
                await check(batch, from: peer)
                arriving[peer]?.batches -= 1
                checkNext(of: peer)
                if arriving[peer]?.batches == 0 { arriving[peer] = nil }
            }
        }
    }

    private func check(_ statements: [[UInt8]], from peer: IdentityKey) async {
        // Few are parsed sooner than another thread is awake.
        let parsed =
            statements.count <= Self.parsedHere
            ? statements.map { try? Statement(encoded: $0) }
            : await verifier.pool.map(count: statements.count) { place in
                try? Statement(encoded: statements[place])
            }
        if parsed.contains(where: { $0 == nil }) {
            return gossip(
                .proved(.malformed(CBORError(.invalidValue("a statement that is none"), at: 0)), of: peer))
        }
        await admit(parsed.compactMap(\.self), from: peer)
    }

    private static let parsedHere = 4

    private func admit(_ statements: [Statement], from peer: IdentityKey) async {
        var admitted: [(statement: Statement, admission: Admission)] = []
        for statement in statements {
            gossip(.forget(.statement(statement.leafHash)))
            guard mempool[leafHash: statement.leafHash] == nil, !peers.applied.contains(statement.leafHash) else {
                offer(statement, isVerified: mempool[leafHash: statement.leafHash] != nil)
                continue
            }
            do {
                let admission = try admit(statement)
                guard mempool.hasRoom(for: statement.encoded.count, organisation: admission.organisation) else {
                    // It would be verified for nothing; repair offers it again. A block that has it waits for it.
                    offer(statement, isVerified: false)
                    continue
                }
                admitted.append((statement, admission))
            } catch is Refusal {
                // Enrolled by a block that is not final yet, perhaps: then the block that holds it says so.
                offer(statement, isVerified: false)
            } catch {
                return fail(error)
            }
        }
        let verdicts = await verifier.verify(admitted.map { $0.statement.check(with: $0.admission.key) })
        guard isRunning else { return }
        var isNew = false
        for ((statement, admission), isValid) in zip(admitted, verdicts) {
            guard isValid else {
                // Nobody passes on what it has not verified, so whoever sent it lies.
                statistics.refused(.badSignature, at: .submission)
                return gossip(.proved(.badSignature, of: peer))
            }
            offer(statement, isVerified: true)
            guard !ledger.wasRecentlyApplied(statement.id) else { continue }
            // A full mempool is no fault of the peer; repair offers the statement again.
            if (try? mempool.insert(statement, organisation: admission.organisation)) == true { isNew = true }
        }
        if isNew { signalWaiting() }
    }

    private func offer(_ statement: Statement, isVerified: Bool) {
        for id in pending.offer(statement, isVerified: isVerified) { completed(id) }
    }

    // MARK: Blocks

    /// Something that was asked for.
    func found(_ item: FetchItem, _ bytes: [UInt8], from peer: IdentityKey) {
        switch item {
        case .block(let id):
            guard let block = parseBlock(bytes, id, from: peer) else { return }
            let pool = verifier.pool
            Task {
                let parsed = await pool.map(count: block.statements.count) { place in
                    try? Statement(encoded: block.statements[place])
                }
                obtained(id, block.header, parsed, from: peer)
            }
        case .attachment(let hash): keep(bytes, hash, from: peer)
        case .checkpoint(let block, let validator): keepCheckpoint(bytes, of: block, by: validator, from: peer)
        case .statement: break
        }
    }

    private func parseBlock(_ bytes: [UInt8], _ id: Digest, from peer: IdentityKey) -> FullBlock? {
        do throws(CBORError) {
            let block = try FullBlock(cbor: bytes)
            guard block.header.id == id else {
                gossip(.proved(.wrongItem(.block(id)), of: peer))
                return nil
            }
            return block
        } catch {
            gossip(.proved(.malformed(error), of: peer))
            return nil
        }
    }

    private func obtained(_ id: Digest, _ header: BlockHeader, _ parsed: [Statement?], from peer: IdentityKey) {
        let statements = parsed.compactMap { $0 }
        guard isRunning, statements.count == parsed.count, header.height > ledger.tip.header.height,
            pending.bodies[id] == nil
        else { return }
        let wasAwaited = pending.isBodiless(id)
        let unverified = statements.map(\.leafHash).filter { mempool[leafHash: $0] == nil }
        pending.hold(
            PendingBlocks.Body(
                header: header, statements: statements, unverified: Set(unverified), sender: peers.index(peer)), of: id)
        if let gathering = pending.endGathering(of: id) {
            handle(.proposal(gathering.proposal, from: gathering.sender))
        }
        handle(.obtained(header))
        if wasAwaited { retryExecution(id) }
    }
}
