import HTTPTypes
import Hummingbird
import HummingbirdTesting
import Logging
import NIOCore
import ProvChain
import Testing

@testable import ProvNode

/// Sends one request to the routes over `node`, without a socket.
@discardableResult
func send(
    _ method: HTTPRequest.Method = .get, _ uri: String, to node: FakeNode = FakeNode(), type: String? = nil,
    accept: String? = nil, authorization: String? = nil, body: [UInt8]? = nil, bodies: BodyBudget = BodyBudget(),
    apis: [String: String] = [:]
) async throws -> TestResponse {
    var headers = HTTPFields()
    headers[.contentType] = type
    headers[.accept] = accept
    headers[.authorization] = authorization
    let router = HTTPService.router(Routes(node: node, bodies: bodies, apis: apis))
    let application = Application(router: router, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    return try await application.test(.router) { [headers] client in
        try await client.executeRequest(
            uri: uri, method: method, headers: headers, body: body.map { ByteBuffer(bytes: $0) })
    }
}

extension TestResponse {
    var text: String { String(buffer: body) }
    var bytes: [UInt8] { Array(buffer: body) }
}

/// Expects the exact problem document.
func expect(
    _ response: TestResponse, _ status: Int, _ json: String, sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(response.status.code == status, sourceLocation: sourceLocation)
    #expect(response.headers[.contentType] == "application/problem+json", sourceLocation: sourceLocation)
    #expect(response.headers[.cacheControl] == "no-store", sourceLocation: sourceLocation)
    #expect(response.text == json, sourceLocation: sourceLocation)
}
