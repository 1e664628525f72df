import Foundation
import GRDB
import ProvChain

/// Fills an index with many blocks at once, at the speed of sequential writes.
///
/// Most rows have hashes for keys. Inserted one by one into a large B-tree, each costs a page of reading and
/// writing. So a filling keeps them in heaps, in the order in which they come, and sorts them into their
/// tables at the end, a range of keys at a time, so that what SQLite writes aside while it sorts stays small
/// next to the index; indexes are made then too, and the full-text index is merged into one segment.
///
/// Until ``finish(_:)`` the file has the application id of an index, and schema version 0. Whoever opens it then
/// finds an empty index, to be filled from the log, which is what an interrupted filling needs.
final class IndexFilling {
    private let path: String
    private let heapPath: String
    private let rowsPerSort: Int
    private let queue: DatabaseQueue
    private var next: UInt64 = 0

    private static let cacheKilobytes = 512 << 10
    /// Bytes of words that are gathered before they are written as one segment.
    private static let wordBytes = 64 << 20
    /// Rows of histories that are sorted at once: about 1 GiB.
    static let defaultRowsPerSort = 8_000_000

    /// Starts an index in a file that does not exist yet.
    init(path: String, rowsPerSort: Int = defaultRowsPerSort) throws(DatabaseFailure) {
        self.path = path
        self.rowsPerSort = rowsPerSort
        heapPath = path + "-filling"
        let file = IndexSchema.file(path)
        let (heapPath, words) = (heapPath, Self.wordBytes)
        queue = try DatabaseFailure.catching(path) {
            try? FileManager.default.removeItem(atPath: heapPath)
            var configuration = file.configuration(cacheKilobytes: Self.cacheKilobytes, label: "index.filling")
            configuration.journalMode = .default
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.inDatabase { db in
                // An interrupted filling is made again, so nothing has to survive a crash.
                try db.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA threads = 2")
                try db.execute(sql: "PRAGMA application_id = \(IndexSchema.applicationID)")
                try db.execute(sql: IndexSchema.tables)
                try db.execute(sql: "INSERT INTO words (words, rank) VALUES ('hashsize', \(words)), ('automerge', 0)")
                try db.execute(sql: "ATTACH '\(heapPath)' AS heap")
                try db.execute(sql: "PRAGMA heap.journal_mode = OFF; PRAGMA heap.synchronous = OFF")
                try db.execute(sql: Self.heaps)
            }
            return queue
        }
    }

    private static let heaps = """
        CREATE TABLE heap.links (urn BLOB, number INTEGER, leaf INTEGER, head BLOB, body BLOB);
        CREATE TABLE heap.attachments (hash BLOB, leaf INTEGER, size INTEGER);
        """

    /// Adds blocks in the order of their heights, from block 0 on.
    func add(_ blocks: [ExecutedBlock], attachments: (Digest) -> [UInt8]?) throws(DatabaseFailure) {
        next = try DatabaseFailure.catching(path) {
            try queue.write { db in
                let writer = try IndexWriter(db, .init(links: "heap.links", attachments: "heap.attachments"))
                var next = next
                for block in blocks {
                    guard block.header.height == next else {
                        throw DatabaseFailure.heightNotNext(file: path, expected: next, found: block.header.height)
                    }
                    try writer.write(block, attachments: attachments)
                    next += 1
                }
                try writer.finish()
                return next
            }
        }
    }

    /// Sorts everything into its place and makes the file an index.
    ///
    /// - Parameter progress: told what is being done.
    func finish(_ progress: (String) -> Void) throws(DatabaseFailure) {
        try sortHistories(progress)
        let steps = [
            (
                "sorting attachments",
                "INSERT OR IGNORE INTO attachments SELECT * FROM heap.attachments ORDER BY hash, leaf"
            ),
            ("making indexes", IndexSchema.indexes),
            ("merging words", "INSERT INTO words (words) VALUES ('optimize')"),
            (
                "finishing",
                "INSERT INTO words (words, rank) VALUES ('hashsize', 1048576), ('automerge', 4)"
            ),
        ]
        try DatabaseFailure.catching(path) {
            for (name, sql) in steps {
                progress(name)
                try queue.write { db in try db.execute(sql: sql) }
            }
            try queue.inDatabase { db in
                try db.execute(sql: "DETACH heap; PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL")
                try IndexSchema.file(path).mark(db)
            }
            try queue.close()
            try FileManager.default.removeItem(atPath: heapPath)
        }
    }

    private func sortHistories(_ progress: (String) -> Void) throws(DatabaseFailure) {
        try DatabaseFailure.catching(path) {
            let bounds = try queue.inDatabase(boundsOfSorts)
            for part in 0...bounds.count {
                progress("sorting histories, part \(part + 1) of \(bounds.count + 1)")
                let (from, to) = (part == 0 ? Data() : bounds[part - 1], part < bounds.count ? bounds[part] : nil)
                try queue.write { db in
                    try db.execute(
                        sql: """
                            INSERT INTO links SELECT * FROM heap.links
                            WHERE urn >= ? AND (? IS NULL OR urn < ?) ORDER BY urn, number
                            """,
                        arguments: [from, to, to])
                }
            }
        }
    }

    /// The keys at which one sort ends and the next begins: quantiles of a sample, because a key begins with its
    /// kind, and there are more works than members.
    private func boundsOfSorts(_ db: Database) throws -> [Data] {
        let rows = try Int.fetchOne(db, sql: "SELECT max(rowid) FROM heap.links") ?? 0
        let parts = rows / rowsPerSort + 1
        guard parts > 1 else { return [] }
        let step = max(1, rows / (parts * Self.sampledRowsPerSort))
        let sample = try Data.fetchAll(
            db, sql: "SELECT urn FROM heap.links WHERE rowid % ? = 0 ORDER BY urn", arguments: [step])
        return (1..<parts).map { sample[$0 * sample.count / parts] }
    }

    private static let sampledRowsPerSort = 100
}
