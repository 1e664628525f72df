import HTTPTypes
import HummingbirdTesting
import NIOCore
import ProvChain
import Testing

@testable import ProvNode

/// Server-sent events: what is written, from where on, and for how many.
@Suite(.timeLimit(.minutes(1))) struct EventTests {
    private struct Enough: Error {}

    private static func block(_ height: UInt64, _ entries: [BlockEventView.Entry] = []) -> BlockEventView {
        BlockEventView(height: height, id: "b\(height)", time: height * 1_000, statements: entries)
    }

    /// Reads `count` pieces of a stream whose blocks are empty.
    private func read(
        _ count: Int, from start: UInt64, of feed: EventFeed, filter: EventFilter = EventFilter(),
        onPiece: (Int) -> Void = { _ in }
    ) async throws -> [String] {
        let stream = EventStream(try #require(feed.subscribe()), filter: filter, start: start, keepAlive: .seconds(600))
        {
            $0 <= feed.height ? Self.block($0) : nil
        }
        var pieces: [String] = []
        do {
            try await stream.run { piece in
                pieces.append(String(buffer: piece))
                onPiece(pieces.count)
                if pieces.count == count { throw Enough() }
            }
        } catch is Enough {}
        return pieces
    }

    @Test func anEventIsOneLineOfDataWithTheHeightAsItsID() {
        let entry = BlockEventView.Entry(
            statement: "s", type: "work.register", issuer: "i", subject: "urn:provchain:work:w", leafIndex: 3)
        #expect(
            String(buffer: EventStream.text(Self.block(7, [entry]))) == """
                id: 7
                event: block
                data: {"height":7,"id":"b7","statements":[{"issuer":"i","leafIndex":3,"statement":"s",\
                "subject":"urn:provchain:work:w","type":"work.register"}],"time":7000}


                """)
    }

    @Test func whoComesBackGetsWhatWasMissedAndThenWhatComes() async throws {
        let feed = EventFeed(height: 6)
        let pieces = try await read(5, from: 4, of: feed) { if $0 == 4 { feed.announce(7) } }
        #expect(pieces.map { String($0.prefix { $0 != "\n" }) } == ["retry: 2000", "id: 4", "id: 5", "id: 6", "id: 7"])
        #expect(feed.subscribers == 0)
    }

    @Test func aSlowReaderMissesNothing() async throws {
        let feed = EventFeed(height: 0)
        // All blocks come while the first piece is being written.
        let pieces = try await read(102, from: 0, of: feed) {
            if $0 == 1 { for height in UInt64(1)...100 { feed.announce(height) } }
        }
        #expect(pieces.dropFirst().map { String($0.prefix { $0 != "\n" }) } == (0...100).map { "id: \($0)" })
    }

    @Test func withoutAnythingToSayTheStreamSaysWhereItIs() async throws {
        #expect(try await read(2, from: 8, of: EventFeed(height: 7))[1] == ": keep-alive\nid: 7\n\n")
        let filter = EventFilter(party: Fixture.id)
        #expect(try await read(2, from: 3, of: EventFeed(height: 7), filter: filter)[1] == ": keep-alive\nid: 7\n\n")
    }

    @Test func aFilterKeepsWhatAPartyDidOrWhatIsAboutASubject() {
        let party = URN.party(Fixture.id).description
        func entry(_ issuer: String, _ subject: String) -> BlockEventView.Entry {
            BlockEventView.Entry(statement: "s", type: "t", issuer: issuer, subject: subject, leafIndex: 0)
        }
        let (made, about, other) = (entry(party, Fixture.workURN), entry("x", party), entry("x", "y"))
        let event = Self.block(1, [made, about, other])
        #expect(EventFilter().apply(to: event) == event)
        #expect(EventFilter(party: Fixture.id).apply(to: event)?.statements == [made, about])
        #expect(EventFilter(subject: Fixture.work).apply(to: event)?.statements == [made])
        #expect(EventFilter(party: Fixture.id, subject: Fixture.work).apply(to: event)?.statements == [made])
        #expect(EventFilter(party: .zero).apply(to: event) == nil)
        #expect(EventFilter(party: .zero).apply(to: Self.block(1)) == nil)
        #expect(EventFilter().apply(to: Self.block(1)) == Self.block(1))
    }

    @Test func subscribersAreCountedAndBounded() async throws {
        let feed = EventFeed(height: 1, limit: 2)
        var first = feed.subscribe()
        let second = feed.subscribe()
        #expect(first != nil && second != nil && feed.subscribe() == nil)
        first = nil
        #expect(feed.subscribers == 1)
        #expect(feed.subscribe() != nil)
        let refused = try await send(.get, "/api/v1/events")
        #expect(refused.status == .serviceUnavailable)
        #expect(refused.headers[.retryAfter] == "1")
        #expect(refused.text.contains(#""rule":"node.too-many-subscribers""#))
        withExtendedLifetime(second) {}
    }

    @Test(arguments: ["from=-1", "from=x", "party=1", "subject=work", "after=3"])
    func parametersAreChecked(query: String) async throws {
        #expect(try await send(.get, "/api/v1/events?\(query)").status == .badRequest)
    }

    @Test func manySubscribersCostOneLookIntoTheLog() async throws {
        let recent = RecentEvents()
        let loads = Counter()
        try await withThrowingTaskGroup(of: UInt64?.self) { group in
            for _ in 1...50 {
                group.addTask {
                    try await recent.event(3) { height in
                        await loads.add()
                        return Self.block(height)
                    }?.height
                }
            }
            for try await height in group { #expect(height == 3) }
        }
        #expect(await loads.count == 1)
        // A block that is not there yet is asked for again.
        #expect(try await recent.event(4) { _ in nil } == nil)
        #expect(try await recent.event(4) { Self.block($0) } == Self.block(4))
    }

    private actor Counter {
        private(set) var count = 0
        func add() { count += 1 }
    }
}
