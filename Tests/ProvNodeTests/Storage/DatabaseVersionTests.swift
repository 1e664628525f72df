import Foundation
import GRDB
import ProvChain
import Testing

@testable import ProvNode

/// Which files a node takes for its databases, and what it says of the others.
@Suite struct DatabaseVersionTests {
    enum Kind: String, CaseIterable, Sendable {
        case state, index

        var name: String { rawValue + ".sqlite" }
        var version: Int { self == .state ? StateSchema.version : IndexSchema.version }
        var applicationID: Int { self == .state ? StateSchema.applicationID : IndexSchema.applicationID }
        var command: String { self == .state ? "provnode reindex --state" : "provnode reindex --home" }

        func open(_ path: String) throws {
            switch self {
            case .state: try StateDatabase(path: path).close()
            case .index: try IndexDatabase(path: path).close()
            }
        }

        func openReadOnly(_ path: String) throws {
            let file = self == .state ? StateSchema.file(path) : IndexSchema.file(path)
            try file.openReadOnly()?.close()
        }
    }

    private func change(_ path: String, _ sql: String) throws {
        let queue = try DatabaseQueue(path: path)
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }

    private func number(_ path: String, _ pragma: String) throws -> Int? {
        try DatabaseQueue(path: path).read { try Int.fetchOne($0, sql: "PRAGMA \(pragma)") }
    }

    /// The error of opening, which must also be the one of opening for reading alone.
    private func failure(_ kind: Kind, _ path: String) -> DatabaseFailure? {
        #expect(throws: (any Error).self) { try kind.openReadOnly(path) }
        return #expect(throws: DatabaseFailure.self) { try kind.open(path) }
    }

    @Test(arguments: Kind.allCases)
    func aNewDatabaseSaysWhoseItIsAndInWhichVersion(_ kind: Kind) throws {
        let folder = try TestFolder()
        let path = folder.file(kind.name)
        try kind.open(path)
        // Bytes 60 and 68 of the file's header, big-endian (SQLite, "Database File Format", 1.3).
        let header = try folder.read(kind.name).prefix(100)
        #expect(header.prefix(16).elementsEqual("SQLite format 3\0".utf8))
        #expect(header[60..<64].elementsEqual([0, 0, 0, UInt8(kind.version)]))
        #expect(header[68..<72].elementsEqual(kind == .state ? "PVST".utf8 : "PVIX".utf8))
        try kind.open(path)
        try kind.openReadOnly(path)
    }

    @Test(arguments: Kind.allCases)
    func aDatabaseFromBeforeApplicationIDsIsMarked(_ kind: Kind) throws {
        let folder = try TestFolder()
        let path = folder.file(kind.name)
        try kind.open(path)
        try change(path, "PRAGMA application_id = 0")
        try kind.openReadOnly(path)
        #expect(try number(path, "application_id") == 0, "reading changes nothing")
        try kind.open(path)
        #expect(try number(path, "application_id") == kind.applicationID)
    }

    @Test(arguments: Kind.allCases)
    func aNewerOneIsRefusedWithTheReleaseThatIsNeeded(_ kind: Kind) throws {
        let folder = try TestFolder()
        let path = folder.file(kind.name)
        try kind.open(path)
        try change(path, "PRAGMA user_version = \(kind.version + 1)")
        let before = try folder.read(kind.name)
        let error = failure(kind, path)
        #expect(error == .newerSchema(file: path, found: kind.version + 1, known: kind.version))
        #expect("\(error!)".contains("install the release that wrote it") && "\(error!)".contains(kind.command))
        #expect(try folder.read(kind.name) == before)
    }

    @Test(arguments: Kind.allCases)
    func anOlderOneWithoutAMigrationIsRefusedWithTheCommandThatHelps(_ kind: Kind) throws {
        let folder = try TestFolder()
        let path = folder.file(kind.name)
        try kind.open(path)
        try change(path, "PRAGMA user_version = \(kind.version - 1)")
        let error = failure(kind, path)
        #expect(error == .olderSchema(file: path, found: kind.version - 1, known: kind.version))
        #expect("\(error!)".contains(kind.command))
    }

