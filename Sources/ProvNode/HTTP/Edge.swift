import HTTPTypes
import Hummingbird
import Logging
import ProvChain

/// What every request passes through, in both directions: the bound on its target, the answers to OPTIONS, 404
/// and 405, errors as problems, and the headers that browsers heed.
struct Edge: RouterMiddleware {
    let table: RouteTable
    let requests: RequestMetrics

    typealias Context = BasicRequestContext

    func handle(
        _ request: Request, context: Context, next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        let found = table.routes(at: request.uri.path)
        var response: Response
        do {
            response = try await answer(request, found: found, context: context, next: next)
        } catch let broken as BrokenRequest {
            throw broken.underlying
        } catch {
            let problem = self.problem(for: error, request: request, context: context)
            response = problem.response(
                in: Language(acceptLanguage: request.headers[values: .acceptLanguage].joined(separator: ",")),
                pretty: isPretty(request))
        }
        let asked = request.method == .head ? .get : request.method
        requests.record(
            found.first { $0.method == asked }, status: response.status.code, seconds: (.now - start).inSeconds)
        Edge.secure(&response.headers)
        if [.get, .head, .options].contains(request.method) { Edge.share(&response.headers) }
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func answer(
        _ request: Request, found: [RouteDescription], context: Context,
        next: (Request, Context) async throws -> Response
    ) async throws -> Response {
        let target = request.head.path ?? ""
        guard target.utf8.count <= RequestLimits.targetBytes else {
            throw Problem.targetTooLong(target.utf8.count)
        }
        let allowed = methods(of: found)
        guard !allowed.isEmpty else {
            throw Problem.notFound(
                Phrase(
                    "There is nothing at this address. /api/v1/openapi.json lists the addresses.",
                    "此地址没有内容。地址列表见 /api/v1/openapi.json。"))
        }
        guard allowed.contains(request.method) else {
            throw Problem.methodNotAllowed(request.method, allowed: allowed)
        }
        return request.method == .options ? Edge.preflight(allowed) : try await next(request, context)
    }

    /// The methods that an address with these routes answers; none if it is not one of the API's.
    private func methods(of found: [RouteDescription]) -> [HTTPRequest.Method] {
        var methods = found.map(\.method)
        guard !methods.isEmpty else { return [] }
        if methods.contains(.get) { methods.append(.head) }
        return (methods + [.options]).sorted { $0.rawValue < $1.rawValue }
    }

    private func problem(for error: any Error, request: Request, context: Context) -> Problem {
        switch error {
        case let problem as Problem: return problem
        case let view as ProblemView: return Problem(view)
        case is CancellationError: return .stopping
        default:
            context.logger.error(
                "request failed",
                metadata: ["method": "\(request.method)", "path": "\(request.uri.path)", "error": "\(error)"])
            return .internal
        }
    }

    private func isPretty(_ request: Request) -> Bool {
        let pairs = (try? Query.parse(request.uri.query ?? "")) ?? []
        return pairs.contains { $0.name == "pretty" && Parameter.pretty.parse($0.value) == true }
    }

    private static func preflight(_ allowed: [HTTPRequest.Method]) -> Response {
        Response(
            status: .noContent,
            headers: [
                .allow: allowed.map(\.rawValue).joined(separator: ", "), .accessControlAllowMethods: "GET, HEAD",
                .accessControlAllowHeaders: "Accept, Authorization, Last-Event-ID", .accessControlMaxAge: "86400",
            ])
    }

    /// Nothing that the node serves is a program, and nothing may be mistaken for one.
    static func secure(_ headers: inout HTTPFields) {
        headers[.xContentTypeOptions] = "nosniff"
        if headers[.contentSecurityPolicy] == nil {
            headers[.contentSecurityPolicy] = "default-src 'none'; frame-ancestors 'none'"
        }
        if let referrerPolicy = HTTPField.Name("Referrer-Policy") { headers[referrerPolicy] = "no-referrer" }
    }

    /// Pages from anywhere may read, since everything here is public.
    private static func share(_ headers: inout HTTPFields) {
        headers[.accessControlAllowOrigin] = "*"
        headers[.accessControlExposeHeaders] = "Content-Disposition, Retry-After, WWW-Authenticate"
    }
}
