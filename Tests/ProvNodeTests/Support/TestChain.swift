@testable import ProvChain

/// Somebody who signs, with a key that follows from a name.
struct TestParty: Sendable {
    let id: Digest
    let key: SecretKey
}

/// A whole chain in memory, with one validator and a clock that the test moves.
///
/// Every name makes the same keys and every nonce follows from a counter, so that equal calls make equal bytes.
struct TestChain {
    static let origin = "test.provchain.example/log"
    static let genesisTime: UInt64 = 1_800_000_000_000

    let file: GenesisFile
    let registrar: TestParty
    private(set) var ledger: Ledger
    /// Final blocks, block 0 first.
    private(set) var blocks: [ExecutedBlock]
    /// Bytes of everything that a registration referred to, by hash.
    private(set) var attachments: [Digest: [UInt8]] = [:]
    /// Milliseconds since 1970.
    private var now = genesisTime
    private var nonces: UInt64 = 0

    init() throws {
        let founder = try Self.key("founder")
        file = try GenesisFile.seal(Self.genesis(founder), by: founder, nonce: Self.nonce(0))
        registrar = TestParty(
            id: PartyApplication.identifier(chain: file.genesis.originBytes, firstKey: founder.publicKey.kid),
            key: founder)
        let (ledger, block) = try Ledger.start(file)
        self.ledger = ledger
        blocks = [block]
    }

    var chain: Digest { ledger.chain }

    // MARK: Genesis

    private static func key(_ name: String) throws -> SecretKey {
        try SecretKey(algorithm: .edDSA, secret: SHA256.hash(Array(name.utf8)).bytes)
    }

    private static func nonce(_ number: UInt64) -> [UInt8] {
        Array(SHA256.hash(Array("nonce \(number)".utf8)).bytes.prefix(Statement.Claims.nonceBytes))
    }

    private static func genesis(_ founder: SecretKey) throws -> Genesis {
        let chain = Array(origin.utf8)
        func entry(_ key: SecretKey, _ purpose: KeyPurpose, _ holder: Digest) -> KeyEntry {
            KeyEntry(
                purpose: purpose, key: key.publicKey,
                possession: ProofOfPossession.prove(chain: chain, party: holder, purpose: purpose, key: key))
        }
        let party = PartyApplication.identifier(chain: chain, firstKey: founder.publicKey.kid)
        let member = Genesis.memberIdentifier(origin: origin, name: "Museum")
        return try Genesis(
            origin: origin, time: genesisTime, parameters: Parameters(), members: [.init(name: "Museum")],
            parties: [
                .init(
                    member: 0, kind: .organisation, roles: [.administrator, .registrar],
                    keys: [entry(founder, .sign, party)])
            ],
            validators: [
                .init(
                    member: 0, identity: try IdentitySecret(secret: SHA256.hash([1]).bytes).publicKey,
                    vote: entry(try key("vote"), .vote, member), log: entry(try key("log"), .log, member),
                    cosign: entry(try key("cosign"), .cosign, member))
            ])
    }

    // MARK: Statements

    /// Signs a statement; what it creates gets the identifier that follows from its nonce.
    mutating func sign(_ payload: Payload, by party: TestParty, about subject: (Digest) -> URN) throws -> Statement {
        nonces += 1
        let nonce = Self.nonce(nonces)
        let derived = Statement.derivedIdentifier(chain: chain, issuer: party.id, nonce: nonce)
        let claims = Statement.Claims(
            issuer: party.id, subject: subject(derived), chain: chain, expiry: now / 1_000 + 600,
            issuedAt: now / 1_000, nonce: nonce)
        return try StatementDraft(claims: claims, payload: payload).signed(by: party.key)
    }

    mutating func enrol(_ name: String) throws -> TestParty {
        let key = try Self.key(name)
        let application = try SignedApplication.make(kind: .person, key: key, chain: chain)
        try append([
            sign(.enrolParty(EnrolParty(application: application.encoded)), by: registrar) { _ in
                .party(application.party)
            }
        ])
        return TestParty(id: application.party, key: key)
    }

    /// Content whose manifest and root follow from `name`.
    mutating func content(_ name: String, distinctive: [String] = []) -> VersionContent {
        VersionContent(
            manifestRoot: Self.hash(name), manifest: keep(Array("manifest of \(name)".utf8)),
            mediaType: "model/gltf-binary", size: 1_000, distinctive: distinctive.map(Self.hash).sorted())
    }

    /// A registration whose metadata are kept with the attachments.
    mutating func registration(
        _ metadata: WorkMetadata, _ name: String, distinctive: [String] = [], by party: TestParty
    ) throws -> Statement {
        let payload = RegisterWork(
            category: .model3D, basis: .author, metadata: keep(metadata.cbor),
            content: content(name, distinctive: distinctive))
        return try sign(.registerWork(payload), by: party, about: URN.work)
    }

    mutating func register(
        _ title: String, distinctive: [String] = [], by party: TestParty
    ) throws -> Digest {
        let statement = try registration(WorkMetadata(title: title), title, distinctive: distinctive, by: party)
        try append([statement])
        return statement.derivedIdentifier
    }

    mutating func offer(_ share: UInt64, of work: Digest, from: TestParty, to: TestParty) throws -> Statement {
        let payload = OfferTitle(
            work: work, right: .copyright, recipient: to.id, share: share, deadline: now / 1_000 + 300)
        return try sign(.offerTitle(payload), by: from, about: URN.offer)
    }

    mutating func accept(_ offer: Statement, by party: TestParty) throws -> Statement {
        let identifier = offer.derivedIdentifier
        return try sign(.acceptTitle(AnswerOffer()), by: party) { _ in .offer(identifier) }
    }

    static func hash(_ name: String) -> Digest { SHA256.hash(Array(name.utf8)) }

    private mutating func keep(_ bytes: [UInt8]) -> AttachmentReference {
        let reference = AttachmentReference(to: bytes)
        attachments[reference.hash] = bytes
        return reference
    }

    // MARK: Blocks

    /// Makes a block of statements, all of which must apply, one second after the last one.
    @discardableResult
    mutating func append(_ statements: [Statement]) throws -> ExecutedBlock {
        now += 1_000
        let assembly = try ledger.assemble(statements, now: now, view: 1, proposer: 0, source: EmptyState())
        if let (statement, refusal) = assembly.refused.first {
            throw Unexpected(description: "statement \(statement) was refused: \(refusal)")
        }
        guard assembly.postponed.isEmpty else { throw Unexpected(description: "the block is full") }
        try ledger.commit(assembly.block)
        blocks.append(assembly.block)
        return assembly.block
    }

    /// The record after the last block.
    func record(_ urn: URN) throws -> StoredRecord? { try ledger.record(urn, source: EmptyState()) }

    struct Unexpected: Error, CustomStringConvertible {
        let description: String
    }
}

/// Choices that look random and are the same in every run (SplitMix64).
struct SeededChoices: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
