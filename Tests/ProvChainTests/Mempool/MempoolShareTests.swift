import Testing

@testable import ProvChain

/// Nobody fills the mempool or the blocks alone.
@Suite struct MempoolShareTests {
    private static func statement(
        _ number: Int, expiry: UInt64 = 1_800_000_000, payload: Payload = .cancelTitle(AnswerOffer())
    ) throws -> Statement {
        let key = try BundleChain.key("somebody")
        let claims = Statement.Claims(
            issuer: .zero, subject: .offer(.zero), chain: .zero, expiry: expiry, issuedAt: 1_700_000_000,
            nonce: Array(SHA256.hash(Array("\(number)".utf8)).bytes.prefix(16)))
        return try StatementDraft(claims: claims, payload: payload).signed(by: key)
    }

    private static func organisation(_ name: String) -> Digest { SHA256.hash(Array(name.utf8)) }

    private static func bounds(statements: Int = 50_000, bytes: Int = 64 << 20, percent: Int = 20) -> Mempool.Bounds {
        var bounds = Mempool.Bounds()
        bounds.statements = statements
        bounds.bytes = bytes
        bounds.organisationPercent = percent
        return bounds
    }

    @Test func anOrganisationHasAFifthOrAnEqualPart() {
        #expect(
            [1, 2, 3, 4, 5, 6, 256].map { Mempool.Bounds(organisations: $0).organisationPercent }
                == [100, 50, 33, 25, 20, 20, 20])
    }

    @Test func anOrganisationFillsItsShareAndNoMore() throws {
        var mempool = Mempool(bounds: Self.bounds(statements: 10))
        let (a, b) = (Self.organisation("a"), Self.organisation("b"))
        for number in 0..<2 { #expect(try mempool.insert(Self.statement(number), organisation: a)) }
        #expect(throws: Mempool.Full.organisation(percent: 20)) {
            try mempool.insert(Self.statement(2), organisation: a)
        }
        #expect(mempool.count == 2)
        // Known before anything is verified.
        #expect(!mempool.hasRoom(for: 1, organisation: a) && mempool.hasRoom(for: 1, organisation: b))
        #expect(!mempool.hasRoom(for: mempool.bounds.bytes + 1, organisation: b))
        #expect(try mempool.insert(Self.statement(2), organisation: b))
        // What leaves makes room for others of the same organisation.
        mempool.remove([try Self.statement(0).id])
        #expect(try mempool.insert(Self.statement(3), organisation: a))
    }

    @Test func anOrganisationsBytesAreBoundedToo() throws {
        let size = try Self.statement(0).encoded.count
        var mempool = Mempool(bounds: Self.bounds(bytes: 10 * size))
        let a = Self.organisation("a")
        for number in 0..<2 { #expect(try mempool.insert(Self.statement(number), organisation: a)) }
        #expect(throws: Mempool.Full.organisation(percent: 20)) {
            try mempool.insert(Self.statement(2), organisation: a)
        }
    }

    /// 100 statements of one flood and 3 of somebody else, who came last: all 3 are in the next block.
    @Test func whoFloodsWaitsBehindItsOwnFlood() throws {
        var mempool = Mempool(bounds: Self.bounds(percent: 100))
        let flood = try (0..<100).map { try Self.statement($0) }
        let few = try (100..<103).map { try Self.statement($0) }
        for statement in flood { _ = try mempool.insert(statement, organisation: Self.organisation("flood")) }
        for statement in few { _ = try mempool.insert(statement, organisation: Self.organisation("few")) }
        // Oldest first, within the shares; and what the few do not use goes to the flood.
        #expect(mempool.oldest(10).map(\.id) == flood.prefix(7).map(\.id) + few.map(\.id))
        #expect(mempool.oldest(4).map(\.id) == flood.prefix(2).map(\.id) + few.prefix(2).map(\.id))
        #expect(mempool.oldest(1_000).count == 103)
        #expect(mempool.oldest(0).isEmpty)
    }

    @Test func bytesAreSharedAsWell() throws {
        var mempool = Mempool(bounds: Self.bounds(percent: 100))
        let statements = try (0..<30).map { try Self.statement($0) }
        for (number, statement) in statements.enumerated() {
            _ = try mempool.insert(statement, organisation: Self.organisation(number < 28 ? "flood" : "few"))
        }
        let size = statements[0].encoded.count
        let chosen = mempool.next(Mempool.Room(statements: 1_000, bytes: 6 * size + size - 1))
        #expect(chosen.map(\.id) == ([0, 1, 2, 3, 28, 29] as [Int]).map { statements[$0].id })
        #expect(mempool.next(Mempool.Room(statements: 1_000, bytes: size - 1)).isEmpty)
    }

    @Test func costIsSharedAsWell() throws {
        var mempool = Mempool(bounds: Self.bounds(percent: 100))
        let statements = try (0..<10).map { try Self.statement($0) }
        for (number, statement) in statements.enumerated() {
            _ = try mempool.insert(statement, organisation: Self.organisation(number < 9 ? "flood" : "few"))
        }
        let cost = Cost.of(statements[0].payload)
        let chosen = mempool.next(Mempool.Room(statements: 1_000, cost: 3 * cost))
        #expect(chosen.map(\.id) == ([0, 1, 9] as [Int]).map { statements[$0].id })
    }

    @Test func oneOrganisationAloneHasTheWholeBlock() throws {
        var mempool = Mempool(bounds: Self.bounds())
        let statements = try (0..<20).map { try Self.statement($0) }
        for statement in statements { _ = try mempool.insert(statement, organisation: Self.organisation("a")) }
        let size = statements[0].encoded.count
        #expect(
            mempool.next(Mempool.Room(statements: 100, bytes: 5 * size)).map(\.id) == statements.prefix(5).map(\.id))
    }

    @Test func whatExpiredGoes() throws {
        var mempool = Mempool()
        let expiries: [UInt64] = [1_800_000_030, 1_800_000_010, 1_800_000_020]
        let statements = try expiries.enumerated().map { try Self.statement($0, expiry: $1) }
        for statement in statements { _ = try mempool.insert(statement) }
        #expect(mempool.removeExpired(at: 1_800_000_009_999).isEmpty)
        #expect(mempool.removeExpired(at: 1_800_000_010_000) == [statements[1]])
        #expect(mempool.removeExpired(at: 1_800_000_010_000).isEmpty)
        #expect(mempool.removeExpired(at: 1_800_000_030_000) == [statements[0], statements[2]])
        #expect(mempool.isEmpty && mempool.bytes == 0)
        #expect(mempool.removeExpired(at: .max).isEmpty)
        // Somebody who has seen nothing expire yet is not surprised either.
        _ = try mempool.insert(statements[1])
        #expect(mempool.removeExpired(at: 1_800_000_010_000) == [statements[1]])
    }

    @Test func leafHashesComeFromAPlaceChosenAtRandom() throws {
        var mempool = Mempool()
        let statements = try (0..<10).map { try Self.statement($0) }
        for statement in statements { _ = try mempool.insert(statement) }
        let hashes = statements.map(\.leafHash)
        #expect(mempool.leafHashes(10, random: 7) == hashes)
        #expect(mempool.leafHashes(3, random: 0) == Array(hashes[0..<3]))
        #expect(mempool.leafHashes(3, random: 18) == [hashes[8], hashes[9], hashes[0]])
        #expect(Mempool().leafHashes(10, random: 7).isEmpty)
        #expect(mempool[leafHash: hashes[4]]?.id == statements[4].id && mempool[leafHash: .zero] == nil)
    }
}
