import HTTPTypes
import HummingbirdTesting
import Logging
import NIOCore
import ProvChain
import ServiceLifecycle
import Testing

@testable import ProvNode

/// The server on a real socket: where it listens, and how it stops.
@Suite(.timeLimit(.minutes(1))) struct HTTPServiceTests {
    private let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    /// Runs the service while `use` talks to it, then shuts it down and waits for it.
    private func withService(
        _ node: FakeNode, drain: Duration = .seconds(10),
        _ use: @Sendable @escaping (TestClient, ServiceGroup) async throws -> Void
    ) async throws {
        let (bound, continuation) = AsyncStream.makeStream(of: (String, Int).self)
        let service = HTTPService(node: node, host: "127.0.0.1", port: 0, logger: logger, drain: drain) {
            continuation.yield(($0, $1))
        }
        let group = ServiceGroup(configuration: .init(services: [service], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let (host, port) = try #require(await bound.first { _ in true })
            #expect(host == "127.0.0.1")
            #expect(port > 0)
            let client = TestClient(host: host, port: port)
            client.connect()
            try await use(client, group)
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            try? await client.shutdown()
        }
    }

    private let submission = TestClient.Request(
        "/api/v1/statements", method: .post, headers: [.contentType: "application/cose"],
        body: ByteBuffer(bytes: [0xD2]))

    @Test func itListensWhereItSays() async throws {
        try await withService(FakeNode()) { client, _ in
            let response = try await client.get("/api/v1/chain")
            #expect(response.status == .ok)
            #expect(response.body.map { String(buffer: $0) } == Fixture.chain)
            let head = try await client.head("/api/v1/chain")
            #expect(head.headers[.contentLength] == String(Fixture.chain.utf8.count))
            #expect(head.body == nil)
        }
    }

    @Test func aRequestUnderWayIsAnsweredBeforeItStops() async throws {
        let (entered, enter) = AsyncStream.makeStream(of: Void.self)
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        let node = FakeNode(onSubmit: {
            enter.yield()
            for await _ in released { break }
        })
        try await withService(node) { [submission] client, group in
            async let response = client.execute(submission)
            _ = await entered.first { _ in true }
            await group.triggerGracefulShutdown()
            release.yield()
            let status = try await response.status
            #expect(status == .ok)
        }
        #expect(await node.submissions.count == 1)
    }

    @Test func aRequestThatNeverEndsIsCancelledWhenTheTimeIsUp() async throws {
        let (entered, enter) = AsyncStream.makeStream(of: Void.self)
        let (endless, _keptOpen) = AsyncStream.makeStream(of: Void.self)
        let node = FakeNode(onSubmit: {
            enter.yield()
            for await _ in endless { break }
            try Task.checkCancellation()
        })
        try await withService(node, drain: .milliseconds(50)) { [submission] client, _ in
            try await client.executeAndDontWaitForResponse(submission)
            _ = await entered.first { _ in true }
        }
        _keptOpen.finish()
        #expect(await node.submissions.isEmpty)
    }

    @Test func headersThatAreTooLargeGetAProblem() async throws {
        try await withService(FakeNode()) { client, _ in
            let field = try #require(HTTPField.Name("X-Large"))
            let fits = String(repeating: "a", count: RequestLimits.headerFieldBytes - 100)
            #expect(try await client.get("/healthz", headers: [field: fits]).status == .ok)
            let tooLarge = String(repeating: "a", count: RequestLimits.headerFieldBytes + 1)
            let response = try await client.get("/healthz", headers: [field: tooLarge])
            #expect(response.status.code == 431)
            #expect(response.headers[.contentType] == "application/problem+json")
            #expect(response.body.map { String(buffer: $0).contains("request.headers-too-large") } == true)
        }
    }

    @Test func eventsEndWhenItStops() async throws {
        let feed = EventFeed(height: 7)
        try await withService(FakeNode(feed: feed)) { client, group in
            async let followed = client.get("/api/v1/events?from=7")
            while feed.subscribers == 0 { await Task.yield() }
            await group.triggerGracefulShutdown()
            let response = try await followed
            #expect(response.status == .ok)
            #expect(response.headers[.contentType] == "text/event-stream")
            let body = response.body.map { String(buffer: $0) } ?? ""
            #expect(body.hasPrefix("retry: 2000\n\n"))
        }
        while feed.subscribers > 0 { await Task.yield() }
    }

    @Test func aBodyThatIsTooLargeIsRefusedAndTheConnectionGoesOn() async throws {
        try await withService(FakeNode()) { client, _ in
            let body = ByteBuffer(repeating: 1, count: Limits.statementBytes + 1)
            let response = try await client.post(
                "/api/v1/statements", headers: [.contentType: "application/cose"], body: body)
            #expect(response.status == .contentTooLarge)
            #expect(try await client.get("/healthz").status == .ok)
        }
    }
}
