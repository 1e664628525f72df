import Foundation
import GRDB
import ProvChain
import Testing

@testable import ProvNode

@Suite struct HomeVerificationTests {
    private func check(_ report: HomeVerification.Report, _ name: String) throws -> HomeVerification.Report.Check {
        try #require(report.checks.first { $0.name == name })
    }

    @Test func aGoodHomeVerifiesAndNothingIsChanged() async throws {
        let busy = try await BusyHome()
        try await busy.chain.reopen { home in
            let before = [home.stateDatabase, home.indexDatabase].map { FileManager.default.contents(atPath: $0) }
            let report = try BusyHome.verify(home)
            #expect(report.verified, "\(report.checks)")
            #expect(try check(report, "index").detail.english.contains("12 works, 2 offers"))
            #expect(try check(report, "index, in full").detail.english.contains("rows, all as the log"))
            let after = [home.stateDatabase, home.indexDatabase].map { FileManager.default.contents(atPath: $0) }
            #expect(before == after)
        }
    }

    @Test func itCanBeAskedWhileTheNodeRuns() async throws {
        let busy = try await BusyHome(works: 3)
        let report = try busy.verify(deep: false)
        #expect(try check(report, "replay").ok && check(report, "index").ok && check(report, "attachments").ok)
    }

    /// What each change to the index looks like to the sample and to the full comparison.
    @Test(arguments: [
        ("DELETE FROM statements WHERE leaf = (SELECT MAX(leaf) FROM statements)", true),
        ("UPDATE statements SET issuer = zeroblob(32) WHERE leaf = (SELECT MAX(leaf) FROM statements)", true),
        ("UPDATE statements SET records = x'80' WHERE leaf = (SELECT MAX(leaf) FROM statements)", true),
        (
            "UPDATE statements SET attachments = NULL WHERE leaf = "
                + "(SELECT MIN(leaf) FROM statements WHERE attachments IS NOT NULL)", true
        ),
        ("UPDATE works SET category = category + 1", true),
        ("INSERT INTO offers VALUES (4, x'00', x'00', 1, x'00', x'00', 1, 1, 1)", true),
        ("UPDATE blocks SET time = time + 1 WHERE height = 2", true),
        ("UPDATE titles SET share = share - 1", false), ("UPDATE offers SET status = 3", false),
        ("DELETE FROM words WHERE rowid = (SELECT MIN(rowid) FROM words)", false),
        ("UPDATE works SET title = 'Another'", false),
    ])
    func aChangedIndexIsFound(_ sql: String, bySample: Bool) async throws {
        let busy = try await BusyHome(works: 3)
        try await busy.chain.reopen { home in
            try BusyHome.change(home.indexDatabase, sql)
            let report = try BusyHome.verify(home)
            #expect(try check(report, "index").ok == !bySample, "\(sql)")
            #expect(try !check(report, "index, in full").ok, "\(sql)")
            #expect(try check(report, "replay").ok && check(report, "state database").ok)
            #expect(try check(report, "index, in full").detail.english.contains("provnode reindex"))
            _ = try Reindexing(home: home, genesis: try home.loadGenesis(), replacesState: false).run { _, _, _ in }
            #expect(try BusyHome.verify(home).verified)
        }
    }

    @Test(arguments: [
        "DELETE FROM records WHERE place = (SELECT MAX(place) FROM records)",
        "INSERT INTO records SELECT MAX(place) + 1, zeroblob(32), x'80' FROM records",
        "INSERT INTO records SELECT place + 10000, key, record FROM records WHERE place = 1",
        "UPDATE records SET record = x'80' WHERE place = (SELECT MAX(place) FROM records)",
        "UPDATE records SET key = x'ff' || zeroblob(31) WHERE place = 1",
        "UPDATE records SET key = x'00' WHERE place = 1",
        "UPDATE records SET record = (SELECT record FROM records WHERE place = 2) WHERE place = 1",
    ])
    func aChangedStateIsFound(_ sql: String) async throws {
        let busy = try await BusyHome(works: 2)
        try await busy.chain.reopen { home in
            try BusyHome.change(home.stateDatabase, sql)
            let found = try check(try BusyHome.verify(home, deep: false), "state database")
            #expect(!found.ok && found.detail.english.contains("provnode reindex --state"), "\(found.detail.english)")
            _ = try Reindexing(home: home, genesis: try home.loadGenesis(), replacesState: true).run { _, _, _ in }
            #expect(try BusyHome.verify(home).verified)
        }
    }

    @Test func aMissingDatabaseIsNoFault() async throws {
        let busy = try await BusyHome(works: 1)
        try await busy.chain.reopen { home in
            for path in [home.stateDatabase, home.indexDatabase] { try FileManager.default.removeItem(atPath: path) }
            let report = try BusyHome.verify(home)
            #expect(report.verified, "\(report.checks)")
            #expect(try check(report, "index").detail.english.contains("will be rebuilt"))
        }
    }
}
