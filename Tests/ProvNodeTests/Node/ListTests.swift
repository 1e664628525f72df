import ProvChain
import Testing

@testable import ProvNode

/// Lists in pages, while the chain goes on.
@Suite struct ListTests {
    @Test func aCursorOnlyFitsItsQuestion() throws {
        let cursor = PageCursor(question: "works/a")
        let text = try #require(cursor.text(17 as UInt64))
        #expect(try cursor.number(text) == 17)
        #expect(try cursor.number(nil) == nil)
        for bad in [text + "A", String(text.dropLast()), "17", "", "=", "+/", text.uppercased()] {
            #expect(throws: Problems.badCursor, "\(bad)") { try cursor.number(bad) }
        }
        #expect(throws: Problems.badCursor) { try PageCursor(question: "works/b").number(text) }
    }

    @Test func pagesOfWorksAreStableWhileNewOnesCome() async throws {
        let chain = try await TestNode()
        let owner = try await chain.enrol()
        func register(_ number: Int) async throws -> String? {
            let (statement, attachments, _) = try chain.registration(
                of: Array("model \(number)".utf8), title: "Lamp \(number)", by: owner)
            return try await chain.submit(statement, attachments).work
        }
        var works: [String?] = []
        for number in 1...4 { works.append(try await register(number)) }
        let first = try await chain.node.works(of: owner.party, limit: 2, after: nil)
        #expect(first.works.map(\.work) == [works[3], works[2]])
        _ = try await register(5)
        let second = try await chain.node.works(of: owner.party, limit: 2, after: first.next)
        #expect(second.works.map(\.work) == [works[1], works[0]])
        #expect(second.next == nil)
        let found = try await chain.node.search("lamp", limit: 4, after: nil)
        #expect(found.works.count == 4)
        #expect(try await chain.node.search("lamp", limit: 4, after: found.next).works.map(\.work) == [works[0]])
        await #expect(throws: Problems.badCursor) {
            _ = try await chain.node.search("lamp 1", limit: 4, after: found.next)
        }
    }

    @Test func titlesAndOffersOfAPartyAreListed() async throws {
        let chain = try await TestNode()
        let owner = try await chain.enrol()
        let buyer = try await chain.enrol(.edDSA)
        let (statement, attachments, _) = try chain.registration(of: [1, 2, 3], title: "Key", by: owner)
        _ = try await chain.submit(statement, attachments)
        let work = statement.derivedIdentifier
        let offer = try chain.draft(
            .offerTitle(
                OfferTitle(
                    work: work, right: .copyright, recipient: buyer.party, share: 2_500,
                    deadline: WallClock.now() / 1_000 + 3_600)),
            by: owner.key, issuer: owner.party, subject: { .offer($0) })
        _ = try await chain.submit(offer)

        var titles: [TitleListView.Entry] = []
        var next: String?
        repeat {
            let page = try await chain.node.titles(of: owner.party, limit: 1, after: next)
            #expect(page.titles.count == 1)
            titles += page.titles
            next = page.next
        } while next != nil
        let whole = try await chain.node.titles(of: owner.party, limit: 100, after: nil)
        #expect(whole.titles == titles)
        #expect(whole.next == nil)
        #expect(titles.contains { $0.title == URN.title(work: work, right: .copyright).description })
        #expect(titles.allSatisfy { $0.work == URN.work(work).description && $0.share == 10_000 })
        for party in [owner.party, buyer.party] {
            let offers = try await chain.node.offers(of: party, limit: 10, after: nil).offers
            #expect(offers.map(\.status) == ["open"])
            #expect(offers.first?.share == 2_500)
        }
        await #expect(throws: Problems.badCursor) {
            _ = try await chain.node.titles(of: owner.party, limit: 1, after: "AAAA")
        }
    }

    @Test func claimsOfOneHashComeInPages() async throws {
        let chain = try await TestNode()
        let bytes: [UInt8] = [7, 7, 7]
        for _ in 1...3 {
            let (statement, attachments, _) = try chain.registration(
                of: bytes, title: "Mine", by: try await chain.enrol())
            _ = try await chain.submit(statement, attachments)
        }
        let all = try await chain.node.lookup(SHA256.hash(bytes), limit: 10, after: nil)
        #expect(all.claims.count == 3)
        #expect(all.next == nil)
        let first = try await chain.node.lookup(SHA256.hash(bytes), limit: 2, after: nil)
        #expect(first.count == 3)
        let second = try await chain.node.lookup(SHA256.hash(bytes), limit: 2, after: first.next)
        #expect(first.claims + second.claims == all.claims)
        #expect(second.next == nil)
    }
}
