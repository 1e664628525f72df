import Foundation
import GRDB
import ProvChain
import Testing

@testable import ProvNode

/// A ledger over a state database: what a node is, without log and network.
private struct DiskLedger {
    let chain: TestChain
    let path: String
    private(set) var database: StateDatabase
    private(set) var ledger: Ledger

    /// Opens the database at `path` and goes on from where it stands.
    init(_ chain: TestChain, at path: String) throws {
        self.chain = chain
        self.path = path
        database = try StateDatabase(path: path)
        guard let checkpoint = try database.checkpoint() else {
            ledger = try Ledger.start(chain.file).ledger
            return
        }
        // Few levels in memory, so that much is read back from the database.
        ledger = try Ledger(
            chain.file, resuming: checkpoint, estimate: database.recordCount(),
            limits: StateTreeLimits(bucketLeaves: 4, minimumDepth: 0, maximumDepth: 4), source: database)
        for block in chain.blocks.prefix(Int(checkpoint.tip.header.height) + 1) {
            for applied in block.execution.applied { ledger.remember(applied.statement) }
        }
    }

    var height: UInt64 { ledger.tip.header.height }

    /// Executes the chain's next block; its header is checked field by field, the state root among them.
    mutating func step() throws {
        let block = chain.blocks[Int(height) + 1]
        let executed = try ledger.execute(
            block.header, statements: block.execution.applied.map(\.statement), source: database)
        try ledger.commit(executed)
    }

    mutating func flush() throws {
        try database.write(ledger.beginFlush())
        ledger.confirmFlush()
    }

    mutating func finish() throws {
        while height + 1 < UInt64(chain.blocks.count) { try step() }
    }
}

/// Thirty blocks of registrations and transfers among three parties.
private func busyChain() throws -> TestChain {
    var chain = try TestChain()
    let parties = [try chain.enrol("a"), try chain.enrol("b"), try chain.enrol("c")]
    for number in 0..<9 {
        let (owner, other) = (parties[number % 3], parties[(number + 1) % 3])
        // Every third work shares a component with the one before it.
        let work = try chain.register("work \(number)", distinctive: ["part \(number / 3)"], by: owner)
        let offer = try chain.offer(UInt64(number) + 1, of: work, from: owner, to: other)
        try chain.append([offer])
        try chain.append([chain.accept(offer, by: other)])
    }
    return chain
}

