import AsyncHTTPClient
import FoundationEssentials
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import ProvChain

/// A node's HTTP API as typed calls. Every failure is a ``CLIError``.
struct NodeClient: Sendable {
    /// Without a slash at the end.
    let address: String
    private let transport: Transport

    /// The longest time for an answer; the node itself waits up to 30 s for a statement to become final.
    static let timeoutSeconds = 45
    /// Bytes of a JSON answer: a page of history may carry large bodies.
    static let jsonLimit = 64 << 20
    static let bundleLimit = 512 << 20

    init(_ address: String, _ transport: Transport) throws(CLIError) {
        guard address.hasPrefix("http://") || address.hasPrefix("https://"), !address.contains("?"),
            !address.contains("#"), !address.contains(where: \.isWhitespace)
        else { throw .failed(.badNode, ["node": address]) }
        var trimmed = address[...]
        while trimmed.hasSuffix("/") { trimmed.removeLast() }
        // The HTTP client ends the process over a port that is none.
        guard let host = URLComponents(string: String(trimmed))?.host, !host.isEmpty,
            (1...65_535).contains(URLComponents(string: String(trimmed))?.port ?? 80)
        else { throw .failed(.badNode, ["node": address]) }
        self.address = String(trimmed)
        self.transport = transport
    }

    // MARK: Calls

    func chain() async throws -> ChainView { try await json("/api/v1/chain") }

    func genesisFile() async throws -> [UInt8] {
        try await bytes("/api/v1/genesis", accept: "application/cbor", limit: Self.jsonLimit)
    }

    func record(_ urn: URN) async throws -> RecordView { try await json("/api/v1/records/\(urn)") }

    func history(_ urn: URN, from: UInt64) async throws -> HistoryView {
        try await json("/api/v1/records/\(urn)/history?from=\(from)&limit=1000")
    }

    func lookup(_ hash: Digest) async throws -> LookupView { try await json("/api/v1/lookup/\(hash.hex)") }

    func similar(to print: ShapePrint) async throws -> SimilarView {
        try await json("/api/v1/similar/print/\(print.hex)?limit=100")
    }

    func similar(to code: ISCCCode) async throws -> SimilarView {
        try await json("/api/v1/similar/iscc/\(code.text)?limit=100")
    }

    func statement(_ id: Digest) async throws -> StatementView { try await json("/api/v1/statements/\(id.hex)") }

    func statementBytes(_ id: Digest) async throws -> [UInt8] {
        try await bytes(
            "/api/v1/statements/\(id.hex)/raw", accept: "application/cose", limit: Limits.statementBytes)
    }

    func receipt(_ id: Digest) async throws -> [UInt8] {
        try await bytes("/api/v1/statements/\(id.hex)/receipt", accept: "application/cose", limit: 1 << 20)
    }

    func bundle(_ urn: URN) async throws -> [UInt8] {
        try await bytes("/api/v1/proofs/\(urn)", accept: Bundle.contentType, limit: Self.bundleLimit)
    }

    func attachment(_ hash: Digest, token: ReadToken?) async throws -> [UInt8] {
        try await send(
            .GET, "/api/v1/attachments/\(hash.hex)", accept: "application/octet-stream", body: nil,
            limit: Limits.attachmentBytes, token: token
        ).body
    }

    func putAttachment(_ bytes: [UInt8], _ hash: Digest, _ dataClass: DataClass) async throws {
        _ = try await send(
            .PUT, "/api/v1/attachments/\(hash.hex)?class=\(dataClass.rawValue)", accept: "*/*",
            body: (bytes, "application/octet-stream"), limit: Self.jsonLimit)
    }

