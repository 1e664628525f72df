import Foundation
import ProvChain

/// A chain in a temporary folder with many enrolled accounts, for benchmarks.
///
/// Accounts stand in the genesis. What is loaded before the measurement goes through the same rules, but is
/// not signed: signatures are checked before execution, which is where loading starts.
struct BenchChain {
    let home: NodeHome
    let file: GenesisFile
    let accounts: [(party: Digest, key: SecretKey)]
    let vote: SecretKey
    let log: LogStore
    private(set) var state: StateDatabase
    var ledger: Ledger
    private(set) var registered = 0
    /// Assets loaded before the measurement: what transfers are about.
    private var loaded = 0
    private var transferred = 0

    static let accountCount = 1_000

    init() throws {
        home = NodeHome(NSTemporaryDirectory() + "provnode-bench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: home.path, withIntermediateDirectories: true)
        let origin = "bench.example/log"
        let keys = try (0..<Self.accountCount).map { number in
            try SecretKey(algorithm: .es256k, secret: SHA256.hash(Array("account \(number)".utf8)).bytes)
        }
        let chain = Array(origin.utf8)
        func entry(_ key: SecretKey, _ purpose: KeyPurpose, _ holder: Digest) -> KeyEntry {
            let message = ProofOfPossession.message(chain: chain, party: holder, purpose: purpose, key: key.publicKey)
            return KeyEntry(purpose: purpose, key: key.publicKey, possession: key.sign(message))
        }
        let member = Genesis.memberIdentifier(origin: origin, name: "Bench")
        let validatorKeys = try ["vote", "log", "cosign"].map { name in
            try SecretKey(algorithm: .edDSA, secret: SHA256.hash(Array(name.utf8)).bytes)
        }
        vote = validatorKeys[0]
        var parameters = Parameters()
        parameters.maximumBlockCost = 10_000_000
        let genesis = try Genesis(
            origin: origin, time: 1_800_000_000_000, parameters: parameters, members: [.init(name: "Bench")],
            parties: keys.enumerated().map { place, key in
                let party = PartyApplication.identifier(chain: chain, firstKey: key.publicKey.kid)
                return .init(
                    member: 0, kind: .person, roles: place == 0 ? [.administrator, .registrar] : [],
                    keys: [entry(key, .sign, party)])
            },
            validators: [
                .init(
                    member: 0,
                    identity: try IdentitySecret(secret: SHA256.hash([1]).bytes).publicKey,
                    vote: entry(validatorKeys[0], .vote, member), log: entry(validatorKeys[1], .log, member),
                    cosign: entry(validatorKeys[2], .cosign, member))
            ])
        file = try GenesisFile.seal(genesis, by: keys[0], nonce: [UInt8](repeating: 0, count: 16))
        accounts = keys.map { (PartyApplication.identifier(chain: chain, firstKey: $0.publicKey.kid), $0) }
        log = try LogStore.open(at: home.path)
        state = try StateDatabase(path: home.stateDatabase)
        let first: ExecutedBlock
        (ledger, first) = try Ledger.start(file)
        try log.append([LogBlock(genesis: first)])
    }

    func remove() { try? FileManager.default.removeItem(atPath: home.path) }

    // MARK: Statements

    private func nonce(_ number: Int) -> [UInt8] { Array(SHA256.hash(Array("nonce \(number)".utf8)).bytes.prefix(16)) }

    private func claims(_ number: Int, issuer: Digest, subject: (Digest) -> URN) -> Statement.Claims {
        let seconds = ledger.tip.header.time / 1_000
        let nonce = nonce(number)
        let derived = Statement.derivedIdentifier(chain: ledger.chain, issuer: issuer, nonce: nonce)
        return .init(
            issuer: issuer, subject: subject(derived), chain: ledger.chain, expiry: seconds + 1_800,
            issuedAt: seconds, nonce: nonce)
    }

    private func registration(_ number: Int) -> (StatementDraft, owner: Int) {
        let owner = number % accounts.count
        let hash = SHA256.hash(Array("asset \(number)".utf8))
        let payload = RegisterWork(
            category: .model3D, basis: .author, metadata: AttachmentReference(hash: hash, size: 100),
            content: VersionContent(
                manifestRoot: SHA256.hash(hash.bytes), manifest: AttachmentReference(hash: hash, size: 200),
                mediaType: "model/gltf-binary", size: 1_000_000, distinctive: [hash]))
        let draft = StatementDraft(
            claims: claims(number, issuer: accounts[owner].party, subject: { .work($0) }),
            payload: .registerWork(payload))
        return (draft, owner)
    }

    /// `count` statements: two registrations, then an offer of an older work and its acceptance. Each older work
    /// changes hands once; without any, the one just registered does.
    mutating func signedStatements(_ count: Int) throws -> [Statement] {
        var statements: [Statement] = []
        while statements.count < count {
            let (first, owner) = registration(registered)
            let (second, other) = registration(registered + 1)
            let registrationStatement = try first.signed(by: accounts[owner].key)
            statements.append(registrationStatement)
            statements.append(try second.signed(by: accounts[other].key))
            let older = olderWork()
            let seller = older?.owner ?? owner
            let buyer = (seller + 1) % accounts.count
            let offer = OfferTitle(
                work: older?.work ?? registrationStatement.derivedIdentifier, right: .copyright,
                recipient: accounts[buyer].party, share: Limits.wholeTitle,
                deadline: ledger.tip.header.time / 1_000 + 3_600)
            let offered = try StatementDraft(
                claims: claims(-registered - 1, issuer: accounts[seller].party, subject: { .offer($0) }),
                payload: .offerTitle(offer)
            ).signed(by: accounts[seller].key)
            statements.append(offered)
            statements.append(
                try StatementDraft(
                    claims: claims(
                        -registered - 2, issuer: accounts[buyer].party,
                        subject: { _ in .offer(offered.derivedIdentifier) }),
                    payload: .acceptTitle(AnswerOffer())
                ).signed(by: accounts[buyer].key))
            registered += 2
        }
        return statements
    }

    /// A loaded work that was not transferred yet; they come in no order of their places on disk.
    private mutating func olderWork() -> (work: Digest, owner: Int)? {
        guard transferred < loaded else { return nil }
        // Any step that has no divisor in common with the number of works visits each of them once.
        var step = loaded * 5 / 8 | 1
        while Self.greatestCommonDivisor(step, loaded) != 1 { step += 2 }
        let number = transferred * step % loaded
        transferred += 1
        let owner = number % accounts.count
        let work = Statement.derivedIdentifier(
            chain: ledger.chain, issuer: accounts[owner].party, nonce: nonce(number))
        return (work, owner)
    }

    private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
        b == 0 ? a : greatestCommonDivisor(b, a % b)
    }

