import ProvChain

/// A chain's genesis, and its clients: people who enrol, register works, offer shares of them to each other and
/// accept. Each statement follows from its number, and stands on ones before it, so that blocks have to come in
/// an order: an acceptance executes only on top of its offer, be that final or not.
final class Registry {
    let file: GenesisFile
    private let founder: SecretKey
    private let people: [SecretKey]
    private var signed: [UInt64: Statement] = [:]

    private static let origin = "simulated.provchain.example/log"
    private static let startTime: UInt64 = 1_000_000
    private static let lifetimeSeconds: UInt64 = 3_000

    init(validators: Int, epochLength: UInt64) {
        do {
            founder = try Self.key("founder")
            people = try (0..<4).map { try Self.key("person \($0)") }
            var parameters = Parameters()
            parameters.epochLengthMilliseconds = min(epochLength, Limits.exactInteger)
            let genesis = try Self.genesis(validators: validators, parameters: parameters, founder: founder)
            file = try GenesisFile.seal(genesis, by: founder, nonce: [UInt8](repeating: 0, count: 16))
        } catch {
            preconditionFailure("a genesis that does not hold: \(error)")
        }
    }

    private static func key(_ name: String) throws -> SecretKey {
        try SecretKey(algorithm: .edDSA, secret: SHA256.hash(Array(name.utf8)).bytes)
    }

    private static func genesis(validators: Int, parameters: Parameters, founder: SecretKey) throws -> Genesis {
        let chain = Array(origin.utf8)
        func entry(_ key: SecretKey, _ purpose: KeyPurpose, _ holder: Digest) -> KeyEntry {
            KeyEntry(
                purpose: purpose, key: key.publicKey,
                possession: ProofOfPossession.prove(chain: chain, party: holder, purpose: purpose, key: key))
        }
        let member = Genesis.memberIdentifier(origin: origin, name: "Museum")
        let party = PartyApplication.identifier(chain: chain, firstKey: founder.publicKey.kid)
        return try Genesis(
            origin: origin, time: startTime, parameters: parameters, members: [.init(name: "Museum")],
            parties: [
                .init(
                    member: 0, kind: .organisation, roles: [.administrator, .registrar],
                    keys: [entry(founder, .sign, party)])
            ],
            validators: (0..<validators).map { index in
                Genesis.ValidatorEntry(
                    member: 0,
                    identity: try IdentitySecret(secret: SHA256.hash(Array("identity \(index)".utf8)).bytes).publicKey,
                    vote: entry(try key("vote \(index)"), .vote, member),
                    log: entry(try key("log \(index)"), .log, member),
                    cosign: entry(try key("cosign \(index)"), .cosign, member))
            })
    }

    // MARK: Statements

    /// Signs statement number `id`, once; `now` in milliseconds.
    func issue(_ id: UInt64, now: UInt64) {
        guard signed[id] == nil else { return }
        do {
            signed[id] = try make(id, seconds: now / 1_000)
        } catch {
            preconditionFailure("statement \(id) cannot be made: \(error)")
        }
    }

    func statement(_ id: UInt64) -> Statement {
        guard let statement = signed[id] else { preconditionFailure("statement \(id) was not issued") }
        return statement
    }

    private func party(_ key: SecretKey) -> Digest {
        PartyApplication.identifier(chain: file.genesis.chain.bytes, firstKey: key.publicKey.kid)
    }

    private func nonce(_ id: UInt64) -> [UInt8] { Array(SHA256.hash(Array("nonce \(id)".utf8)).bytes.prefix(16)) }

    /// The first four enrol the people; then each four are two works of one person, an offer of the second, and
    /// its acceptance by the next person.
    private func make(_ id: UInt64, seconds: UInt64) throws -> Statement {
        let chain = file.genesis.chain
        if id <= UInt64(people.count) {
            let application = try SignedApplication.make(kind: .person, key: people[Int(id) - 1], chain: chain)
            return try sign(
                .enrolParty(EnrolParty(application: application.encoded)), .party(application.party), founder,
                PartyApplication.identifier(chain: file.genesis.originBytes, firstKey: founder.publicKey.kid), id,
                seconds)
        }
        let group = Int(id / 4)
        let (owner, other) = (people[group % people.count], people[(group + 1) % people.count])
        func identifier(_ number: UInt64) -> Digest {
            Statement.derivedIdentifier(chain: chain, issuer: party(owner), nonce: nonce(number))
        }
        switch id % 4 {
        case 0, 1:
            return try sign(.registerWork(Self.work(id)), .work(identifier(id)), owner, party(owner), id, seconds)
        case 2:
            let offer = OfferTitle(
                work: identifier(id - 1), right: .copyright, recipient: party(other), share: 1_000,
                deadline: seconds + Self.lifetimeSeconds)
            return try sign(.offerTitle(offer), .offer(identifier(id)), owner, party(owner), id, seconds)
        default:
            return try sign(
                .acceptTitle(AnswerOffer()), .offer(identifier(id - 1)), other, party(other), id, seconds)
        }
    }

    private func sign(
        _ payload: Payload, _ subject: URN, _ key: SecretKey, _ issuer: Digest, _ id: UInt64, _ seconds: UInt64
    ) throws -> Statement {
        let claims = Statement.Claims(
            issuer: issuer, subject: subject, chain: file.genesis.chain, expiry: seconds + Self.lifetimeSeconds,
            issuedAt: seconds, nonce: nonce(id))
        return try StatementDraft(claims: claims, payload: payload).signed(by: key)
    }

    private static func work(_ id: UInt64) -> RegisterWork {
        let content = VersionContent(
            manifestRoot: SHA256.hash(Array("root \(id)".utf8)),
            manifest: AttachmentReference(to: Array("manifest \(id)".utf8)), mediaType: "model/gltf-binary",
            size: 1_000, distinctive: [])
        return RegisterWork(
            category: .model3D, basis: .author, metadata: AttachmentReference(to: WorkMetadata(title: "\(id)").cbor),
            content: content)
    }
}
