import ProvChain

/// Who signs, for which chain, and until when: what every statement needs besides its payload.
struct Signer {
    let key: SecretKey
    let party: Digest
    let chain: Digest
    /// Seconds from now until the statement expires.
    let lifetime: UInt64

    /// What a statement gets if the chain allows as much.
    static let preferredLifetime: UInt64 = 1_800

    /// Signs; `subject` may depend on the identifier that the statement's nonce gives to what it creates.
    func sign(_ payload: Payload, subject: (Digest) -> URN) throws -> Statement {
        let nonce = SystemRandom.bytes(Statement.Claims.nonceBytes)
        let derived = Statement.derivedIdentifier(chain: chain, issuer: party, nonce: nonce)
        let now = Time.now
        let claims = Statement.Claims(
            issuer: party, subject: subject(derived), chain: chain, expiry: now + lifetime, issuedAt: now,
            nonce: nonce)
        return try StatementDraft(claims: claims, payload: payload).signed(by: key)
    }
}

extension Context {
    /// Unlocks the key and finds out for which chain and party it signs: from the node, or offline from
    /// the options and the configuration.
    func signer(_ options: StatementOptions) async throws -> Signer {
        if options.offline {
            guard options.output != nil else { throw CLIError.failed(.outputMissing) }
            guard let chain = try expectedChain(options.chain) else { throw CLIError.failed(.chainMissing) }
            let key = try unlockKey(at: keyPath)
            let party: Digest
            if let named = options.party ?? configuration.party {
                party = try ProvCLI.party(named)
            } else {
                // What `party apply` names a party that still has its first key.
                party = PartyApplication.identifier(chain: chain.bytes, firstKey: key.publicKey.kid)
            }
            return Signer(key: key, party: party, chain: chain, lifetime: Signer.preferredLifetime)
        }
        let (view, chain) = try await chain(options.chain)
        let key = try unlockKey(at: keyPath)
        let party: Digest
        if let named = options.party {
            party = try ProvCLI.party(named)
        } else {
            party = try await holder(of: key.publicKey.kid)
        }
        return Signer(
            key: key, party: party, chain: chain,
            lifetime: min(Signer.preferredLifetime, view.maximumLifetimeSeconds))
    }

    /// The party that enrolled the key.
    func holder(of kid: Digest) async throws -> Digest {
        guard let record = try await node().stored(KeyRecord.self, .key(kid)), case .party(let party) = record.holder
        else { throw CLIError.refused(Refusal(.unknownKey, ["key": kid.hex])) }
        return party
    }

    /// Sends a signed statement, or writes it to the file of `--offline`. `extra` is added to the JSON.
    func deliver(
        _ statement: Statement, attachments: [[UInt8]] = [], restricted: [Digest] = [], _ options: StatementOptions,
        extra: [String: JSONValue] = [:]
    ) async throws {
        let submission = Submission(
            statement: statement.encoded, attachments: attachments, restricted: restricted)
        if options.offline, let output = options.output {
            try Disk.write(submission.cbor, to: output, .open, replacing: options.force)
            console.notice(
                .offlineWritten, ["path": output, "expiry": Time.text(seconds: statement.claims.expiry)])
            let document: [String: JSONValue] = [
                "statement": .string(statement.id.hex), "path": .string(output),
                "expiry": JSONValue(statement.claims.expiry), "status": .string("signed"),
            ]
            console.result(
                JSONValue.object(document).adding(extra),
                [.init(.statement, statement.id.hex), .init(.path, output)])
            return
        }
        let view = try await send(submission, statement)
        try await printOutcome(view, extra: extra)
    }

    /// Prints where a statement stands, with the record that it made or changed.
    func printOutcome(_ view: StatementView, extra: [String: JSONValue] = [:]) async throws {
        var view = view
        // What was signed is known also while the statement is pending.
        if case .string(let work)? = extra["work"] { view.work = view.work ?? work }
        if case .string(let offer)? = extra["offer"] { view.offer = view.offer ?? offer }
        if case .string(let party)? = extra["party"] { view.party = view.party ?? party }
        if case .string(let root)? = extra["manifestRoot"] { view.manifestRoot = view.manifestRoot ?? root }
        var document = JSONValue(view).adding(extra).adding(validators.withLock { $0.fields })
        let subject = view.offer ?? view.work ?? view.party
        if view.status == .final, let subject, let urn = URN(subject) {
            // The statement is done; a record that cannot be read now is no reason to fail.
            if let record = try? await node().record(urn) {
                document = document.adding(["record": JSONValue(record)])
            }
        }
        console.result(document, lines(of: view))
    }

    func lines(of view: StatementView) -> [Console.Line] {
        var lines: [Console.Line] = [
            .init(.statement, view.statement),
            .init(.status, console.text(view.status == .final ? .final : .pending)),
        ]
        if let type = view.type { lines.append(.init(.type, type)) }
        if let height = view.height { lines.append(.init(.height, "\(height)")) }
        if let time = view.time { lines.append(.init(.time, Time.text(milliseconds: time))) }
        if let leaf = view.leafIndex { lines.append(.init(.leaf, "\(leaf)")) }
        if let party = view.party { lines.append(.init(.party, party)) }
        if let work = view.work { lines.append(.init(.work, work)) }
        if let version = view.version { lines.append(.init(.version, "\(version)")) }
        if let root = view.manifestRoot { lines.append(.init(.manifestRoot, root)) }
        if let offer = view.offer { lines.append(.init(.offer, offer)) }
        for work in view.contestedWith ?? [] { lines.append(.init(.contestedWith, work)) }
        return lines
    }
}