struct StateDatabaseTests {
    @Test func whatWasFlushedIsThereAfterReopening() throws {
        let folder = try TestFolder()
        var chain = DiskLedgerFlush(try busyChain())
        let flush = chain.take()
        let path = folder.file("state.sqlite")
        try StateDatabase(path: path).write(flush)

        let database = try StateDatabase(path: path)
        #expect(try database.checkpoint() == flush.checkpoint)
        #expect(flush.records.count > 50)
        for (key, record) in flush.records { #expect(try database.storedRecord(key) == record) }
        let leaves = try database.leaves(under: .all)
        #expect(leaves.map(\.key) == flush.records.map(\.key).sorted())
        #expect(leaves.allSatisfy { SHA256.hash(flush.records[$0.key]?.cbor ?? []) == $0.recordHash })
        let halves = StatePrefix.parts(depth: 1)
        #expect(try halves.flatMap { try database.leaves(under: $0) } == leaves)
        #expect(try database.recordCount() == flush.records.count)
        #expect(try database.storedRecord(TestChain.hash("nothing")) == nil)
    }

    @Test func anEmptyDatabaseStandsNowhere() throws {
        let folder = try TestFolder()
        let database = try StateDatabase(path: folder.file("state.sqlite"))
        #expect(try database.checkpoint() == nil)
        #expect(try database.leaves(under: .all) == [])
        #expect(try database.recordCount() == 0)
    }

    /// Blocks, flushes and restarts in any order lead to the one state that the chain commits to.
    @Test(arguments: 1...8 as ClosedRange<UInt64>)
    func restartsAtAnyPointLeadToTheSameState(seed: UInt64) throws {
        let folder = try TestFolder()
        let chain = try busyChain()
        let path = folder.file("state.sqlite")
        var choices = SeededChoices(seed)
        var disk = try DiskLedger(chain, at: path)
        var restarts = 0
        while disk.height + 1 < UInt64(chain.blocks.count) {
            switch Int.random(in: 0..<10, using: &choices) {
            case 0..<6: try disk.step()
            case 6..<9: try disk.flush()
            default:
                // Dropped without a flush, as a crash does.
                disk = try DiskLedger(chain, at: path)
                restarts += 1
                if restarts > 20 { try disk.finish() }
            }
        }
        try disk.flush()

        let database = try StateDatabase(path: path)
        #expect(try database.checkpoint()?.tip == chain.ledger.tip)
        for block in chain.blocks {
            for (key, _) in block.execution.records {
                let expected = chain.blocks.last { $0.execution.records[key] != nil }?.execution.records[key]
                #expect(try database.storedRecord(key) == expected)
            }
        }
    }

    /// After a power cut the write-ahead log may end anywhere. The database then stands at an earlier flush,
    /// whole, and the chain goes on from it.
    ///
    /// A flush is copied into the database right after it was written. A reader that holds on to its snapshot
    /// delays that, by one flush or by several: this is how the disk looks in between.
    @Test(arguments: [1, 4])
    func aCutWriteAheadLogLeavesAWholeEarlierFlush(delayed: Int) throws {
        let folder = try TestFolder()
        let chain = try busyChain()
        let path = folder.file("state.sqlite")
        var disk = try DiskLedger(chain, at: path)
        var heights: Set<UInt64> = []
        func flush() throws -> UInt64 {
            try disk.step()
            try disk.flush()
            return disk.height
        }
        while disk.height + UInt64(delayed) + 1 < UInt64(chain.blocks.count) {
            var flushed = [try flush()]
            let holder = try SnapshotHolder(path)
            for _ in 0..<delayed { flushed.append(try flush()) }
            let (main, wal) = (try folder.read("state.sqlite"), try folder.read("state.sqlite-wal"))
            try holder.release()
            let cuts = [0, wal.count / 3, wal.count / 2, wal.count * 3 / 4 - 5, wal.count]
            var found: [UInt64] = []
            for (number, cut) in cuts.enumerated() {
                let name = "cut\(disk.height)-\(number).sqlite"
                try folder.write(main, name)
                try folder.write(wal.prefix(cut), name + "-wal")
                found.append(try #require(try StateDatabase(path: folder.file(name)).checkpoint()?.tip.header.height))
                var recovered = try DiskLedger(chain, at: folder.file(name))
                try recovered.finish()
                #expect(recovered.ledger.tip == chain.ledger.tip)
            }
            #expect(found == found.sorted() && found.allSatisfy(flushed.contains), "\(found) of \(flushed)")
            #expect(found.first == flushed.first && found.last == flushed.last, "\(found) of \(flushed)")
            heights.formUnion(found)
        }
        #expect(heights.count > 5, "the cuts must fall between different flushes")
    }

    @Test func anErasedDatabaseIsFilledAgain() throws {
        let folder = try TestFolder()
        let chain = try busyChain()
        let path = folder.file("state.sqlite")
        var disk = try DiskLedger(chain, at: path)
        try disk.finish()
        try disk.flush()
        let key = URN.party(chain.registrar.id).stateKey
        #expect(try disk.database.storedRecord(key) != nil)

        try disk.database.erase()
        #expect(try disk.database.checkpoint() == nil)
        #expect(try disk.database.storedRecord(key) == nil)
        var again = try DiskLedger(chain, at: path)
        try again.finish()
        try again.flush()
        #expect(try again.database.checkpoint()?.tip == chain.ledger.tip)
    }

    // MARK: Files that are not what they should be

    @Test func aNewerSchemaIsRefusedAndLeftAlone() throws {
        let folder = try TestFolder()
        let path = folder.file("state.sqlite")
        try StateDatabase(path: path).write(DiskLedgerFlush(try busyChain()).taken())
        try DatabaseQueue(path: path).write { try $0.execute(sql: "PRAGMA user_version = 7") }
        #expect(throws: DatabaseFailure.newerSchema(file: path, found: 7, known: StateSchema.version)) {
            try StateDatabase(path: path)
        }
        let rows = try DatabaseQueue(path: path).read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM records") }
        #expect((rows ?? 0) > 50)
        #expect(
            "\(DatabaseFailure.newerSchema(file: path, found: 7, known: 1))".contains("written by a newer provnode"))
    }

    @Test func aFileThatIsNoDatabaseIsCalledDamaged() throws {
        let folder = try TestFolder()
        try folder.write(Data(repeating: 0x41, count: 20_000), "state.sqlite")
        let error = #expect(throws: DatabaseFailure.self) { try StateDatabase(path: folder.file("state.sqlite")) }
        guard case .damaged? = error else {
            Issue.record("\(String(describing: error)) is not damage")
            return
        }
    }

    @Test func aDamagedRecordIsAnErrorAndNotAnotherRecord() throws {
        let folder = try TestFolder()
        let path = folder.file("state.sqlite")
        try StateDatabase(path: path).write(DiskLedgerFlush(try busyChain()).taken())
        try DatabaseQueue(path: path).write { try $0.execute(sql: "UPDATE records SET record = x'83'") }
        let database = try StateDatabase(path: path)
        let key = TestChain.hash("nothing")
        #expect(try database.storedRecord(key) == nil)
        let registrar = URN.party(try TestChain().registrar.id).stateKey
        #expect(throws: DatabaseFailure.self) { try database.storedRecord(registrar) }
    }

