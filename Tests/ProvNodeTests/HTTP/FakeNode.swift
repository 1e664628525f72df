import FoundationEssentials
import ProvChain

@testable import ProvNode

/// A node that knows exactly one of everything, and remembers what it was asked for.
actor FakeNode: NodeAPI {
    nonisolated let genesisFile: [UInt8] = [0xA0]
    nonisolated let feed: EventFeed

    private(set) var submissions: [Submission] = []
    private(set) var stored: [Digest: [UInt8]] = [:]
    /// The last arguments of a method that takes a page.
    private(set) var asked = ""

    private let ready: Bool
    private let status: StatementView.Status
    private let failure: (any Error)?
    private let onSubmit: @Sendable () async throws -> Void

    init(
        ready: Bool = true, status: StatementView.Status = .final, failure: (any Error)? = nil,
        feed: EventFeed = EventFeed(height: 7, limit: 0), onSubmit: @escaping @Sendable () async throws -> Void = {}
    ) {
        self.ready = ready
        self.status = status
        self.failure = failure
        self.onSubmit = onSubmit
        self.feed = feed
    }

    func isReady() -> Bool { ready }

    func chain() throws -> ChainView {
        if let failure { throw failure }
        return try Fixture.view(Fixture.chain)
    }

    func condition() -> NodeView {
        NodeView(
            NodeCondition(
                validators: [.init(name: "Museum", isSelf: true), .init(name: "Press", isConnected: false)], height: 7,
                view: 8, leader: 0, lastBlock: 60_000, waiting: 2,
                catchUp: .init(height: 7, target: 9, remaining: 500)))
    }

    func submit(_ submission: Submission, wait: Bool) async throws -> StatementView {
        try await onSubmit()
        if let failure { throw failure }
        submissions.append(submission)
        asked = "wait \(wait)"
        return try Fixture.view(status == .final ? Fixture.statement : Fixture.pending)
    }

    func statement(_ id: Digest) throws -> StatementView? {
        guard id == Fixture.id else { return nil }
        return try Fixture.view(status == .final ? Fixture.statement : Fixture.pending)
    }

    func statementBytes(_ id: Digest) -> [UInt8]? { id == Fixture.id ? [0xD2, 0x84] : nil }
    func receipt(_ id: Digest) -> [UInt8]? { id == Fixture.id && status == .final ? [0xD2, 0x85] : nil }

    func record(_ urn: URN) throws -> RecordView? { urn == Fixture.work ? try Fixture.view(Fixture.record) : nil }
    func storedRecord(_ urn: URN) -> [UInt8]? { urn == Fixture.work ? [0xA1, 0x01, 0x02] : nil }

    func history(_ urn: URN, from: UInt64, limit: Int, asOf: UInt64?) throws -> HistoryView? {
        asked = "from \(from) limit \(limit) asOf \(asOf.map { "\($0)" } ?? "now")"
        return urn == Fixture.work ? try Fixture.view(Fixture.history) : nil
    }

    func lookup(_ hash: Digest, limit: Int, after: String?) throws -> LookupView {
        asked = "limit \(limit) after \(after ?? "the start")"
        if hash == Fixture.id { return try Fixture.view(Fixture.lookup) }
        return LookupView(hash: hash.hex, count: 0, claims: [])
    }

    func search(_ words: String, limit: Int, after: String?) throws -> WorkListView {
        asked = "\(words) limit \(limit) after \(after ?? "the start")"
        return try Fixture.view(Fixture.works)
    }

    func similar(to print: ShapePrint, limit: Int) throws -> SimilarView {
        asked = "print \(print.hex.prefix(4)) limit \(limit)"
        if let failure { throw failure }
        return SimilarView(algorithm: ShapePrint.version, searched: 7, complete: true, similar: [])
    }

    func similar(to bits: ISCCBits, limit: Int) throws -> SimilarView {
        asked = "data \(bits.data ?? 0) limit \(limit)"
        if let failure { throw failure }
        return SimilarView(algorithm: Manifest.isccScheme, searched: 7, complete: true, similar: [])
    }

    func works(of party: Digest, limit: Int, after: String?) throws -> WorkListView {
        asked = "\(party == Fixture.id) limit \(limit) after \(after ?? "the start")"
        return try Fixture.view(Fixture.works)
    }

    func titles(of party: Digest, limit: Int, after: String?) throws -> TitleListView {
        asked = "\(party == Fixture.id) limit \(limit) after \(after ?? "the start")"
        return try Fixture.view(Fixture.titles)
    }

    func offers(of party: Digest, limit: Int, after: String?) throws -> OfferListView {
        asked = "\(party == Fixture.id) limit \(limit) after \(after ?? "the start")"
        return try Fixture.view(Fixture.offers)
    }

    func event(_ height: UInt64) -> BlockEventView? {
        guard height <= feed.height else { return nil }
        return BlockEventView(height: height, id: "b\(height)", time: height * 1_000, statements: [])
    }

    func metrics() -> NodeMetrics { NodeMetrics(height: 7, time: 1_767_225_600_000) }

    func block(_ height: UInt64?) throws -> BlockView? {
        asked = height.map { "height \($0)" } ?? "latest"
        return height == nil || height == 7 ? try Fixture.view(Fixture.block) : nil
    }

    func bundle(_ urn: URN) -> [UInt8]? { urn == Fixture.work ? [0xB0] : nil }
    func read(attachment hash: Digest, token: String?, at audiences: Audiences) throws -> AttachmentRead? {
        asked = "token \(token ?? "none")"
        if let failure { throw failure }
        let bytes = Array("mesh".utf8)
        return hash == Fixture.id ? AttachmentRead(bytes: bytes, dataClass: token == nil ? .public : .restricted) : nil
    }

    func store(attachment: [UInt8], hash: Digest, dataClass: DataClass) {
        stored[hash] = attachment
        asked = dataClass.rawValue
    }

    func checkpoint() throws -> [UInt8] {
        if let failure { throw failure }
        return Array("log.example\n1\nAAA=\n".utf8)
    }

    func tile(_ path: TilePath) -> [UInt8]? {
        path.text == "tile/0/x001/234.p/5" || path.text == "tile/entries/000" ? [1, 2, 3] : nil
    }
}