    /// Registers assets without signatures, through the rules into log and state.
    mutating func preload(_ count: Int, progress: (Int) -> Void) throws {
        let unsigned = [UInt8](repeating: 0, count: 64)
        while registered < count {
            var statements: [Statement] = []
            for _ in 0..<min(2_000, count - registered) {
                let (draft, owner) = registration(registered)
                statements.append(
                    try draft.withSignature(unsigned, algorithm: .es256k, kid: accounts[owner].key.publicKey.kid))
                registered += 1
            }
            let assembly = try ledger.assemble(
                statements, now: ledger.tip.header.time + 1_000, view: ledger.tip.header.view + 1, proposer: 0,
                source: state)
            precondition(assembly.refused.isEmpty && assembly.postponed.isEmpty, "\(assembly.refused.first as Any)")
            try log.append([LogBlock(assembly.block, certificate: [])])
            try ledger.commit(assembly.block)
            if log.unsettledBytes > 64 << 20 { try log.settle() }
            if ledger.unflushedRecords > FlushState.maximumRecordsCatchingUp { try flush() }
            progress(registered)
        }
        loaded = registered
        try flush()
    }

    /// Forgets what was read of the state: what the blocks are made with does not help to replay them.
    mutating func reopenState() throws {
        try state.close()
        state = try StateDatabase(path: home.stateDatabase)
    }

    /// Bytes of the state on disk.
    var stateBytes: Double { DiskUsage(home).state }

    mutating func flush() throws {
        try state.write(ledger.beginFlush())
        ledger.confirmFlush()
    }
}
