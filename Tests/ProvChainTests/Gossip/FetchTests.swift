import Testing

@testable import ProvChain

@Suite struct FetchTests {
    private static func peer(_ name: String) throws -> IdentityKey { try Handshakes.secret(name).publicKey }

    private static func item(_ number: Int) -> FetchItem { .block(SHA256.hash(Array("\(number)".utf8))) }

    private static func bounds() -> GossipBounds {
        var bounds = GossipBounds()
        bounds.requestsPerPeer = 2
        bounds.itemsPerRequest = 3
        bounds.wantedItems = 10
        return bounds
    }

    private static func table() -> FetchTable { FetchTable(bounds: bounds()) }

    @Test func oneIsAskedThenTheNextThenNobodyIsLeft() throws {
        var table = Self.table()
        let (a, b) = (try Self.peer("a"), try Self.peer("b"))
        #expect(table.want(Self.item(0), at: [a, b]) == true)
        var due = table.due(now: 0) { _ in true }
        #expect(due.requests.map(\.0) == [a] && due.requests[0].1.items == [Self.item(0)])
        #expect(table.due(now: 1_999) { _ in true }.requests.isEmpty, "it is being asked for")
        // a has not got it.
        #expect(table.take(FetchAnswer(number: due.requests[0].1.number, items: [nil]), from: a) == [])
        due = table.due(now: 5) { _ in true }
        #expect(due.requests.map(\.0) == [b])
        // b never answers.
        #expect(table.due(now: 2_004) { _ in true }.missing.isEmpty)
        #expect(table.due(now: 2_005) { _ in true }.missing == [.missing(Self.item(0))])
        #expect(table.count == 0)
    }

    /// Who lets a question run out is asked last for everything else, until it answers something.
    @Test func whoeverDoesNotAnswerIsAskedAfterTheOthers() throws {
        var table = Self.table()
        let (a, b) = (try Self.peer("a"), try Self.peer("b"))
        #expect(table.want(Self.item(0), at: [a]) == true)
        let first = table.due(now: 0) { _ in true }.requests
        #expect(first.map(\.0) == [a])
        _ = table.due(now: 2_000) { _ in true }
        #expect(table.want(Self.item(1), at: [a, b]) == true)
        #expect(table.due(now: 2_000) { _ in true }.requests.map(\.0) == [b])
        // Who is the only one is asked.
        #expect(table.want(Self.item(2), at: [a]) == true)
        let only = table.due(now: 2_000) { _ in true }.requests
        #expect(only.map(\.0) == [a])
        #expect(table.take(FetchAnswer(number: only[0].1.number, items: [[1]]), from: a)?.count == 1)
        #expect(table.want(Self.item(3), at: [a, b]) == true)
        #expect(table.due(now: 2_001) { _ in true }.requests.map(\.0) == [a])
    }

    @Test func anAnswerIsTakenFromWhomWasAskedOnly() throws {
        var table = Self.table()
        let (a, b) = (try Self.peer("a"), try Self.peer("b"))
        #expect(table.want(Self.item(0), at: [a]) == true)
        let request = table.due(now: 0) { _ in true }.requests[0].1
        #expect(table.take(FetchAnswer(number: request.number, items: [[1]]), from: b) == nil)
        #expect(table.take(FetchAnswer(number: request.number + 1, items: [[1]]), from: a) == nil)
        #expect(table.take(FetchAnswer(number: request.number, items: [[1], [2]]), from: a) == nil, "more than asked")
        let found = table.take(FetchAnswer(number: request.number, items: [[1]]), from: a)
        #expect(found == [.found(Self.item(0), [1], from: a)])
        #expect(table.take(FetchAnswer(number: request.number, items: [[1]]), from: a) == nil, "once")
    }

    @Test func whatDidNotFitIsAskedAgain() throws {
        var table = Self.table()
        let a = try Self.peer("a")
        for number in 0..<3 { #expect(table.want(Self.item(number), at: [a]) == true) }
        let first = table.due(now: 0) { _ in true }.requests[0].1
        #expect(first.items == [0, 1, 2].map(Self.item))
        #expect(table.take(FetchAnswer(number: first.number, items: [[9]]), from: a)?.count == 1)
        let second = table.due(now: 0) { _ in true }.requests[0].1
        #expect(second.items == [1, 2].map(Self.item) && second.number != first.number)
        // Who gives nothing at all is not asked for the same again.
        #expect(table.take(FetchAnswer(number: second.number, items: []), from: a) == [])
        #expect(table.due(now: 0) { _ in true }.missing == [.missing(Self.item(1)), .missing(Self.item(2))])
    }

    @Test func requestsAreBoundedInSizeAndNumber() throws {
        var table = Self.table()
        let a = try Self.peer("a")
        for number in 0..<10 { #expect(table.want(Self.item(number), at: [a]) == true) }
        #expect(table.want(Self.item(10), at: [a]) == false)
        #expect(table.want(Self.item(9), at: [a]) == true, "wanted already")
        let first = table.due(now: 0) { _ in true }.requests
        #expect(first.map(\.1.items) == [[0, 1, 2].map(Self.item)])
        let second = table.due(now: 0) { _ in true }.requests
        #expect(second.map(\.1.items) == [[3, 4, 5].map(Self.item)])
        #expect(table.due(now: 0) { _ in true }.requests.isEmpty, "two requests are open")
        let nothing = FetchAnswer(number: first[0].1.number, items: [nil, nil, nil])
        #expect(table.take(nothing, from: a) == [])
        let third = table.due(now: 0) { _ in true }
        #expect(third.requests.map(\.1.items) == [[6, 7, 8].map(Self.item)] && third.missing.count == 3)
    }

    @Test func anotherIsAskedWhenOneLeaves() throws {
        var table = Self.table()
        let (a, b) = (try Self.peer("a"), try Self.peer("b"))
        #expect(table.want(Self.item(0), at: [a, b]) == true)
        _ = table.due(now: 0) { _ in true }
        table.remove(a)
        #expect(table.due(now: 0) { $0 == b }.requests.map(\.0) == [b])
        table.remove(b)
        #expect(table.due(now: 0) { _ in false }.missing == [.missing(Self.item(0))])
    }

    @Test func whatCameAnotherWayIsForgotten() throws {
        var table = Self.table()
        let a = try Self.peer("a")
        #expect(table.want(Self.item(0), at: [a]) == true)
        table.forget(Self.item(0))
        #expect(table.due(now: 0) { _ in true }.requests.isEmpty && table.count == 0)
        // Wanted, forgotten and wanted again, it is asked for once.
        for _ in 0..<2 {
            #expect(table.want(Self.item(1), at: [a]) == true)
            table.forget(Self.item(1))
        }
        #expect(table.want(Self.item(1), at: [a]) == true)
        #expect(table.due(now: 0) { _ in true }.requests.map(\.1.items) == [[Self.item(1)]])
        table.forget(Self.item(1))
        #expect(table.due(now: 9_999) { _ in true }.missing.isEmpty)
    }
}
