import ProvChain

extension Node {
    /// Somebody who waits for a statement to become final.
    struct Waiter {
        let number: UInt64
        let continuation: CheckedContinuation<StatementView, any Error>
    }

    /// Takes a statement into the mempool: parsed, by an enrolled key, its signature verified once, its
    /// attachments stored. Whatever is wrong is thrown as a ``ProblemView``.
    func submit(_ submission: Submission, wait: Bool) async throws -> StatementView {
        guard keys != nil else { throw Problems.observer }
        let statement: Statement
        do throws(Refusal) {
            statement = try Statement(encoded: submission.statement)
        } catch {
            throw refused(error)
        }
        if let known = try await known(statement) {
            guard wait, known.status == .pending else { return known }
            return try await waitForFinality(statement)
        }
        if let free = space.shortage(now: WallClock.now()) {
            throw Problems.lowSpace(free: free, reserve: space.reserve)
        }
        let admission: Admission
        do {
            admission = try await admitWhenCurrent(statement)
        } catch let refusal as Refusal {
            throw refused(refusal)
        }
        guard await verifier.verify(statement.check(with: admission.key)) else {
            throw refused(Refusal(.badSignature, ["key": statement.kid.hex]))
        }
        try await keep(submission, of: statement)
        // While all this happened it may have become final, by way of another validator.
        if ledger.wasRecentlyApplied(statement.id) {
            return try await known(statement) ?? .pending(statement)
        }
        do throws(Mempool.Full) {
            if try mempool.insert(statement, organisation: admission.organisation) {
                let restricted = Set(submission.restricted)
                let hashes = submission.attachments.map { SHA256.hash($0) }
                noteAttachments(hashes.filter { !restricted.contains($0) }, of: statement.id)
                pushToPeers(statement)
            }
        } catch {
            throw Problems.full(error)
        }
        signalWaiting()
        return wait ? try await waitForFinality(statement) : .pending(statement)
    }

    /// The answer for a statement that waits or was applied already: submitting again is harmless.
    private func known(_ statement: Statement) async throws -> StatementView? {
        if mempool.contains(statement.id) { return .pending(statement) }
        // The ledger remembers what was applied and has not expired: of anything else that has not expired, the
        // index knows nothing, and asking it would make each statement wait for the blocks before it.
        let isExpired = statement.claims.expiry * 1_000 <= ledger.tip.header.time
        guard isExpired || ledger.wasRecentlyApplied(statement.id) else { return nil }
        let id = statement.id
        return try await indexed { try $0.statement(id) }
    }

    /// With what a statement's signature is checked, and whose share of the mempool it takes.
    struct Admission {
        let key: PublicKey
        let organisation: Digest
    }

