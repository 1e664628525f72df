import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import ProvChain

/// An answer that is not what the client asked for: a ``ProblemView`` (RFC 9457) with the headers that its status
/// calls for. Every error that leaves the node over HTTP is one of these.
///
/// `detail` is in the language that the client asked for (`Accept-Language`); every other member, by which programs
/// go, is the same in each.
struct Problem: Error {
    let view: ProblemView
    private let chinese: String
    var headers = HTTPFields()

    /// A problem that the node found, in the words of the catalogue.
    init(_ view: ProblemView) { self.init(view, chinese: Catalogue.sentence(for: view, in: .chinese)) }

    private init(_ view: ProblemView, chinese: String) {
        self.view = view
        self.chinese = chinese
        if view.retry, view.status == 429 || view.status == 503 {
            headers[.retryAfter] = String(RequestLimits.retryAfterSeconds)
        }
        if view.status == 401 { headers[.wwwAuthenticate] = "Bearer realm=\"provchain\"" }
    }

    init(
        _ status: HTTPResponse.Status, rule: String, detail: Phrase, parameters: [String: String] = [:],
        retry: Bool = false
    ) {
        self.init(
            ProblemView(
                title: status.reasonPhrase, status: status.code, detail: detail.english, rule: rule,
                parameters: parameters, retry: retry), chinese: detail.chinese)
    }

    func response(in language: Language, pretty: Bool) -> Response {
        var headers = headers
        headers[.contentLanguage] = language.rawValue
        headers[.vary] = "Accept-Language"
        let view =
            switch language {
            case .english: view
            case .chinese:
                ProblemView(
                    title: view.title, status: view.status, detail: chinese, rule: view.rule,
                    parameters: view.parameters, retry: view.retry)
            }
        headers[.contentType] = ProblemView.contentType
        headers[.cacheControl] = Caching.never
        return Response(
            status: .init(code: view.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: JSON.encode(view, pretty: pretty))))
    }
}

extension Problem {
    static func notFound(_ detail: Phrase, _ parameters: [String: String] = [:]) -> Problem {
        Problem(.notFound, rule: "not-found", detail: detail, parameters: parameters)
    }

    static func methodNotAllowed(_ method: HTTPRequest.Method, allowed: [HTTPRequest.Method]) -> Problem {
        let names = allowed.map(\.rawValue).joined(separator: ", ")
        var problem = Problem(
            .methodNotAllowed, rule: "method-not-allowed",
            detail: Phrase(
                "This address does not answer \(method.rawValue). It answers \(names).",
                "此地址不支持 \(method.rawValue)，支持的方法为 \(names)。"),
            parameters: ["method": method.rawValue, "allowed": names])
        problem.headers[.allow] = names
        return problem
    }

    static func unsupportedMediaType(_ found: String, supported: [String]) -> Problem {
        let names = supported.joined(separator: ", ")
        let detail =
            found.isEmpty
            ? Phrase("The request has no Content-Type", "请求没有 Content-Type")
            : Phrase("The Content-Type \(found) is not taken here", "此处不接受 Content-Type \(found)")
        var problem = Problem(
            .unsupportedMediaType, rule: "unsupported-media-type",
            detail: Phrase("\(detail.english). Send \(names).", "\(detail.chinese)。请使用 \(names)。"),
            parameters: ["contentType": found, "supported": names])
        problem.headers[.accept] = names
        return problem
    }

    static func tooLarge(limit: Int) -> Problem {
        Problem(
            .contentTooLarge, rule: "request.too-large",
            detail: Phrase(
                "The request's body is larger than the \(limit) bytes that this address takes.",
                "请求正文超过此地址允许的 \(limit) 字节。"),
            parameters: ["limit": String(limit)])
    }

    static func targetTooLong(_ bytes: Int) -> Problem {
        let limit = RequestLimits.targetBytes
        return Problem(
            .uriTooLong, rule: "request.target-too-long",
            detail: Phrase(
                "The path and query have \(bytes) bytes; at most \(limit) are taken.",
                "路径和查询共 \(bytes) 字节，上限为 \(limit)。"),
            parameters: ["limit": String(limit), "found": String(bytes)])
    }

