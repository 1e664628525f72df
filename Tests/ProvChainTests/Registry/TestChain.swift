@testable import ProvChain

/// Somebody who signs, with a key that follows from a name.
struct TestParty: Sendable {
    let id: Digest
    let key: SecretKey

    static func key(_ name: String, _ algorithm: SignatureAlgorithm = .edDSA) throws -> SecretKey {
        try SecretKey(algorithm: algorithm, secret: SHA256.hash(Array(name.utf8)).bytes)
    }
}

/// A whole chain in memory, one validator, a clock that the test moves: what a test of the rules needs.
///
/// Every name makes the same keys, every nonce follows from a counter, so that a chain built by the same
/// calls has the same bytes.
struct TestChain {
    static let origin = "test.provchain.example/log"
    static let genesisTime: UInt64 = 1_800_000_000_000

    let file: GenesisFile
    /// The founder of the genesis: administrator and registrar.
    let registrar: TestParty
    var ledger: Ledger
    var state = MemoryState()
    /// Final blocks, block 0 first.
    private(set) var blocks: [(header: BlockHeader, statements: [Statement])] = []
    /// Milliseconds since 1970, for the next block.
    var now: UInt64
    private var nonces: UInt64 = 0

    init(parameters: Parameters = Parameters()) throws {
        let founder = try TestParty.key("founder", .es256k)
        file = try GenesisFile.seal(Self.genesis(parameters: parameters), by: founder, nonce: Self.nonce(0))
        registrar = TestParty(
            id: PartyApplication.identifier(chain: file.genesis.originBytes, firstKey: founder.publicKey.kid),
            key: founder)
        let (ledger, block) = try Ledger.start(file)
        self.ledger = ledger
        blocks = [(block.header, block.execution.applied.map(\.statement))]
        now = Self.genesisTime
    }

    var chain: Digest { ledger.chain }
    var height: UInt64 { ledger.tip.header.height }
    var stateRoot: Digest { ledger.tip.header.stateRoot }

    // MARK: Genesis

    static func genesis(parameters: Parameters = Parameters()) throws -> Genesis {
        try Genesis(
            origin: origin, time: genesisTime, parameters: parameters,
            members: [.init(name: "First Museum")],
            parties: [
                .init(
                    member: 0, kind: .organisation, roles: [.administrator, .registrar],
                    keys: [partyKey("founder", .es256k)])
            ],
            validators: [validator("first", member: "First Museum", index: 0)])
    }

    /// A signing key with its proof of possession for the party that it names.
    static func partyKey(_ name: String, _ algorithm: SignatureAlgorithm) throws -> KeyEntry {
        let key = try TestParty.key(name, algorithm)
        let party = PartyApplication.identifier(chain: Array(origin.utf8), firstKey: key.publicKey.kid)
        return entry(key, .sign, chain: Array(origin.utf8), party: party)
    }

    static func validator(_ name: String, member: String, index: UInt64) throws -> Genesis.ValidatorEntry {
        let holder = Genesis.memberIdentifier(origin: origin, name: member)
        func key(_ purpose: KeyPurpose) throws -> KeyEntry {
            entry(try TestParty.key("\(name) \(purpose)"), purpose, chain: Array(origin.utf8), party: holder)
        }
        return Genesis.ValidatorEntry(
            member: index,
            identity: try IdentitySecret(secret: SHA256.hash(Array("\(name) identity".utf8)).bytes).publicKey,
            vote: try key(.vote), log: try key(.log), cosign: try key(.cosign))
    }

    static func entry(_ key: SecretKey, _ purpose: KeyPurpose, chain: [UInt8], party: Digest) -> KeyEntry {
        KeyEntry(
            purpose: purpose, key: key.publicKey,
            possession: ProofOfPossession.prove(chain: chain, party: party, purpose: purpose, key: key))
    }

    static func nonce(_ number: UInt64) -> [UInt8] {
        Array(SHA256.hash(Array("nonce \(number)".utf8)).bytes.prefix(Statement.Claims.nonceBytes))
    }

    // MARK: Statements

    mutating func nextNonce() -> [UInt8] {
        nonces += 1
        return Self.nonce(nonces)
    }

    /// Signs a statement that is valid now, but for what the test changes about it.
    mutating func sign(
        _ payload: Payload, _ subject: URN, by party: TestParty, key: SecretKey? = nil, lifetime: UInt64 = 600,
        chain: Digest? = nil, nonce: [UInt8]? = nil
    ) throws -> Statement {
        let seconds = now / 1_000
        let claims = Statement.Claims(
            issuer: party.id, subject: subject, chain: chain ?? self.chain, expiry: seconds + lifetime,
            issuedAt: seconds, nonce: nonce ?? nextNonce())
        return try StatementDraft(claims: claims, payload: payload).signed(by: key ?? party.key)
    }

