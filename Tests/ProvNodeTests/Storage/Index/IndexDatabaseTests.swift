import Foundation
import GRDB
import ProvChain
import Testing

@testable import ProvNode

struct IndexDatabaseTests {
    private var chain: TestChain
    private let alice: TestParty
    private let bob: TestParty
    private let vase: Digest
    private let bowl: Digest
    private let offered: ProvChain.Statement
    private let accepted: ProvChain.Statement

    /// Alice registers a vase and transfers a part of it to Bob, who had registered a bowl with one of its parts.
    init() throws {
        chain = try TestChain()
        alice = try chain.enrol("alice")
        bob = try chain.enrol("bob")
        vase = try chain.register("vase", distinctive: ["handle", "foot"], by: alice)
        bowl = try chain.register("bowl", distinctive: ["foot"], by: bob)
        offered = try chain.offer(2_500, of: vase, from: alice, to: bob)
        try chain.append([offered])
        accepted = try chain.accept(offered, by: bob)
        try chain.append([accepted])
    }

    // MARK: Following the log

    @Test func blockByBlockEqualsAllAtOnce() throws {
        let whole = try IndexFixture(chain)
        let stepwise = try IndexFixture()
        for block in chain.blocks {
            try stepwise.index.apply([block]) { chain.attachments[$0] }
            #expect(stepwise.index.height == block.header.height)
        }
        #expect(try stepwise.contents() == whole.contents())
        try whole.index.erase()
        #expect(whole.index.height == nil)
        try whole.apply(chain)
        #expect(try stepwise.contents() == whole.contents())
    }