    static func badParameter(_ name: String, expected: Phrase) -> Problem {
        Problem(
            .badRequest, rule: "parameter.malformed",
            detail: Phrase(
                "The parameter \(name) must be \(expected.english).", "参数 \(name) 应为\(expected.chinese)。"),
            parameters: ["parameter": name, "expected": expected.english])
    }

    static func missingParameter(_ name: String, expected: Phrase) -> Problem {
        Problem(
            .badRequest, rule: "parameter.missing",
            detail: Phrase(
                "The parameter \(name) is needed: \(expected.english).", "缺少参数 \(name)：应为\(expected.chinese)。"),
            parameters: ["parameter": name, "expected": expected.english])
    }

    static func repeatedParameter(_ name: String) -> Problem {
        Problem(
            .badRequest, rule: "parameter.repeated",
            detail: Phrase("The parameter \(name) may be given once.", "参数 \(name) 只能给出一次。"),
            parameters: ["parameter": name])
    }

    /// A misspelt parameter would otherwise change the answer without a word.
    static func unknownParameter(_ name: String, known: [String]) -> Problem {
        let names = known.isEmpty ? "none" : known.joined(separator: ", ")
        return Problem(
            .badRequest, rule: "parameter.unknown",
            detail: Phrase(
                "This address has no parameter \(name). Its parameters: \(names).",
                "此地址没有参数 \(name)。可用的参数：\(names)。"),
            parameters: ["parameter": name, "known": names])
    }

    static let malformedQuery = Problem(
        .badRequest, rule: "parameter.malformed",
        detail: Phrase("The query is not percent-encoded UTF-8.", "查询不是百分号编码的 UTF-8。"),
        parameters: ["parameter": "query", "expected": "percent-encoded UTF-8"])

    static let malformedRequest = Problem(
        .badRequest, rule: "request.malformed",
        detail: Phrase("The request is not HTTP/1.1 as RFC 9112 describes it.", "请求不是 RFC 9112 所述的 HTTP/1.1。"))

    static let headersTooLarge = Problem(
        .requestHeaderFieldsTooLarge, rule: "request.headers-too-large",
        detail: Phrase(
            "The request's headers are larger than the \(RequestLimits.headerBytes) bytes that are taken.",
            "请求头超过允许的 \(RequestLimits.headerBytes) 字节。"),
        parameters: ["limit": String(RequestLimits.headerBytes)])

    static let busy = Problem(
        .serviceUnavailable, rule: "node.busy",
        detail: Phrase(
            "The node is taking in as much as it can hold. Send the request again later.",
            "节点接收的内容已达上限。请稍后重试。"), retry: true)

    static let notReady = Problem(
        .serviceUnavailable, rule: "node.not-ready",
        detail: Phrase(
            "The node is catching up with the chain. Ask again later.", "节点正在追赶链的进度。请稍后再问。"), retry: true)

    static let stopping = Problem(Problems.stopping)

    static let `internal` = Problem(
        .internalServerError, rule: "node.internal-error",
        detail: Phrase("The node failed to answer. Its log has the reason.", "节点未能应答，原因见其日志。"), retry: true)
}

/// How long an answer may be kept.
enum Caching {
    /// What the address names can never change.
    static let immutable = "public, max-age=31536000, immutable"
    static let checkpoint = "max-age=2"
    static let always = "no-cache"
    static let never = "no-store"
}

/// JSON as the API writes it: members in order, so that equal answers have equal bytes.
enum JSON {
    static func encode(_ value: some Encodable, pretty: Bool) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if pretty { encoder.outputFormatting.insert(.prettyPrinted) }
        do {
            return Array(try encoder.encode(value)) + (pretty ? [UInt8(ascii: "\n")] : [])
        } catch {
            preconditionFailure("a view that is not JSON: \(error)")
        }
    }
}
