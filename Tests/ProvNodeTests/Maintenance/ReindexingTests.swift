import Foundation
import GRDB
import ProvChain
import Testing

@testable import ProvNode

@Suite struct ReindexingTests {
    private func reindex(_ home: NodeHome, state: Bool = true) throws -> Reindexing.Report {
        try Reindexing(home: home, genesis: try home.loadGenesis(), replacesState: state).run { _, _, _ in }
    }

    @Test func whatIsBuiltAgainEqualsWhatTheRunningNodeMade() async throws {
        let busy = try await BusyHome()
        try await busy.chain.reopen { home in
            let index = try BusyHome.dump(home.indexDatabase)
            let state = try BusyHome.state(home.stateDatabase)
            #expect(index["words"]?.count == 12 && index["offers"]?.count == 2)
            #expect((index["statements"]?.count ?? 0) > 16 && (index["titles"]?.count ?? 0) > 12)
            #expect(state.count > 50)

            let report = try reindex(home)
            #expect(report.replaced == ["index.sqlite", "state.sqlite"])
            let builtIndex = try BusyHome.dump(home.indexDatabase)
            for (table, rows) in index { #expect(builtIndex[table] == rows, "table \(table)") }
            #expect(builtIndex.keys.sorted() == index.keys.sorted())
            #expect(try BusyHome.state(home.stateDatabase) == state)
            let log = try LogReader.open(at: home.path)
            #expect(report.height == log.height)
            #expect(try log.loggedBlock(report.height).header.stateRoot.hex == report.stateRoot)
            let files = try FileManager.default.contentsOfDirectory(atPath: home.path)
            #expect(files.allSatisfy { !$0.contains(".new") }, "\(files)")
            // The renamed files alone are the databases: nothing of them was left in a log beside them.
            #expect(files.allSatisfy { !$0.hasSuffix("-wal") }, "\(files)")
        }
        let report = try await busy.chain.node.search("barrel", limit: 50, after: nil)
        #expect(report.works.count == 12)
        var again = busy
        let view = try await again.register(100)
        #expect(view.status == .final)
    }

    @Test func restrictedWordsStayOut() async throws {
        let busy = try await BusyHome(works: 1)
        _ = try await busy.registerRestricted("Unspeakable")
        try await busy.chain.reopen { home in
            let before = try BusyHome.dump(home.indexDatabase)
            _ = try reindex(home)
            #expect(try BusyHome.dump(home.indexDatabase) == before && before["words"]?.count == 1)
            #expect(try BusyHome.verify(home).verified)
        }
        #expect(try await busy.chain.node.search("unspeakable", limit: 5, after: nil).works.isEmpty)
    }

    @Test func theStateStaysUnlessItIsAskedFor() async throws {
        let busy = try await BusyHome(works: 2)
        try await busy.chain.reopen { home in
            let before = try Data(contentsOf: URL(fileURLWithPath: home.stateDatabase))
            #expect(try reindex(home, state: false).replaced == ["index.sqlite"])
            #expect(try Data(contentsOf: URL(fileURLWithPath: home.stateDatabase)) == before)
        }
    }

    @Test func itReplacesWhatCannotBeOpened() async throws {
        let busy = try await BusyHome(works: 2)
        try await busy.chain.reopen { home in
            let whole = try BusyHome.dump(home.indexDatabase)
            for path in [home.indexDatabase, home.stateDatabase] {
                try Data(repeating: 65, count: 9_000).write(to: URL(fileURLWithPath: path))
                try Data(repeating: 66, count: 9_000).write(to: URL(fileURLWithPath: path + "-wal"))
            }
            _ = try reindex(home)
            #expect(try BusyHome.dump(home.indexDatabase) == whole)
            try BusyHome.change(home.indexDatabase, "PRAGMA user_version = 0")
            _ = try reindex(home)
            #expect(try BusyHome.dump(home.indexDatabase) == whole)
        }
    }

    @Test func itRefusesWhileANodeRuns() async throws {
        let busy = try await BusyHome(works: 1)
        let error = #expect(throws: NodeCommandError.self) { try reindex(busy.home) }
        #expect(error?.code == 75)
        #expect(error?.description.contains("a node runs on") == true)
    }

    @Test func itDoesNotForgetBlocksThatTheLogLost() async throws {
        let busy = try await BusyHome(works: 1)
        try await busy.chain.reopen { home in
            let top = try #require(try LogReader.open(at: home.path).height)
            try BusyHome.change(home.indexDatabase, "INSERT INTO blocks VALUES (\(top + 1), 1000000, 0, 1)")
            #expect(throws: RecoveryError.self) { try reindex(home) }
            try BusyHome.change(home.indexDatabase, "DELETE FROM blocks WHERE height = \(top + 1)")
            _ = try reindex(home)
        }
    }

    @Test func aForeignFileIsNotReplaced() async throws {
        let busy = try await BusyHome(works: 1)
        try await busy.chain.reopen { home in
            let mine = home.indexDatabase + ".mine"
            try FileManager.default.moveItem(atPath: home.indexDatabase, toPath: mine)
            try BusyHome.change(home.indexDatabase, "CREATE TABLE recipes (name)")
            #expect(throws: DatabaseFailure.foreign(file: home.indexDatabase, applicationID: 0)) { try reindex(home) }
            try FileManager.default.removeItem(atPath: home.indexDatabase)
            try FileManager.default.moveItem(atPath: mine, toPath: home.indexDatabase)
        }
    }

    @Test func progressHasARateAndAnEstimate() {
        func line(_ done: UInt64, _ seconds: Double) -> String {
            ProgressBar.line("blocks", done: done, total: 1_000, since: 0, seconds: seconds)
        }
        #expect(line(10, 0.5) == "[                         ] 1% blocks 10/1000")
        #expect(line(500, 10) == "[############             ] 50% blocks 500/1000, 50/s, about 10 s left")
        #expect(line(3, 2).hasSuffix(" 0% blocks 3/1000, 1.5/s, about 12 min left"))
        #expect(line(1_000, 20) == "[#########################] 100% blocks 1000/1000, 50/s")
        #expect(ProgressBar.duration(89.1) == "90 s" && ProgressBar.duration(7_200) == "2.0 h")
    }
}
