import FoundationEssentials
import HTTPTypes
import Hummingbird
import NIOCore
import ProvChain

/// An answer that is not what the client asked for: a ``ProblemView`` (RFC 9457) with the headers that its status
/// calls for. Every error that leaves the node over HTTP is one of these.
struct Problem: Error {
    let view: ProblemView
    var headers = HTTPFields()

    init(_ view: ProblemView) {
        self.view = view
        if view.retry, view.status == 429 || view.status == 503 {
            headers[.retryAfter] = String(RequestLimits.retryAfterSeconds)
        }
        if view.status == 401 { headers[.wwwAuthenticate] = "Bearer realm=\"provchain\"" }
    }

    init(
        _ status: HTTPResponse.Status, rule: String, detail: String, parameters: [String: String] = [:],
        retry: Bool = false
    ) {
        self.init(
            ProblemView(
                title: status.reasonPhrase, status: status.code, detail: detail, rule: rule, parameters: parameters,
                retry: retry))
    }

    func response(pretty: Bool) -> Response {
        var headers = headers
        headers[.contentType] = ProblemView.contentType
        headers[.cacheControl] = Caching.never
        return Response(
            status: .init(code: view.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: JSON.encode(view, pretty: pretty))))
    }
}

extension Problem {
    static func notFound(_ detail: String, _ parameters: [String: String] = [:]) -> Problem {
        Problem(.notFound, rule: "not-found", detail: detail, parameters: parameters)
    }

    static func methodNotAllowed(_ method: HTTPRequest.Method, allowed: [HTTPRequest.Method]) -> Problem {
        let names = allowed.map(\.rawValue).joined(separator: ", ")
        var problem = Problem(
            .methodNotAllowed, rule: "method-not-allowed",
            detail: "This address does not answer \(method.rawValue). It answers \(names).",
            parameters: ["method": method.rawValue, "allowed": names])
        problem.headers[.allow] = names
        return problem
    }

    static func unsupportedMediaType(_ found: String, supported: [String]) -> Problem {
        let names = supported.joined(separator: ", ")
        let detail = found.isEmpty ? "The request has no Content-Type" : "The Content-Type \(found) is not taken here"
        var problem = Problem(
            .unsupportedMediaType, rule: "unsupported-media-type", detail: "\(detail). Send \(names).",
            parameters: ["contentType": found, "supported": names])
        problem.headers[.accept] = names
        return problem
    }

    static func tooLarge(limit: Int) -> Problem {
        Problem(
            .contentTooLarge, rule: "request.too-large",
            detail: "The request's body is larger than the \(limit) bytes that this address takes.",
            parameters: ["limit": String(limit)])
    }

    static func targetTooLong(_ bytes: Int) -> Problem {
        let limit = RequestLimits.targetBytes
        return Problem(
            .uriTooLong, rule: "request.target-too-long",
            detail: "The path and query have \(bytes) bytes; at most \(limit) are taken.",
            parameters: ["limit": String(limit), "found": String(bytes)])
    }

    static func badParameter(_ name: String, expected: String) -> Problem {
        Problem(
            .badRequest, rule: "parameter.malformed", detail: "The parameter \(name) must be \(expected).",
            parameters: ["parameter": name, "expected": expected])
    }

    static func missingParameter(_ name: String, expected: String) -> Problem {
        Problem(
            .badRequest, rule: "parameter.missing", detail: "The parameter \(name) is needed: \(expected).",
            parameters: ["parameter": name, "expected": expected])
    }

    static func repeatedParameter(_ name: String) -> Problem {
        Problem(
            .badRequest, rule: "parameter.repeated", detail: "The parameter \(name) may be given once.",
            parameters: ["parameter": name])
    }

    /// A misspelt parameter would otherwise change the answer without a word.
    static func unknownParameter(_ name: String, known: [String]) -> Problem {
        let names = known.isEmpty ? "none" : known.joined(separator: ", ")
        return Problem(
            .badRequest, rule: "parameter.unknown",
            detail: "This address has no parameter \(name). Its parameters: \(names).",
            parameters: ["parameter": name, "known": names])
    }

    static let malformedQuery = Problem(
        .badRequest, rule: "parameter.malformed", detail: "The query is not percent-encoded UTF-8.",
        parameters: ["parameter": "query", "expected": "percent-encoded UTF-8"])

    static let malformedRequest = Problem(
        .badRequest, rule: "request.malformed", detail: "The request is not HTTP/1.1 as RFC 9112 describes it.")

    static let headersTooLarge = Problem(
        .requestHeaderFieldsTooLarge, rule: "request.headers-too-large",
        detail: "The request's headers are larger than the \(RequestLimits.headerBytes) bytes that are taken.",
        parameters: ["limit": String(RequestLimits.headerBytes)])

    static let busy = Problem(
        .serviceUnavailable, rule: "node.busy",
        detail: "The node is taking in as much as it can hold. Send the request again later.", retry: true)

    static let notReady = Problem(
        .serviceUnavailable, rule: "node.not-ready",
        detail: "The node is catching up with the chain. Ask again later.", retry: true)

    static let stopping = Problem(Problems.stopping)

    static let `internal` = Problem(
        .internalServerError, rule: "node.internal-error",
        detail: "The node failed to answer. Its log has the reason.", retry: true)
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
