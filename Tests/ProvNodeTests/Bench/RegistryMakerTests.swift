import Foundation
import GRDB
import ProvChain
import Testing

@testable import ProvNode

@Suite("A made-up registry is a registry like any other")
struct RegistryMakerTests {
    private static let works = 2_050

    private static func make(_ works: Int) throws -> BenchHome {
        let bench = try BenchHome.temporary(time: BenchHome.pastTime)
        _ = try RegistryMaker(bench: bench, works: works).run { _, _, _ in }
        return bench
    }

    private static func rows(_ path: String) throws -> [String: [String]] {
        try DatabaseQueue(path: path).read { db in
            var rows: [String: [String]] = [:]
            for table in ["blocks", "statements", "works", "titles", "offers", "runs", "chunks"] {
                // Titles are words of attachments, which the made-up home does not have.
                let columns = table == "works" ? "leaf, work, claimant, category, time, metadata" : "*"
                rows[table] = try Row.fetchAll(db, sql: "SELECT \(columns) FROM \(table)").map(\.description).sorted()
            }
            return rows
        }
    }

    @Test func itVerifiesAndEqualsWhatTheLogGives() async throws {
        let bench = try Self.make(Self.works)
        defer { bench.remove() }
        let report = HomeVerification(home: bench.home, genesis: bench.file).run { _, _, _ in }
        #expect(report.verified, "\(report.checks.filter { !$0.ok })")
        let made = try Self.rows(bench.home.indexDatabase)

        // A node that finds no databases makes them from the log.
        for path in [bench.home.indexDatabase, bench.home.stateDatabase] {
            for suffix in [""] + StateSchema.besides { try? FileManager.default.removeItem(atPath: path + suffix) }
        }
        let node = try bench.open()
        #expect(node.index.height == 2)
        #expect(try Self.rows(bench.home.indexDatabase) == made)
        try await node.close()
    }

    @Test func aNodeGoesOnFromItAndAnswers() async throws {
        let bench = try Self.make(500)
        defer { bench.remove() }
        let node = try bench.open()
        let sample = try IndexSample(node.index, count: 20, seed: 1)
        #expect(sample.works == 500)
        for row in sample.rows {
            #expect(try await node.lookup(row.component, limit: 10, after: nil).count == 1)
            #expect(try await node.search(row.title, limit: 100, after: nil).works.count == 1, "\(row.title)")
            #expect(try await node.works(of: row.claimant, limit: 10, after: nil).works.isEmpty == false)
        }
        let running = Task { try await node.run() }
        let statement = try bench.registrations(500..<501, time: WallClock.now() / 1_000, lifetime: 600)[0]
        let view = try await node.submit(Submission(statement: statement.encoded), wait: true)
        #expect(view.status == .final)
        running.cancel()
        _ = await running.result
        try await node.close()
    }

    @Test func equalCountsMakeEqualChains() throws {
        let (one, two) = (try Self.make(40), try Self.make(40))
        defer {
            one.remove()
            two.remove()
        }
        #expect(try LogReader.open(at: one.home.path).extent == LogReader.open(at: two.home.path).extent)
    }
}
