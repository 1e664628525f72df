import HTTPTypes
import Hummingbird
import NIOCore
import ProvChain

/// One address of the API: what it takes and answers, in a form from which both the router and the API document
/// are made, and the function that answers.
struct Route: Sendable {
    let description: RouteDescription
    let respond: @Sendable (Call) async throws -> Response

    init(_ description: RouteDescription, respond: @escaping @Sendable (Call) async throws -> Response) {
        self.description = description
        self.respond = respond
    }
}

struct RouteDescription: Sendable {
    /// A body that the route takes.
    struct Body: Sendable {
        let type: String
        let maximumBytes: Int
        let about: String
    }

    struct Answer: Sendable {
        let status: HTTPResponse.Status
        let about: String
        /// Media type and, for JSON, the name of the schema.
        var content: [(type: String, schema: String?)] = []

        static func json(_ schema: String, _ about: String, status: HTTPResponse.Status = .ok) -> Answer {
            Answer(status: status, about: about, content: [(MediaType.json, schema)])
        }

        static func bytes(_ type: String, _ about: String) -> Answer {
            Answer(status: .ok, about: about, content: [(type, nil)])
        }
    }

    let method: HTTPRequest.Method
    /// With parameters as `{name}`. `{tile}` stands for all the rest of a path.
    let path: String
    let id: String
    let summary: String
    var parameters: [ParameterDescription] = []
    var bodies: [Body] = []
    let answers: [Answer]
    /// The problems that clients should expect, besides those that every address may answer.
    var problems: [HTTPResponse.Status] = []

    static let tail = "{tile}"

    var hasTail: Bool { path.hasSuffix(RouteDescription.tail) }

    var segments: [Substring] { path.split(separator: "/") }

    var routerPath: RouterPath {
        RouterPath(segments.map { $0 == RouteDescription.tail ? "**" : String($0) }.joined(separator: "/"))
    }
}

/// Which routes have a path, whatever the method; their paths are taken apart once.
struct RouteTable: Sendable {
    private let rows: [(route: RouteDescription, segments: [Substring], hasTail: Bool)]

    init(_ routes: [RouteDescription]) { rows = routes.map { ($0, $0.segments, $0.hasTail) } }

    /// A path has one spelling: without empty segments.
    func routes(at path: String) -> [RouteDescription] {
        guard path == "/" || !path.contains("//") && !path.hasSuffix("/") else { return [] }
        let found = path.split(separator: "/")
        return rows.filter { row in
            guard row.hasTail ? found.count >= row.segments.count : found.count == row.segments.count else {
                return false
            }
            return zip(row.segments, found).allSatisfy { $0 == $1 || $0.utf8.first == UInt8(ascii: "{") }
        }.map(\.route)
    }
}

/// A request that has found its route: its parameters by name, decoded, each given once and each known.
struct Call: Sendable {
    let request: Request
    private let values: [String: String]
    /// What stands in the path for ``RouteDescription/tail``, as sent.
    let tail: String

    init(_ request: Request, route: RouteDescription) throws(Problem) {
        self.request = request
        var values: [String: String] = [:]
        let found = request.uri.path.split(separator: "/")
        for (template, segment) in zip(route.segments, found) where template.hasPrefix("{") {
            let name = String(template.dropFirst().dropLast())
            let description = route.parameters.first { $0.name == name && $0.place == .path }
            guard let value = Query.decode(segment) else {
                throw .badParameter(
                    name, expected: description?.expected ?? Phrase("percent-encoded UTF-8", "百分号编码的 UTF-8"))
            }
            values[name] = value
        }
        let known = route.parameters.filter { $0.place == .query }.map(\.name)
        let pairs: [(name: String, value: String)]
        do { pairs = try Query.parse(request.uri.query ?? "") } catch { throw .malformedQuery }
        for (name, value) in pairs {
            guard known.contains(name) else { throw .unknownParameter(name, known: known) }
            guard values.updateValue(value, forKey: name) == nil else { throw .repeatedParameter(name) }
        }
        for parameter in route.parameters where parameter.place == .header {
            guard let name = HTTPField.Name(parameter.name), let value = request.headers[name] else { continue }
            values[parameter.name] = value
        }
        self.values = values
        tail = route.hasTail ? found.dropFirst(route.segments.count - 1).joined(separator: "/") : ""
    }

    func optional<Value>(_ parameter: Parameter<Value>) throws(Problem) -> Value? {
        guard let text = values[parameter.description.name] else { return nil }
        guard let value = parameter.parse(text) else {
            throw .badParameter(parameter.description.name, expected: parameter.description.expected)
        }
        return value
    }

    func require<Value>(_ parameter: Parameter<Value>) throws(Problem) -> Value {
        guard let value = try optional(parameter) else {
            throw .missingParameter(parameter.description.name, expected: parameter.description.expected)
        }
        return value
    }

    func json(
        _ value: some Encodable, status: HTTPResponse.Status = .ok, headers: HTTPFields = HTTPFields()
    ) throws(Problem) -> Response {
        let pretty = try optional(.pretty) ?? false
        return answer(JSON.encode(value, pretty: pretty), type: MediaType.json, status: status, headers: headers)
    }

    func answer(
        _ bytes: [UInt8], type: String, caching: String = Caching.always, status: HTTPResponse.Status = .ok,
        headers: HTTPFields = HTTPFields()
    ) -> Response {
        var headers = headers
        headers[.contentType] = type
        headers[.cacheControl] = caching
        return Response(
            status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }
}
