import Testing

@testable import ProvChain

@Suite struct MempoolTests {
    /// A statement of its own, of always the same size. Whether its signature is good is not the mempool's affair.
    private static func statement(_ number: Int, signature: UInt8 = 0) throws -> Statement {
        let key = try BundleChain.key("somebody")
        let claims = Statement.Claims(
            issuer: .zero, subject: .offer(.zero), chain: .zero, expiry: 1_800_000_000, issuedAt: 1_800_000_000,
            nonce: Array(SHA256.hash(Array("\(number)".utf8)).bytes.prefix(16)))
        let statement = try StatementDraft(claims: claims, payload: .cancelTitle(AnswerOffer())).signed(by: key)
        let encoded = statement.encoded.dropLast() + [statement.encoded.last! ^ signature]
        return try Statement(encoded: Array(encoded))
    }

    private static func mempool(statements: Int = 50_000, bytes: Int = 64 << 20) -> Mempool {
        var bounds = Mempool.Bounds()
        bounds.statements = statements
        bounds.bytes = bytes
        return Mempool(bounds: bounds)
    }

    @Test func theBoundsAreThoseOfTheProtocol() {
        #expect(Mempool().bounds.statements == 50_000)
        #expect(Mempool().bounds.bytes == 67_108_864)
    }

    @Test func holdsAsManyStatementsAsItsBoundAndNoMore() throws {
        var mempool = Self.mempool(statements: 3)
        for number in 0..<3 { #expect(try mempool.insert(Self.statement(number))) }
        #expect(throws: Mempool.Full.statements(limit: 3)) { try mempool.insert(Self.statement(3)) }
        #expect(mempool.count == 3)
        mempool.remove([try Self.statement(1).id])
        #expect(try mempool.insert(Self.statement(3)))
    }

    @Test func holdsAsManyBytesAsItsBoundAndNoMore() throws {
        let size = try Self.statement(0).encoded.count
        var mempool = Self.mempool(bytes: 3 * size)
        for number in 0..<3 { #expect(try mempool.insert(Self.statement(number))) }
        #expect(mempool.bytes == 3 * size)
        #expect(throws: Mempool.Full.bytes(limit: 3 * size)) { try mempool.insert(Self.statement(3)) }
        mempool.remove([try Self.statement(0).id])
        #expect(mempool.bytes == 2 * size)
        #expect(try mempool.insert(Self.statement(3)))

        mempool = Self.mempool(bytes: 3 * size - 1)
        for number in 0..<2 { #expect(try mempool.insert(Self.statement(number))) }
        #expect(throws: Mempool.Full.self) { try mempool.insert(Self.statement(2)) }
        #expect(try mempool.insert(Self.statement(1)) == false, "what waits already is no matter of room")
    }

    @Test func firstComeFirstServed() throws {
        var mempool = Self.mempool()
        let statements = try (0..<10).map { try Self.statement($0) }
        for statement in statements { _ = try mempool.insert(statement) }
        #expect(mempool.oldest(100).map(\.id) == statements.map(\.id))
        #expect(mempool.oldest(3).map(\.id) == statements.prefix(3).map(\.id))
        #expect(mempool.oldest(0).isEmpty)
        mempool.remove([statements[0].id, statements[4].id])
        #expect(mempool.oldest(4).map(\.id) == [1, 2, 3, 5].map { statements[$0].id })
        // Whoever comes back stands at the end.
        _ = try mempool.insert(statements[0])
        #expect(mempool.oldest(100).last?.id == statements[0].id)
    }

    @Test func oneIdWaitsOnceWhateverItsSignatures() throws {
        var mempool = Self.mempool()
        let (first, second) = (try Self.statement(0), try Self.statement(0, signature: 1))
        #expect(first.id == second.id && first.leafHash != second.leafHash)
        #expect(try mempool.insert(first))
        #expect(try mempool.insert(first) == false)
        #expect(try mempool.insert(second) == false)
        #expect(mempool.count == 1 && mempool.bytes == first.encoded.count)
        #expect(mempool.statement(first.id)?.leafHash == first.leafHash)
        // Applied or refused under either signature, the id is gone, and free.
        mempool.remove([second.id])
        #expect(mempool.isEmpty && mempool.bytes == 0 && !mempool.contains(first.id))
        #expect(try mempool.insert(second))
        #expect(mempool.statement(first.id)?.leafHash == second.leafHash)
    }

    @Test func removingWhatIsNotThereChangesNothing() throws {
        var mempool = Self.mempool()
        _ = try mempool.insert(Self.statement(0))
        let id = try Self.statement(0).id
        mempool.remove([.zero])
        #expect(mempool.count == 1)
        mempool.remove([id, id])
        #expect(mempool.isEmpty && mempool.bytes == 0 && mempool.statement(id) == nil && mempool.oldest(1).isEmpty)
    }

    /// Gaps are closed when they outnumber what waits; order and places survive it.
    @Test func keepsOrderOverManyComingsAndGoings() throws {
        var mempool = Self.mempool()
        var expected: [Statement] = []
        for round in 0..<60 {
            for number in 0..<50 {
                let statement = try Self.statement(round * 50 + number)
                expected.append(statement)
                _ = try mempool.insert(statement)
            }
            // Two of three leave, oldest and newest among them.
            let leaving = expected.enumerated().filter { $0.offset % 3 != 1 }.map(\.element)
            expected = expected.enumerated().filter { $0.offset % 3 == 1 }.map(\.element)
            mempool.remove(leaving.map(\.id))
            #expect(mempool.oldest(10_000).map(\.id) == expected.map(\.id))
            #expect(mempool.bytes == expected.reduce(0) { $0 + $1.encoded.count })
        }
        mempool.remove(expected.map(\.id))
        #expect(mempool.isEmpty && mempool.bytes == 0)
    }
}