    /// As ``admit(_:)``; but whoever was enrolled at another validator a moment ago may not be known here yet, so the
    /// blocks on their way are waited for.
    private func admitWhenCurrent(_ statement: Statement) async throws -> Admission {
        let deadline = MonotonicClock.now().advanced(by: Self.currencyMilliseconds)
        while true {
            do {
                return try admit(statement)
            } catch let refusal as Refusal {
                guard refusal.rule == .unknownParty || refusal.rule == .unknownKey, isBehind,
                    MonotonicClock.now() < deadline
                else { throw refusal }
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    private static let currencyMilliseconds: UInt64 = 1_000

    /// True if blocks are on their way here.
    private var isBehind: Bool {
        !pending.bodies.isEmpty || catchUp.isRunning
            || peers.believedHeight > ledger.tip.header.height
    }

    /// Judges what needs no execution; throws a ``Refusal``, or whatever keeps the state from being read.
    func admit(_ statement: Statement) throws -> Admission {
        let now = max(WallClock.now(), ledger.tip.header.time)
        guard statement.claims.chain == ledger.chain else {
            throw Refusal(.wrongChain, ["found": statement.claims.chain.hex, "expected": ledger.chain.hex])
        }
        guard now < statement.claims.expiry * 1_000 else {
            throw Refusal(.expired, ["expiry": "\(statement.claims.expiry)", "time": "\(now / 1_000)"])
        }
        guard let party = try ledger.record(.party(statement.claims.issuer), source: state) else {
            throw Refusal(.unknownParty, ["party": statement.claims.issuer.hex])
        }
        guard let stored = try ledger.record(.key(statement.kid), source: state) else {
            throw Refusal(.unknownKey, ["key": statement.kid.hex])
        }
        let key = try KeyRecord(cbor: stored.body)
        try Authority.check(key, for: statement, height: ledger.tip.header.height + 1)
        // With one organisation there is nothing to share.
        let organisation = peers.isSole ? .zero : try PartyRecord(cbor: party.body).member
        return Admission(key: key.key, organisation: organisation)
    }

    private func refused(_ refusal: Refusal) -> ProblemView {
        statistics.refused(refusal.rule, at: .submission)
        return Problems.refused(refusal)
    }

    /// Stores the attachments that the statement commits to; any other is refused.
    private func keep(_ submission: Submission, of statement: Statement) async throws {
        let bytes = submission.attachments
        let references = Set(statement.payload.attachments)
        for attachment in bytes where !references.contains(AttachmentReference(to: attachment)) {
            throw Problems.attachment(
                "An attachment of \(attachment.count) bytes has hash \(SHA256.hash(attachment)), to which the "
                    + "statement does not commit.")
        }
        let restricted = Set(submission.restricted)
        guard restricted.isSubset(of: bytes.map { SHA256.hash($0) }) else {
            throw Problems.attachment("A hash that is to be restricted is not the hash of an attachment sent with it.")
        }
        guard !bytes.isEmpty else { return }
        try requireLayout(bytes, statement.payload)
        let store = attachments
        do {
            try await files.run {
                for hash in restricted {
                    guard try store.restrict(hash) else { throw Problems.alreadyPublic(hash) }
                }
                for attachment in bytes { try store.put(attachment) }
            }
        } catch let error as AttachmentError {
            logger.error("attachments are not stored: \(error)")
            throw error.isDiskFull ? Problems.diskFull : Problems.storage
        }
    }

    /// Attachments whose layout the protocol fixes are kept only if they have it.
    private func requireLayout(_ attachments: [[UInt8]], _ payload: Payload) throws {
        let (metadata, content): (AttachmentReference?, VersionContent?) =
            switch payload {
            case .registerWork(let payload): (payload.metadata, payload.content)
            case .addVersion(let payload): (nil, payload.content)
            case .openChain, .enrolParty, .rotateKey, .offerTitle, .acceptTitle, .declineTitle, .cancelTitle:
                (nil, nil)
            }
        for bytes in attachments {
            let reference = AttachmentReference(to: bytes)
            do throws(CBORError) {
                if reference == metadata { _ = try WorkMetadata(cbor: bytes) }
                guard reference == content?.manifest else { continue }
                let manifest = try Manifest(cbor: bytes)
                guard manifest.root == content?.manifestRoot else {
                    throw CBORError(.invalidValue("the manifest's root is \(manifest.root), not the stated one"), at: 0)
                }
            } catch {
                throw Problems.attachment("Attachment \(reference.hash): \(error).")
            }
        }
    }

    // MARK: Waiting

    private func waitForFinality(_ statement: Statement) async throws -> StatementView {
        // It may have become final, or been refused, while its attachments were stored.
        guard mempool.contains(statement.id) else {
            if let refusal = refusals[statement.id] { throw Problems.refused(refusal) }
            return try await known(statement) ?? .pending(statement)
        }
        let number = nextWaiter
        nextWaiter += 1
        let timeout = Task { [self] in
            try await Task.sleep(for: .seconds(NodeLimits.finalWaitSeconds))
            giveUp(statement, number)
        }
        defer { timeout.cancel() }
        return try await withCheckedThrowingContinuation { continuation in
            waiters[statement.id, default: []].append(Waiter(number: number, continuation: continuation))
        }
    }

    private func giveUp(_ statement: Statement, _ number: UInt64) {
        guard let place = waiters[statement.id]?.firstIndex(where: { $0.number == number }) else { return }
        waiters[statement.id]?.remove(at: place).continuation.resume(returning: .pending(statement))
    }

    /// Answers everybody who waits for a statement.
    func resume(_ statement: Digest, with result: Result<StatementView, any Error>) {
        for waiter in waiters.removeValue(forKey: statement) ?? [] { waiter.continuation.resume(with: result) }
    }
}

extension StatementView {
    static func pending(_ statement: Statement) -> StatementView {
        StatementView(statement: statement.id.hex, leafHash: statement.leafHash.hex, status: .pending)
    }
}