    /// A record or a key that says something else is found at the next start, before anything is executed on it.
    @Test(arguments: [
        "UPDATE records SET key = zeroblob(32) WHERE place = 7", "DELETE FROM records WHERE place = 7",
        "UPDATE records SET record = x'00' WHERE place = 7", "UPDATE records SET key = x'00' WHERE place = 7",
    ])
    func aDamagedRecordIsFoundWhenTheLeavesAreFilledFromIt(damage: String) throws {
        let folder = try TestFolder()
        let chain = try busyChain()
        let path = folder.file("state.sqlite")
        try StateDatabase(path: path).write(DiskLedgerFlush(chain).taken())
        try DatabaseQueue(path: path).write { try $0.execute(sql: damage) }
        try FileManager.default.removeItem(atPath: path + "-leaves")
        #expect(throws: (any Error).self) { _ = try DiskLedger(chain, at: path) }
    }

    /// So is a leaf in the leaf file.
    @Test(arguments: [12, 50, 76])
    func aDamagedLeafIsFoundAtTheStart(offset: Int) throws {
        let folder = try TestFolder()
        let chain = try busyChain()
        let path = folder.file("state.sqlite")
        try StateDatabase(path: path).write(DiskLedgerFlush(chain).taken())
        var leaves = try folder.read("state.sqlite-leaves")
        // The second page is the first with leaves; it has some of a hundred.
        #expect(leaves[4_096 + 1] > 1)
        leaves[4_096 + offset] ^= 1
        try folder.write(leaves, "state.sqlite-leaves")
        #expect(throws: (any Error).self) {
            var disk = try DiskLedger(chain, at: path)
            try disk.finish()
            for block in chain.blocks {
                for (key, _) in block.execution.records { _ = try disk.database.storedRecord(key) }
            }
        }
    }

    /// The leaf file is never the only copy: whatever was there, it is made again from the records.
    @Test(arguments: [nil, 0, 100, 4_096, 40_000])
    func aLeafFileThatIsNotOfTheLastFlushIsMadeAgain(bytes: Int?) throws {
        let folder = try TestFolder()
        let chain = try busyChain()
        let path = folder.file("state.sqlite")
        var disk = try DiskLedger(chain, at: path)
        for _ in 0..<10 { try disk.step() }
        try disk.flush()
        let early = try folder.read("state.sqlite-leaves")
        for _ in 0..<10 { try disk.step() }
        try disk.flush()
        let expected = try disk.database.leaves(under: .all)

        try FileManager.default.removeItem(atPath: path + "-leaves")
        if let bytes { try folder.write(early.prefix(bytes), "state.sqlite-leaves") }
        let database = try StateDatabase(path: path)
        #expect(try database.leaves(under: .all) == expected)
        disk = try DiskLedger(chain, at: path)
        try disk.finish()
        #expect(disk.ledger.tip == chain.ledger.tip)
        try folder.write(early, "state.sqlite-leaves")
        #expect(try StateDatabase(path: path).leaves(under: .all) == expected)
    }

    /// A flush that never reaches the write-ahead log's end would let it grow for ever.
    @Test func theWriteAheadLogIsWrittenFromItsBeginningAgain() throws {
        let folder = try TestFolder()
        let chain = try busyChain()
        var disk = try DiskLedger(chain, at: folder.file("state.sqlite"))
        var sizes: [Int] = []
        for _ in 0..<chain.blocks.count - 1 {
            try disk.step()
            try disk.flush()
            // Reads keep a snapshot open between the flushes, as a node's ledger does.
            #expect(try disk.database.storedRecord(URN.party(chain.registrar.id).stateKey) != nil)
            sizes.append(try folder.read("state.sqlite-wal").count)
        }
        #expect(sizes.max() == sizes.prefix(4).max() || (sizes.max() ?? 0) < 400_000, "\(sizes)")
    }
}

/// Another reader of a database, which sees it as it was when it came.
private struct SnapshotHolder {
    private let queue: DatabaseQueue
    private let reader: StateReader

    init(_ path: String) throws {
        var configuration = Configuration()
        configuration.readonly = true
        queue = try DatabaseQueue(path: path, configuration: configuration)
        reader = try queue.unsafeRead { db in try StateReader(try #require(db.sqliteConnection)) }
        _ = try reader.record(at: 1)
    }

    func release() throws { try reader.refresh() }
}

/// The first flush of a chain that was never flushed.
private struct DiskLedgerFlush {
    private var ledger: Ledger

    init(_ chain: TestChain) { ledger = chain.ledger }

    mutating func take() -> StateFlush { ledger.beginFlush() }

    func taken() -> StateFlush {
        var copy = self
        return copy.take()
    }
}
