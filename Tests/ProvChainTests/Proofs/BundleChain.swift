@testable import ProvChain

/// A chain in memory with its log, from which a bundle about anything in it can be made.
///
/// All keys follow from names and all nonces from a counter, so that it has the same bytes on every run.
struct BundleChain {
    static let origin = "bundles.provchain.example/log"
    static let start: UInt64 = 1_800_000_000_000

    struct Person {
        let id: Digest
        let key: SecretKey
    }

    let file: GenesisFile
    let founder: Person
    /// By validator index.
    let voteKeys: [SecretKey]
    let logKeys: [SecretKey]
    private(set) var ledger: Ledger
    private(set) var leaves: [[UInt8]] = []
    private(set) var headers: [BlockHeader] = []
    private var writer = TileWriter()
    private var tiles = MemoryTiles()
    private var histories: [URN: [Bundle.HistoryEntry]] = [:]
    private var places: [Digest: UInt64] = [:]
    private var nonces: UInt64 = 0

    init(
        origin: String = BundleChain.origin, validators: Int = 1, parameters: Parameters = Parameters()
    ) throws {
        let voteKeys = try (0..<validators).map { try Self.key("vote \($0)") }
        let logKeys = try (0..<validators).map { try Self.key("log \($0)") }
        let founderKey = try Self.key("founder", .es256k)
        let founder = Person(
            id: PartyApplication.identifier(chain: Array(origin.utf8), firstKey: founderKey.publicKey.kid),
            key: founderKey)
        func entry(_ key: SecretKey, _ purpose: KeyPurpose, _ holder: Digest) -> KeyEntry {
            KeyEntry(
                purpose: purpose, key: key.publicKey,
                possession: ProofOfPossession.prove(
                    chain: Array(origin.utf8), party: holder, purpose: purpose, key: key))
        }
        let member = Genesis.memberIdentifier(origin: origin, name: "Museum")
        let genesis = try Genesis(
            origin: origin, time: Self.start, parameters: parameters, members: [.init(name: "Museum")],
            parties: [
                .init(
                    member: 0, kind: .organisation, roles: [.administrator, .registrar],
                    keys: [entry(founderKey, .sign, founder.id)])
            ],
            validators: (0..<validators).map { index in
                Genesis.ValidatorEntry(
                    member: 0,
                    identity: try IdentitySecret(secret: SHA256.hash(Array("identity \(index)".utf8)).bytes).publicKey,
                    vote: entry(voteKeys[index], .vote, member), log: entry(logKeys[index], .log, member),
                    cosign: entry(try Self.key("cosign \(index)"), .cosign, member))
            })
        file = try GenesisFile.seal(genesis, by: founderKey, nonce: [UInt8](repeating: 0, count: 16))
        self.founder = founder
        self.voteKeys = voteKeys
        self.logKeys = logKeys
        let (ledger, block) = try Ledger.start(file)
        self.ledger = ledger
        take(block)
    }

    static func key(_ name: String, _ algorithm: SignatureAlgorithm = .edDSA) throws -> SecretKey {
        try SecretKey(algorithm: algorithm, secret: SHA256.hash(Array(name.utf8)).bytes)
    }

    var chain: Digest { ledger.chain }

    // MARK: Statements and blocks

    mutating func nextNonce() -> [UInt8] {
        nonces += 1
        return Array(SHA256.hash(Array("nonce \(nonces)".utf8)).bytes.prefix(16))
    }

    mutating func sign(
        _ payload: Payload, _ subject: URN, by person: Person, key: SecretKey? = nil, nonce: [UInt8]? = nil
    ) throws -> Statement {
        let seconds = ledger.tip.header.time / 1_000
        let claims = Statement.Claims(
            issuer: person.id, subject: subject, chain: chain, expiry: seconds + 600, issuedAt: seconds,
            nonce: nonce ?? nextNonce())
        return try StatementDraft(claims: claims, payload: payload).signed(by: key ?? person.key)
    }

    /// Makes a block one second after the last. Nobody checks signatures here: those of the bundle must tell.
    mutating func append(_ statements: [Statement]) throws {
        let tip = ledger.tip.header
        let assembly = try ledger.assemble(
            statements, now: tip.time + 1_000, view: tip.view + 2, proposer: 0, source: EmptyState())
        if let refused = assembly.refused.first { throw refused.refusal }
        try ledger.commit(assembly.block)
        take(assembly.block)
    }

    private mutating func take(_ block: ExecutedBlock) {
        tiles.apply(writer.append(block.leafHashes))
        leaves += block.leaves
        headers.append(block.header)
        for applied in block.execution.applied {
            places[applied.statement.id] = block.leafIndex(position: applied.position)
            for effect in applied.effects {
                let link = effect.link
                histories[effect.urn, default: []].append(
                    .init(
                        statement: link.statement, height: link.height, position: link.position, time: link.time,
                        body: effect.record.body))
            }
        }
    }

    // MARK: Bundles

    /// Everything about `subject`, as of the tip.
    mutating func bundle(_ subject: URN, manifest: [UInt8]? = nil, metadata: [UInt8]? = nil) throws -> BundleParts {
        let header = ledger.tip.header
        let history = histories[subject] ?? []
        let statements = try Set(history.map(\.statement)).compactMap { places[$0] }.sorted().map(included)
        let subjectRecord = try ledger.record(subject, source: EmptyState())
        var names = [subject] + Bundle.related(to: subject, record: subjectRecord)
        for statement in statements {
            let key = URN.key(try Statement(encoded: statement.encoded).kid)
            if !names.contains(key) { names.append(key) }
        }
        return BundleParts(
            chain: chain, subject: subject, header: header,
            certificate: certificate(of: header, by: Array(0..<Quorum.size(of: voteKeys.count))),
            epoch: ledger.tip.headerEpoch, headerPath: try proof(header.leafIndex).path,
            receipts: receipts(of: header, root: try HistoryTree.root(size: header.checkpointSize, reader: tiles)),
            statements: statements, records: try names.map { try record($0) }, history: history, manifest: manifest,
            metadata: metadata)
    }

