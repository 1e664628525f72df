import GRDB
import ProvChain
import Synchronization
import Testing

@testable import ProvNode

@Suite("No question to the index walks through a table")
struct IndexPlanTests {
    /// The SQL of everything that ran, with its values.
    private final class Trace: Sendable {
        let statements = Mutex<Set<String>>([])
    }

    /// Asks every question there is, and returns the SQL that it led to.
    private static func questions(_ index: IndexDatabase, _ chain: TestChain, _ party: TestParty) throws -> [String] {
        let trace = Trace()
        // One question at a time runs on one connection, always the same.
        try index.pool.read { db in
            db.trace(options: .statement) { event in
                let sql = event.expandedDescription
                trace.statements.withLock { _ = $0.insert(sql) }
            }
        }
        let hash = TestChain.hash("handle")
        let work = URN.work(hash)
        _ = try index.indexedStatement(hash)
        _ = try index.leafIndex(of: hash)
        _ = try index.statements(height: 1)
        _ = try index.references(hash)
        _ = try index.attachments(from: 0, statements: 10)
        _ = try index.registrations(from: 0, limit: 10)
        _ = try index.version(at: 1)
        _ = try index.history(.component(hash), from: 1, limit: 10, asOf: chain.blocks.last?.header.time)
        _ = try index.historyHead(work)
        _ = try index.events(.component(hash))
        _ = try index.lookup(hash)
        _ = try index.search("vase", limit: 10)
        _ = try index.works(of: party.id, limit: 10)
        _ = try index.work(hash)
        _ = try index.titles(of: party.id, limit: 10)
        _ = try index.offers(of: party.id, limit: 10)
        try index.pool.read { db in db.trace(options: .statement, nil) }
        // The full-text index asks its own tables as well, one of which is its configuration of a few rows.
        return trace.statements.withLock { statements in
            statements.filter { $0.hasPrefix("SELECT") && !$0.contains("'words_") }.sorted()
        }
    }

    @Test func everyQuestionFollowsAnIndex() throws {
        var chain = try TestChain()
        let alice = try chain.enrol("alice")
        _ = try chain.register("vase", distinctive: ["handle", "foot"], by: alice)
        // Every entry in a run of its own, so that runs are read.
        let fixture = try IndexFixture(runEntries: 1)
        try fixture.apply(chain)
        let statements = try Self.questions(fixture.index, chain, alice)
        #expect(statements.count >= 10, "\(statements)")
        for sql in statements {
            let steps = try fixture.index.pool.read { db in
                try Row.fetchAll(db, sql: "EXPLAIN QUERY PLAN \(sql)").map { row -> String in row["detail"] }
            }
            for step in steps {
                // The full-text index walks the list of the word; of a subquery there is one page of rows.
                let isBounded = step.contains("VIRTUAL TABLE INDEX") || step.contains("subquery")
                #expect(!step.hasPrefix("SCAN") || isBounded, "\(step): \(sql)")
            }
        }
    }
}
