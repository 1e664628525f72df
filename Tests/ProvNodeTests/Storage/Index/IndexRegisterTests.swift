import GRDB
import ProvChain
import Testing

@testable import ProvNode

@Suite("Whatever the register looks like, the index answers the same")
struct IndexRegisterTests {
    private var chain: TestChain
    private let alice: TestParty
    private let bob: TestParty
    private let vase: Digest

    init() throws {
        chain = try TestChain()
        alice = try chain.enrol("alice")
        bob = try chain.enrol("bob")
        vase = try chain.register("vase", distinctive: ["handle", "foot"], by: alice)
        _ = try chain.register("bowl", distinctive: ["foot"], by: bob)
        for number in 1...20 { _ = try chain.register("cup \(number)", distinctive: ["cup", "c\(number)"], by: bob) }
        for share in [2_500, 1_000, 6_500] {
            let offer = try chain.offer(UInt64(share), of: vase, from: alice, to: bob)
            try chain.append([offer])
            try chain.append([try chain.accept(offer, by: bob)])
        }
    }

    /// Everything that can be asked about everything there is.
    private func answers(_ index: IndexDatabase) throws -> [String] {
        var answers: [String] = []
        var urns: Set<URN> = []
        for block in chain.blocks {
            for applied in block.execution.applied {
                urns.formUnion(applied.effects.map(\.urn))
                answers.append("\(try index.indexedStatement(applied.statement.id) as Any)")
                answers.append("\(try index.leafIndex(of: applied.statement.id) as Any)")
            }
        }
        for urn in urns.sorted(by: { $0.description < $1.description }) {
            answers.append("\(try index.events(urn))")
            answers.append("\(try index.historyHead(urn, asOf: chain.blocks[9].header.time) as Any)")
            answers.append("\(try index.lookup(urn.identifier, limit: 3))")
            answers.append("\(try index.work(urn.identifier) as Any)")
        }
        for hash in chain.attachments.keys.sorted() {
            answers.append("\(try index.owner(ofAttachment: hash) as Any)")
            answers.append("\(try index.registrations(withAttachment: hash))")
        }
        for party in [alice.id, bob.id] {
            answers.append("\(try index.works(of: party, limit: 5))")
            answers.append("\(try index.titles(of: party, limit: 100))")
            answers.append("\(try index.offers(of: party, limit: 2))")
        }
        return answers
    }

    @Test(arguments: [1, 10, 50]) func fewEntriesInMemory(runEntries: Int) throws {
        let whole = try IndexFixture(chain)
        let expected = try answers(whole.index)
        let stepwise = try IndexFixture(runEntries: runEntries)
        for block in chain.blocks { try stepwise.index.apply([block]) { chain.attachments[$0] } }
        #expect(try answers(stepwise.index) == expected)
        #expect(try stepwise.contents() == whole.contents())
        // What a start reads is the same again, whatever the size of a run.
        for entries in [runEntries, RegisterWriting.defaultRunEntries] {
            let reopened = try IndexDatabase(path: stepwise.path, runEntries: entries)
            #expect(try answers(reopened) == expected)
            try reopened.close()
        }
    }

    /// The process may end after any transaction.
    @Test func aStartAfterEachBlock() throws {
        let whole = try IndexFixture(chain)
        let folder = try TestFolder()
        let path = folder.file("index.sqlite")
        for block in chain.blocks {
            let index = try IndexDatabase(path: path, runEntries: 15)
            try index.apply([block]) { chain.attachments[$0] }
            try index.close()
        }
        let index = try IndexDatabase(path: path, runEntries: 15)
        #expect(try answers(index) == answers(whole.index))
        #expect(try IndexFixture(folder: folder, index: index).contents() == whole.contents())
    }

    @Test func allTitleGone() throws {
        let index = try IndexFixture(chain).index
        #expect(try index.titles(of: alice.id, limit: 10).isEmpty)
        let held = try index.titles(of: bob.id, limit: 100).filter { $0.work == vase }
        #expect(held.map(\.share) == [Limits.wholeTitle])
    }

    /// Two offers and their answers in one transaction: what it wrote itself counts.
    @Test func changesWithinOneTransaction() throws {
        let stepwise = try IndexFixture(runEntries: 1)
        for block in chain.blocks { try stepwise.index.apply([block]) { chain.attachments[$0] } }
        let half = chain.blocks.count - 3
        let split = try IndexFixture(runEntries: 1)
        try split.index.apply(Array(chain.blocks[..<half])) { chain.attachments[$0] }
        try split.index.apply(Array(chain.blocks[half...])) { chain.attachments[$0] }
        #expect(try split.contents() == stepwise.contents())
    }

    @Test func anAttachmentOfSomebodyElsesKeyIsNotTakenForIt() throws {
        // Keys say where to look: an entry that leads to another statement is left out.
        let fixture = try IndexFixture(chain)
        let hash = TestChain.hash("nobody's")
        var keys = try fixture.index.pool.read { try RegisterWriting(reading: $0) }
        let leaf = chain.blocks[3].leafIndex(position: 0)
        let end = keys.snapshot.end
        try fixture.index.pool.write { db in
            try keys.add(
                [
                    RegisterEntry(RegisterKey.attachment(hash), leaf: leaf),
                    RegisterEntry(RegisterKey.statement(hash), leaf: leaf),
                ].sorted(),
                end: end, db)
            let events = IndexedEvents(db, try RegisterReader(keys.snapshot, db))
            #expect(try events.statement(hash) == nil && events.leaf(of: hash) == nil)
            try events.forEach(committingTo: hash) { _ in
                Issue.record("no statement commits to it")
                return true
            }
        }
    }
}
