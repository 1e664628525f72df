import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import ProvChain

/// HTTP by AsyncHTTPClient, with a bound on time and on the size of answers.
final class Transport: Sendable {
    private let client: HTTPClient

    /// An answer with its body, whatever its status.
    struct Answer: Sendable {
        let status: Int
        let contentType: String
        let retryAfterSeconds: Int?
        let body: [UInt8]
    }

    init() {
        var configuration = HTTPClient.Configuration()
        configuration.timeout.connect = .seconds(5)
        // A refused connection is told at once; what to send again is decided above.
        configuration.connectionPool.retryConnectionEstablishment = false
        // A node has one address; being sent elsewhere is an error, not a detail.
        configuration.redirectConfiguration = .disallow
        client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }

    func close() async { try? await client.shutdown() }

    /// - Parameter limit: bytes of the answer's body.
    func send(
        _ method: HTTPMethod, _ url: String, headers: [(String, String)], body: [UInt8]?, seconds: Int, limit: Int
    ) async throws -> Answer {
        var request = HTTPClientRequest(url: url)
        request.method = method
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await client.execute(request, timeout: .seconds(Int64(seconds)))
        let buffer = try await response.body.collect(upTo: limit)
        return Answer(
            status: Int(response.status.code), contentType: response.headers.first(name: "content-type") ?? "",
            retryAfterSeconds: response.headers.first(name: "retry-after").flatMap { Int($0) },
            body: Array(buffer.readableBytesView))
    }
}
