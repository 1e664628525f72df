import ProvChain

/// What the HTTP surface asks of a node. Every failure that a client can cause is thrown as a ``ProblemView``.
protocol NodeAPI: Sendable {
    var genesisFile: [UInt8] { get }

    /// True once the node can take statements and answer from a current state.
    func isReady() async -> Bool
    func chain() async throws -> ChainView
    /// This node and the validators as it sees them.
    func condition() async -> NodeView

    /// Takes a statement and its attachments. With `wait`, returns once the statement is final, or with
    /// status pending after ``NodeLimits/finalWaitSeconds``.
    func submit(_ submission: Submission, wait: Bool) async throws -> StatementView
    func statement(_ id: Digest) async throws -> StatementView?
    func statementBytes(_ id: Digest) async throws -> [UInt8]?
    /// A COSE Receipt under the latest checkpoint; `nil` while the statement is not final.
    func receipt(_ id: Digest) async throws -> [UInt8]?

    func record(_ urn: URN) async throws -> RecordView?
    func storedRecord(_ urn: URN) async throws -> [UInt8]?
    /// - Parameters:
    ///   - from: number of the first event, from 1.
    ///   - asOf: only events of blocks up to this time, milliseconds.
    func history(_ urn: URN, from: UInt64, limit: Int, asOf: UInt64?) async throws -> HistoryView?
    // Lists: `after` is `next` of the page before; anything else is ``Problems/badCursor``.

    func lookup(_ hash: Digest, limit: Int, after: String?) async throws -> LookupView
    /// Works whose title, description or authors match the words.
    func search(_ words: String, limit: Int, after: String?) async throws -> WorkListView
    func works(of party: Digest, limit: Int, after: String?) async throws -> WorkListView
    /// Works that claim a print near this one; ``Problems/searchOff`` if the node does not have this role.
    func similar(to print: ShapePrint, limit: Int) async throws -> SimilarView
    /// Works that claim an ISCC with a unit near one of these.
    func similar(to bits: ISCCBits, limit: Int) async throws -> SimilarView
    func titles(of party: Digest, limit: Int, after: String?) async throws -> TitleListView
    func offers(of party: Digest, limit: Int, after: String?) async throws -> OfferListView

    /// `nil` stands for the latest block.
    func block(_ height: UInt64?) async throws -> BlockView?
    /// A bundle that proves the record and its complete history.
    func bundle(_ urn: URN) async throws -> [UInt8]?

    /// The bytes with this hash; restricted ones only with a token, and written down.
    func read(attachment hash: Digest, token: String?, at audiences: Audiences) async throws -> AttachmentRead?
    /// Takes back an attachment that some statement commits to.
    func store(attachment: [UInt8], hash: Digest, dataClass: DataClass) async throws

    /// The latest checkpoint as a C2SP signed note.
    func checkpoint() async throws -> [UInt8]
    func tile(_ path: TilePath) async throws -> [UInt8]?

    /// Announces every final block.
    var feed: EventFeed { get }
    func event(_ height: UInt64) async throws -> BlockEventView?

    /// Where the node stands, for monitoring.
    func metrics() async -> NodeMetrics
}

/// The bounds of the HTTP surface and of the queues behind it.
enum NodeLimits {
    /// Bytes of a request body: a submission with its attachments.
    static let requestBytes = 8 << 20
    static let finalWaitSeconds = 30
    static let pageSize = 1_000
    static let searchResults = 100
    static let queryBytes = 1_000
}
