import Foundation
import GRDB
import ProvChain

/// Fills an index with many blocks at once.
///
/// Nothing has to survive a crash before the end, so nothing is written twice; the full-text index gathers words for
/// longer, and is merged into one segment at the end.
///
/// Until ``finish(_:)`` the file has the application id of an index, and schema version 0. Whoever opens it then
/// finds an empty index, to be filled from the log, which is what an interrupted filling needs.
final class IndexFilling {
    private let path: String
    private let queue: DatabaseQueue
    private var keys: RegisterWriting

    private static let cacheKilobytes = 512 << 10
    /// Bytes of words that are gathered before they are written as one segment.
    private static let wordBytes = 64 << 20
    /// Entries of the register that are sorted in memory: 48 MiB.
    static let defaultRunEntries = 2_000_000

    /// Starts an index in a file that does not exist yet.
    init(path: String, runEntries: Int = defaultRunEntries) throws(DatabaseFailure) {
        self.path = path
        keys = RegisterWriting(runEntries: runEntries)
        let file = IndexSchema.file(path)
        let words = Self.wordBytes
        queue = try DatabaseFailure.catching(path) {
            var configuration = file.configuration(cacheKilobytes: Self.cacheKilobytes, label: "index.filling")
            configuration.journalMode = .default
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try queue.inDatabase { db in
                // An interrupted filling is made again, so nothing has to survive a crash.
                try db.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
                try db.execute(sql: "PRAGMA application_id = \(IndexSchema.applicationID)")
                try db.execute(sql: IndexSchema.sql)
                try db.execute(sql: "INSERT INTO words (words, rank) VALUES ('hashsize', \(words)), ('automerge', 0)")
            }
            return queue
        }
    }

    /// Adds blocks in the order of their heights, from block 0 on.
    func add(_ blocks: [ExecutedBlock], attachments: (Digest) -> [UInt8]?) throws(DatabaseFailure) {
        keys.release()
        var next = keys
        try DatabaseFailure.catching(path) {
            try queue.write { db in
                _ = try IndexDatabase.write(blocks, db, IndexSchema.file(path), &next, attachments)
            }
        }
        keys = next
    }

    /// Makes the file an index.
    ///
    /// - Parameter progress: told what is being done.
    func finish(_ progress: (String) -> Void) throws(DatabaseFailure) {
        try DatabaseFailure.catching(path) {
            progress("merging words")
            try queue.write { db in try db.execute(sql: "INSERT INTO words (words) VALUES ('optimize')") }
            progress("finishing")
            try queue.inDatabase { db in
                try db.execute(
                    sql: "INSERT INTO words (words, rank) VALUES ('hashsize', 1048576), ('automerge', 4)")
                try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL")
                try IndexSchema.file(path).mark(db)
            }
            try queue.close()
        }
    }
}