    /// Scheme, host and port of the address: what a token names as its audience.
    var origin: String {
        let parts = address.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false)
        return parts.prefix(3).joined(separator: "/").lowercased()
    }

    func submit(_ submission: Submission, wait: WaitFor) async throws -> StatementView {
        let answer = try await send(
            .POST, "/api/v1/statements?wait=\(wait.rawValue)", accept: "application/json",
            body: (submission.cbor, Submission.contentType), limit: Self.jsonLimit)
        return try decode(answer)
    }

    /// The record of one type under `urn`, or `nil` if there is none.
    func stored<R: Record>(_ type: R.Type, _ urn: URN) async throws -> R? {
        let view: RecordView
        do {
            view = try await record(urn)
        } catch let error as CLIError where error.status == .no {
            return nil
        }
        guard let bytes = Hex.decode(view.cbor), let stored = try? StoredRecord(cbor: bytes),
            let record = try? R(cbor: stored.body)
        else { throw badAnswer("record \(urn)") }
        return record
    }

    func badAnswer(_ reason: String) -> CLIError {
        .failed(.badAnswer, ["node": address, "reason": reason])
    }

    // MARK: Transport

    private func json<T: Decodable>(_ path: String) async throws -> T {
        try decode(try await send(.GET, path, accept: "application/json", body: nil, limit: Self.jsonLimit))
    }

    private func bytes(_ path: String, accept: String, limit: Int) async throws -> [UInt8] {
        try await send(.GET, path, accept: accept, body: nil, limit: limit).body
    }

    private func decode<T: Decodable>(_ answer: Transport.Answer) throws -> T {
        do {
            return try JSONDecoder().decode(T.self, from: Data(answer.body))
        } catch {
            throw badAnswer("\(answer.body.count) bytes of \(answer.contentType) are not a \(T.self)")
        }
    }

    /// Any 2xx answer; others become the problem that they describe.
    private func send(
        _ method: HTTPMethod, _ path: String, accept: String, body: (bytes: [UInt8], type: String)?, limit: Int,
        token: ReadToken? = nil
    ) async throws -> Transport.Answer {
        var headers = [("accept", "\(accept), \(ProblemView.contentType)"), ("user-agent", "provcli")]
        if let body { headers.append(("content-type", body.type)) }
        if let token { headers.append(("authorization", "Bearer \(token.text)")) }
        let answer: Transport.Answer
        do {
            answer = try await transport.send(
                method, address + path, headers: headers, body: body?.bytes, seconds: Self.timeoutSeconds,
                limit: limit)
        } catch let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout {
            throw CLIError.failed(.timedOut, ["node": address, "seconds": "\(Self.timeoutSeconds)"])
        } catch {
            throw CLIError.failed(
                Self.neverConnected(error) ? .unreachable : .connectionLost,
                ["node": address, "reason": Self.reason(error)])
        }
        if (200..<300).contains(answer.status) { return answer }
        throw problem(answer, path)
    }

    private func problem(_ answer: Transport.Answer, _ path: String) -> CLIError {
        if let problem = try? JSONDecoder().decode(ProblemView.self, from: Data(answer.body)) {
            if problem.rule == Catalogue.Failure.notFound.rawValue {
                return .failed(.notFound, ["what": Self.lastPart(of: path)])
            }
            return .problem(problem, node: address)
        }
        if answer.status == 404 { return .failed(.notFound, ["what": Self.lastPart(of: path)]) }
        let text = String(decoding: answer.body.prefix(200), as: UTF8.self)
        let problem = ProblemView(
            title: "", status: answer.status, detail: text, rule: Catalogue.Failure.nodeFailed.rawValue,
            retry: answer.status == 429 || answer.status == 503)
        return .problem(problem, node: address)
    }

    /// The thing that a path names: `/api/v1/records/X/history?from=1` names X.
    private static func lastPart(of path: String) -> String {
        let parts = path.prefix { $0 != "?" }.split(separator: "/")
        let names = parts.filter { !["history", "raw", "receipt"].contains($0) }
        return names.last.map(String.init) ?? path
    }

    /// True if nothing can have been sent.
    private static func neverConnected(_ error: any Error) -> Bool {
        switch error {
        case let error as IOError: [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH].contains(error.errnoCode)
        case let error as HTTPClientError: error == .connectTimeout
        // A name that does not resolve.
        default: error is NIOConnectionError
        }
    }

    private static func reason(_ error: any Error) -> String {
        // Of a refused connection, the system's own words are the useful ones.
        if let error = error as? IOError { return String(cString: strerror(error.errnoCode)) }
        let text = "\(error)"
        return text.count > 300 ? String(text.prefix(300)) + "…" : text
    }
}
