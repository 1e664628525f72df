import Foundation
import GRDB
import ProvChain

/// Fills an index with many blocks at once, at the speed of sequential writes.
///
/// Most rows have hashes for keys. Inserted one by one into a large B-tree, each costs a page of reading and
/// writing. So a filling keeps them in heaps, in the order in which they come, and sorts them into their
/// tables at the end; indexes are made then too, and the full-text index is merged into one segment.
///
/// Until ``finish(_:)`` the file has the application id of an index, and schema version 0. Whoever opens it then
/// finds an empty index, to be filled from the log, which is what an interrupted filling needs.
final class IndexFilling {
    private let path: String
    private let heapPath: String
    private let queue: DatabaseQueue
    private var next: UInt64 = 0

    private static let cacheKilobytes = 512 << 10
    /// Bytes of words that are gathered before they are written as one segment.
    private static let wordBytes = 64 << 20

    /// Starts an index in a file that does not exist yet.
    init(path: String) throws(DatabaseFailure) {
        self.path = path
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
                return next
            }
        }
    }

    /// Sorts everything into its place and makes the file an index.
    ///
    /// - Parameter progress: told what is being done.
    func finish(_ progress: (String) -> Void) throws(DatabaseFailure) {
        let steps = [
            ("sorting histories", "INSERT INTO links SELECT * FROM heap.links ORDER BY urn, number"),
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
}