    @Test(arguments: Kind.allCases)
    func aDatabaseOfSomethingElseIsLeftAlone(_ kind: Kind) throws {
        let folder = try TestFolder()
        let path = folder.file(kind.name)
        try change(path, "CREATE TABLE recipes (name TEXT); INSERT INTO recipes VALUES ('soup')")
        let before = try folder.read(kind.name)
        #expect(failure(kind, path) == .foreign(file: path, applicationID: 0))
        try change(path, "PRAGMA application_id = 1234")
        #expect(failure(kind, path) == .foreign(file: path, applicationID: 1_234))
        try change(path, "PRAGMA application_id = 0")
        #expect(try folder.read(kind.name).count == before.count)
        #expect(
            try DatabaseQueue(path: path).read { try String.fetchAll($0, sql: "SELECT name FROM recipes") } == ["soup"])
    }

    @Test func theTwoDatabasesAreNotTakenForEachOther() throws {
        let folder = try TestFolder()
        let (state, index) = (folder.file("state.sqlite"), folder.file("index.sqlite"))
        try Kind.state.open(index)
        try Kind.index.open(state)
        #expect(failure(.index, index) == .foreign(file: index, applicationID: StateSchema.applicationID))
        #expect(failure(.state, state) == .foreign(file: state, applicationID: IndexSchema.applicationID))
    }

    @Test(arguments: Kind.allCases, [0x41, 0x00] as [UInt8])
    func aFileThatIsNoDatabaseIsDamaged(_ kind: Kind, byte: UInt8) throws {
        let folder = try TestFolder()
        let path = folder.file(kind.name)
        try folder.write(Data(repeating: byte, count: 20_000), kind.name)
        guard case .damaged(path, _)? = failure(kind, path) else {
            Issue.record("not called damaged")
            return
        }
    }

    /// Cut anywhere but to nothing, a database says that it is damaged; an empty one is filled again.
    @Test(arguments: Kind.allCases)
    func aTruncatedDatabaseIsDamagedAndNotEmptied(_ kind: Kind) throws {
        let folder = try TestFolder()
        let path = folder.file(kind.name)
        try kind.open(path)
        let whole = try folder.read(kind.name)
        for cut in [1, 50, 100, 4_096, 8_192, whole.count - 8_192, whole.count - 1] {
            try folder.write(whole.prefix(cut), kind.name)
            guard case .damaged(path, _)? = failure(kind, path) else {
                Issue.record("cut at \(cut) of \(whole.count): not called damaged")
                continue
            }
            #expect(try folder.read(kind.name) == whole.prefix(cut), "cut at \(cut): changed")
        }
        try folder.write(Data(), kind.name)
        try kind.openReadOnly(path)
        try kind.open(path)
        #expect(try number(path, "application_id") == kind.applicationID)
    }

    // MARK: Migrations

    private func file(_ path: String, version: Int, _ migrations: [Int: String]) -> DatabaseFile {
        DatabaseFile(
            path: path, applicationID: 77, schemaVersion: version, schema: "CREATE TABLE a (x)", landmark: "a",
            migrations: migrations)
    }

    private func open(_ file: DatabaseFile) throws -> DatabaseQueue {
        let queue = try DatabaseQueue(
            path: file.path, configuration: file.configuration(cacheKilobytes: 100, label: "test"))
        try file.prepare(queue)
        return queue
    }

    @Test func anOlderOneIsMigratedStepByStep() throws {
        let folder = try TestFolder()
        let path = folder.file("a.sqlite")
        let first = try open(file(path, version: 1, [:]))
        try first.write { try $0.execute(sql: "INSERT INTO a VALUES (5)") }
        try first.close()
        let steps = [1: "ALTER TABLE a ADD COLUMN y DEFAULT 7", 2: "UPDATE a SET y = y + x"]
        let third = try open(file(path, version: 3, steps))
        #expect(try third.read { try Int.fetchOne($0, sql: "SELECT y FROM a") } == 12)
        #expect(try third.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == 3)
    }

    @Test func aMigrationThatFailsChangesNothing() throws {
        let folder = try TestFolder()
        let path = folder.file("a.sqlite")
        try open(file(path, version: 1, [:])).close()
        let steps = [1: "ALTER TABLE a ADD COLUMN y", 2: "UPDATE nothing SET y = 1"]
        #expect(throws: (any Error).self) { try open(file(path, version: 3, steps)) }
        let queue = try DatabaseQueue(path: path)
        #expect(try queue.read { try $0.columns(in: "a").map(\.name) } == ["x"])
        #expect(try number(path, "user_version") == 1)
        #expect(throws: DatabaseFailure.olderSchema(file: path, found: 1, known: 3)) {
            try open(file(path, version: 3, [1: "ALTER TABLE a ADD COLUMN y"]))
        }
        #expect(try number(path, "user_version") == 1)
    }
}

@Suite struct HomeFormatTests {
    private func home(_ folder: TestFolder, _ format: String?) throws -> NodeHome {
        let home = NodeHome(folder.path)
        let founding = try Founding(origin: "test.example/log", member: "Museum", time: 1_800_000_000_000)
        try FileBytes.create(home.genesis, founding.file.cbor)
        if let format { try FileBytes.create(HomeFormat.file(home), Array(format.utf8)) }
        return home
    }

    @Test func aHomeWithoutAFormatIsTheFirst() throws {
        let folder = try TestFolder()
        let home = try home(folder, nil)
        _ = try home.loadGenesis()
        try HomeFormat.note(in: home)
        #expect(try String(decoding: folder.read("format"), as: UTF8.self) == "provnode-home 1\n")
        _ = try home.loadGenesis()
    }

    @Test func aNewerHomeIsRefused() throws {
        let folder = try TestFolder()
        let home = try home(folder, "provnode-home 2\n")
        let error = #expect(throws: HomeError.self) { try home.loadGenesis() }
        #expect(error?.description.contains("a newer provnode made this home (format 2") == true)
    }

    @Test(arguments: ["", "1", "provnode-home", "provnode-home x", "provnode-home 0", "another 1"])
    func anythingElseIsABadFile(_ text: String) throws {
        let folder = try TestFolder()
        let home = try home(folder, text)
        #expect(throws: HomeError.self) { try home.loadGenesis() }
    }

    /// The durable point opens every log; a format that this program does not know is no damage.
    @Test func aNewerLogIsRefused() throws {
        let folder = try TestFolder()
        try LogStore.open(at: folder.path).close()
        let whole = Array(try folder.read("log/durable"))
        // CBOR: an array of 7, then the format.
        #expect(whole.prefix(2) == [0x87, 0x01])
        let content: [UInt8] = [0x87, 0x02] + whole.dropFirst(2).dropLast(32)
        try folder.write(Data(content + SHA256.hash(content).bytes), "log/durable")
        let file = folder.file("log/durable")
        #expect(throws: LogStoreError.newerFormat(file: file, found: 2, known: 1)) {
            try LogStore.open(at: folder.path)
        }
        #expect(throws: LogStoreError.newerFormat(file: file, found: 2, known: 1)) {
            try LogReader.open(at: folder.path)
        }
    }
}
