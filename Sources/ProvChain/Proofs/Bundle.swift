/// Everything that it takes to check, offline and with nothing but the genesis file, what the registry says
/// about one thing, and that its history is complete.
///
/// Every field is checked by ``check(against:file:)``: there are no informative ones.
public struct Bundle: Hashable, Sendable {
    public let chain: Digest
    /// What the bundle is about.
    public let subject: URN
    /// The final block whose roots everything else is proven against.
    public let header: BlockHeader
    public let certificate: FinalityCertificate
    public let epoch: EpochRecord
    /// Inclusion path of the header as the last leaf of its checkpoint.
    public let headerPath: [Digest]
    /// Validators' signatures over the checkpoint, by validator index, ascending.
    public let receipts: [SignedCheckpoint]
    /// The statements of the histories, ascending by leaf index.
    public let statements: [IncludedStatement]
    /// Records under the header's state root: the subject, what belongs to it, and the keys that signed.
    public let records: [ProvenRecord]
    /// The complete history of the subject, first to last.
    public let history: [HistoryEntry]
    /// The latest version's manifest, where it is available.
    public let manifest: [UInt8]?
    /// The work's metadata, where it is available.
    public let metadata: [UInt8]?

    public struct SignedCheckpoint: Hashable, Sendable {
        public let validator: UInt64
        public let header: ReceiptHeader

        public init(validator: UInt64, header: ReceiptHeader) {
            self.validator = validator
            self.header = header
        }
    }

    public struct IncludedStatement: Hashable, Sendable {
        public let encoded: [UInt8]
        public let leafIndex: UInt64
        public let path: [Digest]

        public init(encoded: [UInt8], leafIndex: UInt64, path: [Digest]) {
            self.encoded = encoded
            self.leafIndex = leafIndex
            self.path = path
        }
    }

    /// A record with its proof; without a record, the proof that there is none.
    public struct ProvenRecord: Hashable, Sendable {
        public let urn: URN
        public let record: StoredRecord?
        public let proof: StateProof

        public init(urn: URN, record: StoredRecord?, proof: StateProof) {
            self.urn = urn
            self.record = record
            self.proof = proof
        }
    }

    /// One link of the history with the body that the record had afterwards.
    public struct HistoryEntry: Hashable, Sendable {
        public let statement: Digest
        public let height: UInt64
        public let position: UInt64
        /// Block time, milliseconds.
        public let time: UInt64
        public let body: [UInt8]

        public init(statement: Digest, height: UInt64, position: UInt64, time: UInt64, body: [UInt8]) {
            self.statement = statement
            self.height = height
            self.position = position
            self.time = time
            self.body = body
        }

        public var link: HistoryLink {
            HistoryLink(
                statement: statement, height: height, position: position, time: time, bodyHash: SHA256.hash(body))
        }
    }

    public init(
        chain: Digest, subject: URN, header: BlockHeader, certificate: FinalityCertificate, epoch: EpochRecord,
        headerPath: [Digest], receipts: [SignedCheckpoint], statements: [IncludedStatement], records: [ProvenRecord],
        history: [HistoryEntry], manifest: [UInt8]?, metadata: [UInt8]?
    ) {
        self.chain = chain
        self.subject = subject
        self.header = header
        self.certificate = certificate
        self.epoch = epoch
        self.headerPath = headerPath
        self.receipts = receipts
        self.statements = statements
        self.records = records
        self.history = history
        self.manifest = manifest
        self.metadata = metadata
    }

    public static let format = "provchain-bundle/1"
    public static let contentType = "application/vnd.provchain.bundle+cbor"
    /// The bounds of one bundle; a longer history needs the log itself.
    public static let maximumStatements = 100_000
    public static let maximumRecords = 100_000

    /// The records that belong into a bundle about `subject`, besides the keys that signed: what a reader of
    /// the subject would ask for next.
    public static func related(to subject: URN, record: StoredRecord?) -> [URN] {
        guard let record else { return [] }
        switch subject {
        case .work(let work):
            guard let body = try? WorkRecord(cbor: record.body) else { return [] }
            return [.version(work: work, sequence: body.versions), .title(work: work, right: .copyright)]
        case .version(let work, _), .title(let work, _): return [.work(work)]
        case .offer:
            guard let body = try? OfferRecord(cbor: record.body) else { return [] }
            return [.title(work: body.offer.work, right: body.offer.right)]
        case .chain, .member, .party, .key, .component, .statement: return []
        }
    }
}