    @Test func blocksAppliedBeforeAreSkippedAndGapsRefused() throws {
        let fixture = try IndexFixture()
        try fixture.index.apply(Array(chain.blocks.prefix(3))) { chain.attachments[$0] }
        try fixture.apply(chain)
        try fixture.apply(chain)
        #expect(try fixture.contents() == IndexFixture(chain).contents())

        let gapped = try IndexFixture()
        #expect(throws: DatabaseFailure.heightNotNext(file: gapped.path, expected: 1, found: 2)) {
            try gapped.index.apply([chain.blocks[0], chain.blocks[2]]) { _ in nil }
        }
        #expect(gapped.index.height == nil, "a batch applies in full or not at all")
    }

    @Test func theIndexStandsWhereItStoodAfterReopening() throws {
        let fixture = try IndexFixture(chain)
        try fixture.index.makeDurable()
        let reopened = try IndexDatabase(path: fixture.path)
        #expect(reopened.height == chain.ledger.tip.header.height)
        #expect(try reopened.statement(offered.id) != nil)
    }

    @Test func aNewerSchemaIsRefused() throws {
        let fixture = try IndexFixture(chain)
        try fixture.index.pool.write { try $0.execute(sql: "PRAGMA user_version = 9") }
        #expect(throws: DatabaseFailure.newerSchema(file: fixture.path, found: 9, known: IndexSchema.version)) {
            try IndexDatabase(path: fixture.path)
        }
    }

    // MARK: Statements

    @Test func aStatementIsFoundWithAllThatItDid() throws {
        let index = try IndexFixture(chain).index
        let block = chain.blocks[4]
        let registration = block.execution.applied[0].statement
        let found = try #require(try index.statement(registration.id))
        #expect(found.status == .final)
        #expect(found.type == "work.register")
        #expect(found.height == 4)
        #expect(found.position == 0)
        #expect(found.leafIndex == block.leafIndex(position: 0))
        #expect(found.time == block.header.time)
        #expect(found.leafHash == registration.leafHash.hex)
        #expect(found.issuer == URN.party(bob.id).description)
        #expect(found.work == URN.work(bowl).description)
        #expect(found.version == 1)
        #expect(found.manifestRoot == TestChain.hash("bowl").hex)
        #expect(found.contestedWith == [URN.work(vase).description])
        #expect(found.records == block.execution.applied[0].effects.map(\.urn.description))
        #expect(found.party == nil && found.offer == nil)
        #expect(try index.statement(.zero) == nil)
    }

    @Test func everyStatementReadsAsItWasMadeFinal() throws {
        let index = try IndexFixture(chain).index
        for block in chain.blocks {
            let expected = try block.execution.applied.map { try IndexedStatement($0, in: block) }
            #expect(try index.statements(height: block.header.height) == expected)
            for statement in expected { #expect(try index.indexedStatement(statement.id) == statement) }
        }
        #expect(try index.statements(height: 99) == nil)
        #expect(try index.statements(height: .max) == nil)
    }

    @Test func enrolmentsAndAnswersNameTheirThings() throws {
        let index = try IndexFixture(chain).index
        let enrolment = chain.blocks[1].execution.applied[0].statement
        #expect(try index.statement(enrolment.id)?.party == URN.party(alice.id).description)
        let answer = try #require(try index.statement(accepted.id))
        #expect(answer.offer == URN.offer(offered.derivedIdentifier).description)
        #expect(answer.work == URN.work(vase).description)
        #expect(answer.version == nil && answer.contestedWith == nil)
    }

    @Test func aFurtherVersionThatIsContestedIsAboutItsOwnWork() throws {
        var chain = chain
        let payload = AddVersion(content: chain.content("bowl 2", distinctive: ["handle"]), previous: 1)
        let statement = try chain.sign(.addVersion(payload), by: bob) { _ in .work(bowl) }
        try chain.append([statement])
        let view = try #require(try IndexFixture(chain).index.statement(statement.id))
        #expect(view.work == URN.work(bowl).description)
        #expect(view.version == 2)
        #expect(view.contestedWith == [URN.work(vase).description])
    }

    // MARK: Histories

    @Test func aHistoryIsTheChainThatTheRecordCommitsTo() throws {
        let index = try IndexFixture(chain).index
        var urns: Set<URN> = []
        for block in chain.blocks {
            for applied in block.execution.applied { urns.formUnion(applied.effects.map(\.urn)) }
        }
        for urn in urns {
            let record = try #require(try chain.record(urn))
            let events = try index.events(urn)
            var history = History.empty
            for event in events {
                history = history.appending(event.link)
                #expect(event.number == history.count)
                #expect(event.head == history.head)
            }
            #expect(history == record.history)
            #expect(events.last?.body == record.body)
            #expect(try index.historyHead(urn) == record.history)
        }
        #expect(urns.count > 20)
    }

    @Test func aHistoryComesInPages() throws {
        let index = try IndexFixture(chain).index
        let urn = URN.work(vase)
        let all = try index.events(urn)
        // Registered, contested by the bowl, offered, accepted.
        #expect(all.map(\.type) == ["work.register", "work.register", "title.offer", "title.accept"])
        #expect(all.map(\.issuer) == [alice.id, bob.id, alice.id, bob.id])
        let history = try #require(try chain.record(urn)).history
        func page(_ from: UInt64, _ limit: Int) throws -> HistoryPage? {
            try index.history(urn, from: from, limit: limit)
        }
        #expect(try page(1, 1_000) == HistoryPage(history: history, events: all, next: nil))
        #expect(try page(1, 3) == HistoryPage(history: history, events: Array(all[0..<3]), next: 4))
        #expect(try page(4, 3) == HistoryPage(history: history, events: Array(all[3...]), next: nil))
        #expect(try page(0, 1) == HistoryPage(history: history, events: Array(all[0..<1]), next: 2))
        #expect(try page(5, 3) == HistoryPage(history: history, events: [], next: nil))
        #expect(try page(.max, .max) == HistoryPage(history: history, events: [], next: nil))
        #expect(try page(1, -1) == HistoryPage(history: history, events: [], next: 1))
        #expect(try index.history(.work(.zero), from: 1, limit: 10) == nil)
    }

    @Test func aHistoryIsCutAtATime() throws {
        let index = try IndexFixture(chain).index
        let urn = URN.work(vase)
        let all = try index.events(urn)
        for (place, event) in all.enumerated() {
            let then = try #require(try index.history(urn, from: 1, limit: 10, asOf: event.link.time))
            #expect(then.events == Array(all[...place]))
            #expect(then.history == History(count: event.number, head: event.head))
            let before = try index.history(urn, from: 1, limit: 10, asOf: event.link.time - 1)
            #expect((before?.events ?? []) == Array(all[..<place]))
        }
        let cut = try #require(try index.history(urn, from: 2, limit: 1, asOf: all[2].link.time))
        #expect(cut.events == [all[1]])
        #expect(cut.next == 3)
        #expect(try index.historyHead(urn, asOf: all[0].link.time - 1) == nil)
        #expect(try index.historyHead(urn, asOf: .max) == chain.record(urn)?.history)
    }

    // MARK: Claims

    @Test func aHashLeadsToEverybodyWhoClaimedIt() throws {
        let index = try IndexFixture(chain).index
        let foot = try index.lookup(TestChain.hash("foot"))
        #expect(foot.count == 2)
        #expect(foot.claims.map(\.party) == [alice.id, bob.id])
        #expect(foot.claims.map(\.work) == [vase, bowl])
        #expect(foot.claims.map(\.title) == ["vase", "bowl"])
        // First come is not first served: both see the contest.
        #expect(foot.claims.map(\.isContested) == [true, true])

        let handle = try index.lookup(TestChain.hash("handle"))
        #expect(handle.claims.map(\.isContested) == [false])
        #expect(handle.claims.map(\.time) == [chain.blocks[3].header.time])
        #expect(try index.lookup(TestChain.hash("vase")).claims.map(\.version) == [1], "the manifest root counts, too")
        #expect(try index.lookup(.zero) == HashClaims(hash: .zero, count: 0, claims: []))
        #expect(try index.lookup(TestChain.hash("foot"), limit: 1).claims.count == 1)
        #expect(try index.lookup(TestChain.hash("foot"), limit: 1).count == 2)
    }

    // MARK: Parties

    @Test func aPartyHasWorksTitlesAndOffers() throws {
        let index = try IndexFixture(chain).index
        #expect(try index.works(of: alice.id, limit: 10).rows.map(\.work) == [vase])
        let title = URN.title(work: vase, right: .copyright)
        let own = URN.title(work: bowl, right: .copyright)
        #expect(try index.titles(of: alice.id, limit: 10).map(\.share) == [7_500])
        let holdings = try index.titles(of: bob.id, limit: 10)
        #expect(Dictionary(uniqueKeysWithValues: holdings.map { ($0.urn, $0.share) }) == [title: 2_500, own: 10_000])
        #expect(try index.titles(of: bob.id, limit: 10, after: holdings[0].urn) == [holdings[1]])
        let offers = try index.offers(of: bob.id, limit: 10)
        #expect(offers.rows.map(\.offer) == [offered.derivedIdentifier])
        #expect(offers.rows.map(\.status) == [OfferStatus.accepted.rawValue])
        #expect(try index.offers(of: alice.id, limit: 10).rows == offers.rows)
    }

    @Test func worksComeNewestFirstInPages() throws {
        var chain = try TestChain()
        let party = try chain.enrol("collector")
        for number in 1...7 { _ = try chain.register("work \(number)", by: party) }
        let index = try IndexFixture(chain).index
        var titles: [[String]] = []
        var after: UInt64?
        repeat {
            let page = try index.works(of: party.id, limit: 3, after: after)
            #expect(try index.search("work", limit: 3, after: after).rows == page.rows)
            titles.append(page.rows.compactMap(\.title))
            after = page.next
        } while after != nil
        #expect(titles == [["work 7", "work 6", "work 5"], ["work 4", "work 3", "work 2"], ["work 1"]])
        #expect(try index.works(of: party.id, limit: 3, after: .max).rows.count == 3)
        #expect(try index.works(of: party.id, limit: -5).rows.isEmpty)
    }

    // MARK: Attachments

    @Test func referencedAttachmentsAreKnown() throws {
        let index = try IndexFixture(chain).index
        for hash in chain.attachments.keys { #expect(try index.references(hash)) }
        // A hash that is claimed, and is no attachment.
        #expect(try !index.references(TestChain.hash("vase")))
        var found: Set<Digest> = []
        var next: UInt64? = 0
        while let leaf = next {
            let page = try index.attachments(from: leaf, statements: 2)
            found.formUnion(page.hashes)
            next = page.next
        }
        #expect(found.isSuperset(of: chain.attachments.keys))
    }

    @Test func metadataMayComeLaterAndGoAgain() throws {
        let late = try IndexFixture()
        try late.index.apply(chain.blocks) { _ in nil }
        #expect(try late.titles("vase").isEmpty)
        #expect(try late.index.works(of: alice.id, limit: 1).rows.first?.title == nil)
        for (hash, bytes) in chain.attachments {
            try late.index.indexMetadata(hash, bytes)
            // Other bytes under that hash are ignored.
            try late.index.indexMetadata(hash, WorkMetadata(title: "forged").cbor)
        }
        let whole = try IndexFixture(chain)
        #expect(try late.contents() == whole.contents())

        let hash = SHA256.hash(WorkMetadata(title: "vase").cbor)
        try late.index.removeMetadata(hash)
        try late.index.compactSearch()
        #expect(try late.titles("vase").isEmpty)
        #expect(try late.index.lookup(TestChain.hash("handle")).claims.map(\.title) == [nil])
        try late.index.indexMetadata(hash, WorkMetadata(title: "vase").cbor)
        #expect(try late.contents() == whole.contents())
    }
}