    /// An applicant with an application for this chain.
    func applicant(
        _ name: String, _ algorithm: SignatureAlgorithm = .edDSA
    ) throws -> (party: TestParty, application: SignedApplication) {
        let key = try TestParty.key(name, algorithm)
        let application = try SignedApplication.make(kind: .person, key: key, chain: chain)
        return (TestParty(id: application.party, key: key), application)
    }

    mutating func enrolment(_ application: SignedApplication, by registrar: TestParty? = nil) throws -> Statement {
        try sign(
            .enrolParty(EnrolParty(application: application.encoded)), .party(application.party),
            by: registrar ?? self.registrar)
    }

    /// Signs what creates a thing under the identifier that follows from the nonce.
    mutating func signCreating(
        _ payload: Payload, by party: TestParty, nonce given: [UInt8]? = nil, as urn: (Digest) -> URN
    ) throws -> (statement: Statement, identifier: Digest) {
        let nonce = given ?? nextNonce()
        let identifier = Statement.derivedIdentifier(chain: chain, issuer: party.id, nonce: nonce)
        return (try sign(payload, urn(identifier), by: party, nonce: nonce), identifier)
    }

    mutating func registration(
        _ content: VersionContent, by party: TestParty, nonce: [UInt8]? = nil
    ) throws -> (statement: Statement, work: Digest) {
        let (statement, work) = try signCreating(
            .registerWork(Self.registerWork(content)), by: party, nonce: nonce, as: URN.work)
        return (statement, work)
    }

    mutating func offer(
        _ share: UInt64, of work: Digest, from: TestParty, to: TestParty, seconds: UInt64 = 300, nonce: [UInt8]? = nil
    ) throws -> (statement: Statement, offer: Digest) {
        let payload = OfferTitle(
            work: work, right: .copyright, recipient: to.id, share: share, deadline: now / 1_000 + seconds)
        let (statement, offer) = try signCreating(.offerTitle(payload), by: from, nonce: nonce, as: URN.offer)
        return (statement, offer)
    }

    static func registerWork(_ content: VersionContent) -> RegisterWork {
        RegisterWork(
            category: .model3D, basis: .author,
            metadata: AttachmentReference(to: WorkMetadata(title: "A vase").cbor), content: content)
    }

    /// Content that is equal wherever the names are.
    static func content(_ name: String, distinctive: [String] = []) -> VersionContent {
        VersionContent(
            manifestRoot: hash(name), manifest: AttachmentReference(to: Array("manifest of \(name)".utf8)),
            mediaType: "model/gltf-binary", size: 1_000, distinctive: distinctive.map(hash).sorted())
    }

    static func hash(_ name: String) -> Digest { SHA256.hash(Array(name.utf8)) }

    // MARK: Blocks

    /// Lets a proposer try the statements one second after the last block. Nothing is committed.
    mutating func assemble(_ statements: [Statement], at time: UInt64? = nil) throws -> Ledger.Assembly {
        try ledger.assemble(
            statements, now: time ?? now + 1_000, view: height + 1, proposer: 0, source: state)
    }

    /// Makes a block of statements, all of which must apply, `seconds` after the last one.
    @discardableResult
    mutating func append(_ statements: [Statement], seconds: UInt64 = 1) throws -> ExecutedBlock {
        now += seconds * 1_000
        let assembly = try assemble(statements, at: now)
        if let (statement, refusal) = assembly.refused.first {
            throw Unexpected(description: "statement \(statement) was refused: \(refusal)")
        }
        guard assembly.postponed.isEmpty else { throw Unexpected(description: "the block is full") }
        try commit(assembly.block)
        return assembly.block
    }

    mutating func commit(_ block: ExecutedBlock) throws {
        try ledger.commit(block)
        now = block.header.time
        blocks.append((block.header, block.execution.applied.map(\.statement)))
    }

    mutating func flush() {
        state.apply(ledger.beginFlush())
        ledger.confirmFlush()
    }

    mutating func enrol(_ name: String, _ algorithm: SignatureAlgorithm = .edDSA) throws -> TestParty {
        let (party, application) = try applicant(name, algorithm)
        try append([enrolment(application)])
        return party
    }

    mutating func register(_ content: VersionContent, by party: TestParty) throws -> Digest {
        let (statement, work) = try registration(content, by: party)
        try append([statement])
        return work
    }

    // MARK: Reading

    func read<R: Record>(_ type: R.Type, _ urn: URN) throws -> R? {
        try ledger.record(urn, source: state).map { try R(cbor: $0.body) }
    }

    /// The record, which must be there.
    func record<R: Record>(_ type: R.Type, _ urn: URN) throws -> R {
        guard let record = try read(type, urn) else { throw Unexpected(description: "there is no \(urn)") }
        return record
    }

    /// The rule that refuses a statement in the next block, or `nil` if it would apply.
    mutating func rule(refusing statement: Statement, at time: UInt64? = nil) throws -> Rule? {
        try assemble([statement], at: time).refused.first?.refusal.rule
    }

    struct Unexpected: Error, CustomStringConvertible {
        let description: String
    }
}