    func proof(_ index: UInt64) throws -> InclusionProof {
        try HistoryTree.inclusionProof(index: index, size: ledger.tip.header.checkpointSize, reader: tiles)
    }

    func included(_ index: UInt64) throws -> Bundle.IncludedStatement {
        .init(encoded: leaves[Int(index)], leafIndex: index, path: try proof(index).path)
    }

    mutating func record(_ urn: URN) throws -> Bundle.ProvenRecord {
        .init(
            urn: urn, record: try ledger.record(urn, source: EmptyState()),
            proof: try ledger.prove(urn, source: EmptyState()))
    }

    func history(_ urn: URN) -> [Bundle.HistoryEntry] { histories[urn] ?? [] }

    func place(of statement: Digest) -> UInt64? { places[statement] }

    func certificate(of header: BlockHeader, by signers: [Int], view: UInt64? = nil) -> FinalityCertificate {
        let view = view ?? header.view + 1
        let signatures = signers.map { signer in
            voteKeys[signer].sign(
                Vote(
                    chain: header.chain, epochRecord: header.epochRecord, epoch: header.epoch, view: view,
                    kind: .finalize, signer: UInt64(signer), parentView: 0, block: header.id
                ).message)
        }
        return FinalityCertificate(view: view, signers: signers.map(UInt64.init), signatures: signatures)
    }

    func receipts(of header: BlockHeader, root: Digest) -> [Bundle.SignedCheckpoint] {
        (0..<((logKeys.count - 1) / 3 + 1)).map { index in
            .init(
                validator: UInt64(index),
                header: .sign(header, root: root, origin: file.genesis.origin, by: logKeys[index]))
        }
    }

    // MARK: A quorum that lies

    /// What a dishonest quorum can sign: a block in place of the last one whose state holds exactly `records`, in a
    /// log some of whose leaves are others.
    func signed(
        _ parts: BundleParts, with records: [(urn: URN, record: StoredRecord?)],
        leaves replaced: [UInt64: [UInt8]] = [:]
    ) throws -> BundleParts {
        var tree = StateTree()
        try tree.update(
            records.compactMap { item in
                item.record.map { StateLeaf(key: item.urn.stateKey, recordHash: SHA256.hash($0.cbor)) }
            }, source: EmptyState())
        var parts = parts
        var log = MemoryTiles()
        var writer = TileWriter()
        var body = Array(leaves.dropLast())
        for (index, leaf) in replaced { body[Int(index)] = leaf }
        log.apply(writer.append(body.map { MerkleHash.leaf($0) }))
        let historyRoot = try HistoryTree.root(size: parts.header.historySize, reader: log)
        parts.header = parts.header.with(historyRoot: historyRoot, stateRoot: tree.root)
        log.apply(writer.append([MerkleHash.leaf(parts.header.leaf)]))
        let size = parts.header.checkpointSize
        parts.certificate = certificate(of: parts.header, by: Array(0..<Quorum.size(of: voteKeys.count)))
        parts.headerPath = try HistoryTree.inclusionProof(index: size - 1, size: size, reader: log).path
        parts.receipts = receipts(of: parts.header, root: try HistoryTree.root(size: size, reader: log))
        parts.statements = try parts.statements.map { item in
            .init(
                encoded: replaced[item.leafIndex] ?? item.encoded, leafIndex: item.leafIndex,
                path: try HistoryTree.inclusionProof(index: item.leafIndex, size: size, reader: log).path)
        }
        parts.records = try records.map { item in
            .init(urn: item.urn, record: item.record, proof: try tree.prove(item.urn.stateKey, source: EmptyState()))
        }
        return parts
    }
}

/// The parts of a bundle, each of which a test can replace.
struct BundleParts {
    var chain: Digest
    var subject: URN
    var header: BlockHeader
    var certificate: FinalityCertificate
    var epoch: EpochRecord
    var headerPath: [Digest]
    var receipts: [Bundle.SignedCheckpoint]
    var statements: [Bundle.IncludedStatement]
    var records: [Bundle.ProvenRecord]
    var history: [Bundle.HistoryEntry]
    var manifest: [UInt8]?
    var metadata: [UInt8]?

    var bundle: Bundle {
        Bundle(
            chain: chain, subject: subject, header: header, certificate: certificate, epoch: epoch,
            headerPath: headerPath, receipts: receipts, statements: statements, records: records, history: history,
            manifest: manifest, metadata: metadata)
    }

    /// The bundle as somebody gets it who was sent it.
    func received() throws -> Bundle { try Bundle(cbor: bundle.cbor) }

    /// The records by name, to be changed and signed anew.
    var state: [(urn: URN, record: StoredRecord?)] { records.map { ($0.urn, $0.record) } }
}

extension BlockHeader {
    func with(
        chain: Digest? = nil, height: UInt64? = nil, historyRoot: Digest? = nil, stateRoot: Digest? = nil,
        epochRecord: Digest? = nil, epoch: UInt64? = nil
    ) -> BlockHeader {
        BlockHeader(
            chain: chain ?? self.chain, epoch: epoch ?? self.epoch, height: height ?? self.height, view: view,
            parent: parent, time: time, proposer: proposer, historySize: historySize,
            historyRoot: historyRoot ?? self.historyRoot, stateRoot: stateRoot ?? self.stateRoot,
            epochRecord: epochRecord ?? self.epochRecord, nextEpochRecord: nextEpochRecord)
    }
}
