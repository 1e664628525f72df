import Foundation
import GRDB
import ProvChain

/// The state of a registry that is being made up, where every record but the genesis's is written once.
///
/// Records go to a heap in the order in which they come, pages of the tree stay in memory, and both are
/// sorted into their tables at the end. A record that was written twice would break the primary key there.
final class StateFilling: StateSource {
    private let path: String
    private let heapPath: String
    private let queue: DatabaseQueue
    /// The records of block 0, which statements do read.
    private var known: [Digest: StoredRecord] = [:]
    private var pages: [StatePageID: [UInt8]] = [:]
    private var checkpoint: StateCheckpoint?
    private var hasGenesis = false

    private static let cacheKilobytes = 512 << 10

    init(path: String) throws {
        self.path = path
        heapPath = path + "-filling"
        try? FileManager.default.removeItem(atPath: heapPath)
        let file = DatabaseFile(path: path, schemaVersion: 0, schema: "", pageBytes: StateSchema.pageBytes)
        var configuration = file.configuration(cacheKilobytes: Self.cacheKilobytes, label: "state.filling")
        configuration.journalMode = .default
        queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.inDatabase { db in
            try db.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA threads = 2")
            try db.execute(sql: StateSchema.sql)
            try db.execute(sql: "ATTACH '\(heapPath)' AS heap")
            try db.execute(sql: "PRAGMA heap.journal_mode = OFF; PRAGMA heap.synchronous = OFF")
            try db.execute(sql: "CREATE TABLE heap.records (key BLOB, record BLOB)")
        }
    }

    func storedRecord(_ key: Digest) -> StoredRecord? { known[key] }

    func page(_ id: StatePageID) -> [UInt8]? { pages[id] }

    /// Takes a step of the ledger; the first is block 0.
    func take(_ ledger: inout Ledger) throws {
        let flush = ledger.beginFlush()
        if !hasGenesis {
            for (key, bytes) in flush.records { known[key] = try StoredRecord(cbor: bytes) }
            hasGenesis = true
        }
        try queue.write { db in
            let put = try db.cachedStatement(sql: "INSERT INTO heap.records VALUES (?, ?)")
            for (key, bytes) in flush.records { try put.execute(arguments: [key.blob, Data(bytes)]) }
        }
        for page in flush.pages { pages[page.id] = page.bytes }
        checkpoint = flush.checkpoint
        ledger.confirmFlush()
    }

    /// Sorts everything into its place and makes the file a state database.
    func finish() throws {
        guard let checkpoint else { preconditionFailure("a state without a block") }
        try queue.write { db in
            try db.execute(sql: "INSERT INTO records SELECT * FROM heap.records ORDER BY key")
            let put = try db.cachedStatement(sql: StateSchema.putPage)
            for id in pages.keys.sorted() {
                // The key was just taken from this dictionary.
                try put.execute(arguments: [Data(id.storageKey), Data(pages[id] ?? [])])
            }
            try db.execute(sql: StateSchema.putCheckpoint, arguments: [Data(checkpoint.cbor)])
        }
        try queue.inDatabase { db in
            try db.execute(sql: "DETACH heap; PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL")
            try db.execute(sql: "PRAGMA user_version = \(StateSchema.version)")
        }
        try queue.close()
        try FileManager.default.removeItem(atPath: heapPath)
    }
}