/// What the fake node says, as the API writes it: members in order, no white space.
enum Fixture {
    static let digits = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
    static let id = Digest(hex: digits) ?? .zero
    static let work = URN.work(id)
    static let workURN = "urn:provchain:work:\(digits)"

    static func view<View: Decodable>(_ json: String) throws -> View {
        try JSONDecoder().decode(View.self, from: Data(json.utf8))
    }

    static let pending = #"{"leafHash":"\#(digits)","statement":"\#(digits)","status":"pending"}"#

    static let statement =
        #"{"contestedWith":["\#(workURN)"],"height":7,"issuer":"did:key:z6Mk","leafHash":"\#(digits)","leafIndex":3,"#
        + #""manifestRoot":"\#(digits)","offer":"o","party":"p","position":0,"records":["\#(workURN)"],"#
        + #""statement":"\#(digits)","status":"final","time":1767225600000,"type":"register","version":1,"#
        + #""work":"\#(workURN)"}"#

    static let record =
        #"{"cbor":"a10102","height":7,"historyCount":1,"historyHead":"\#(digits)","kind":"work","#
        + #""metadata":{"authors":["Ada"],"description":"A lamp","title":"Lamp/1"},"#
        + #""record":{"claimant":"p","versions":[1,2]},"time":1767225600000,"urn":"\#(workURN)"}"#

    static let history =
        #"{"count":2,"events":[{"body":"a0","bodyHash":"\#(digits)","height":7,"issuer":"i","number":1,"position":0,"#
        + #""statement":"\#(digits)","time":1767225600000,"type":"register"}],"head":"\#(digits)","next":2,"#
        + #""urn":"\#(workURN)"}"#

    static let lookup =
        #"{"claims":[{"contested":false,"party":"p","time":1767225600000,"title":"Lamp","version":1,"work":"w"}],"#
        + #""count":1,"hash":"\#(digits)","next":"n"}"#

    static let works =
        #"{"next":"n","works":[{"claimant":"p","time":1767225600000,"title":"Lamp","work":"w"}]}"#

    static let titles =
        #"{"next":"n","titles":[{"right":"copyright","share":10000,"title":"urn:provchain:title:\#(digits):1","#
        + #""work":"\#(workURN)"}]}"#

    static let offers =
        #"{"next":"n","offers":[{"deadline":1767225600,"offer":"urn:provchain:offer:\#(digits)","#
        + #""offerer":"urn:provchain:party:\#(digits)","recipient":"urn:provchain:party:\#(digits)","#
        + #""right":"copyright","share":1,"status":"open","work":"\#(workURN)"}]}"#

    static let block =
        #"{"epoch":1,"height":7,"historyRoot":"\#(digits)","historySize":9,"id":"\#(digits)","parent":"\#(digits)","#
        + #""proposer":2,"signers":[0,1,2],"stateRoot":"\#(digits)","statements":[{"issuer":"i","leafIndex":3,"#
        + #""statement":"\#(digits)","type":"register"}],"time":1767225600000,"view":8}"#

    static let chain =
        #"{"chain":"urn:provchain:chain:\#(digits)","epoch":1,"height":7,"maximumLifetimeSeconds":86400,"#
        + #""origin":"log.example/<registry>","pending":0,"protocolVersion":1,"root":"\#(digits)","size":9,"#
        + #""software":"provnode 1","time":1767225600000,"validators":[{"connected":true,"index":0,"log":"l","member":"m","#
        + #""name":"Museum","url":"https://node.museum.example","vote":"v"}]}"#
}
