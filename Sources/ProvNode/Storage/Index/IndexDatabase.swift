import Foundation
import GRDB
import Glibc
import ProvChain
import Synchronization

/// The read model behind the API: statements by identifier, histories, claims by hash, works by words or party.
///
/// It follows the log block by block and can be built again from it. One thread applies blocks; any thread may
/// ask, each question sees whole blocks only.
final class IndexDatabase: Sendable {
    let file: DatabaseFile
    let pool: DatabasePool
    private let indexed: Mutex<UInt64?>
    /// The register as questions see it. Whoever asks takes it before the database's own snapshot, which then has all
    /// of its runs: rows of runs that somebody holds are not removed.
    private let published: Mutex<RegisterSnapshot>
    private let register: Mutex<RegisterWriting>
    private let runEntries: Int

    private static let writerCacheKilobytes = 8_192
    /// Of each connection that reads. What it lacks is in the kernel's memory, if there is some.
    private static let readerCacheKilobytes = 2_048
    private static let readers = 4
    /// Pages in the write-ahead log after which they are copied into the database: 8 MiB. A page that changes again and
    /// again meanwhile is copied once.
    private static let checkpointPages = 2_048

    /// Opens the database at `path`, or creates it. One of another application, of a newer release, or of an
    /// older one from which no migration leads, is refused.
    ///
    /// - Parameter runEntries: how many entries of the register gather in memory.
    init(path: String, runEntries: Int = RegisterWriting.defaultRunEntries) throws(DatabaseFailure) {
        let file = IndexSchema.file(path)
        self.file = file
        self.runEntries = runEntries
        let (pool, height, keys) = try DatabaseFailure.catching(path) {
            var configuration = file.configuration(cacheKilobytes: Self.writerCacheKilobytes, label: "index")
            configuration.maximumReaderCount = Self.readers
            configuration.prepareDatabase { db in
                if db.configuration.readonly {
                    return try db.execute(sql: "PRAGMA cache_size = -\(Self.readerCacheKilobytes)")
                }
                try db.execute(sql: "PRAGMA wal_autocheckpoint = \(Self.checkpointPages)")
            }
            let pool = try DatabasePool(path: path, configuration: configuration)
            try file.prepare(pool)
            return try pool.read { db in
                (pool, try Self.height(db), try RegisterWriting(reading: db, runEntries: runEntries))
            }
        }
        self.pool = pool
        indexed = Mutex(height)
        published = Mutex(keys.snapshot)
        register = Mutex(keys)
    }

    /// The height up to which blocks were applied; `nil` before block 0.
    var height: UInt64? { indexed.withLock { $0 } }

    static func height(_ db: Database) throws -> UInt64? {
        try Row.fetchOne(db, sql: "SELECT MAX(height) AS height FROM blocks WHERE height IS NOT NULL")
            .flatMap { row in row["height"] == nil ? nil : try row.number("height") }
    }

    /// Applies final blocks in the order of their heights, all or none. Blocks that were applied before are
    /// skipped; a gap is an error.
    ///
    /// - Parameter attachments: gives the bytes with a hash, or `nil` if they are not here (yet):
    ///   ``indexMetadata(_:_:)`` takes them later.
    func apply(_ blocks: [ExecutedBlock], attachments: (Digest) -> [UInt8]?) throws(DatabaseFailure) {
        let top = try register.withLock { (register) throws(DatabaseFailure) -> UInt64? in
            register.release()
            var keys = register
            let top = try DatabaseFailure.catching(file.path) {
                try pool.write { db in try Self.write(blocks, db, file, &keys, attachments) }
            }
            register = keys
            published.withLock { $0 = keys.snapshot }
            return top
        }
        indexed.withLock { $0 = top }
    }

    /// Writes what is not there of blocks in their order; the height afterwards.
    static func write(
        _ blocks: [ExecutedBlock], _ db: Database, _ file: DatabaseFile, _ keys: inout RegisterWriting,
        _ attachments: (Digest) -> [UInt8]?
    ) throws -> UInt64? {
        var height = try Self.height(db)
        var end = keys.snapshot.end
        let writer = try IndexWriter(db, RegisterReader(keys.snapshot, db))
        for block in blocks {
            let found = block.header.height
            if let height, found <= height { continue }
            let expected = height.map { $0 + 1 } ?? 0
            guard found == expected else {
                throw DatabaseFailure.heightNotNext(file: file.path, expected: expected, found: found)
            }
            try writer.write(block, attachments: attachments)
            height = found
            end = block.header.leafIndex
        }
        try keys.add(try writer.finish(), end: end, db)
        return height
    }

    /// Makes everything applied so far survive a power cut. Call it before the state is flushed: a state ahead
    /// of its index means that both are built again from the log.
    func makeDurable() throws(DatabaseFailure) {
        // With synchronous = NORMAL a commit is in the write-ahead log but not synced, which is what makes
        // it cheap. One sync covers all commits before it; what a checkpoint moved out was synced by SQLite.
        let wal = file.path + "-wal"
        let descriptor = open(wal, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .failed(file: wal, reason: "open: error \(errno)") }
        defer { Glibc.close(descriptor) }
        guard fdatasync(descriptor) == 0 else { throw .failed(file: wal, reason: "sync: error \(errno)") }
    }

    /// Removes everything, to be filled again from the log.
    func erase() throws(DatabaseFailure) {
        let runEntries = runEntries
        try register.withLock { (register) throws(DatabaseFailure) in
            try DatabaseFailure.catching(file.path) { try pool.write { db in try file.recreate(db) } }
            register = RegisterWriting(runEntries: runEntries)
            published.withLock { $0 = RegisterSnapshot() }
        }
        indexed.withLock { $0 = nil }
    }

    /// Closes all connections; the write-ahead log goes with the last.
    func close() throws(DatabaseFailure) {
        // The pool closes its writer first, and a connection that may only read cannot take the log in.
        pool.invalidateReadOnlyConnections()
        try DatabaseFailure.catching(file.path) { try pool.close() }
    }

    /// As ``close()``, and certain that everything is in the one file and nothing beside it.
    func closeWhole() throws(DatabaseFailure) {
        pool.invalidateReadOnlyConnections()
        try DatabaseFailure.catching(file.path) {
            try pool.writeWithoutTransaction { db in _ = try db.checkpoint(.truncate) }
        }
        try close()
        try file.requireNothingBeside()
    }

    // MARK: Metadata

    /// Indexes the words of a metadata attachment that arrived after its statement. Anything that is not the
    /// metadata of some work is ignored.
    func indexMetadata(_ hash: Digest, _ bytes: [UInt8]) throws(DatabaseFailure) {
        guard SHA256.hash(bytes) == hash, let metadata = try? WorkMetadata(cbor: bytes) else { return }
        try eachWork(with: hash) { leaf, writer in try writer.write(metadata, leaf: leaf) }
    }

    /// Forgets the words of a metadata attachment that was taken down. Fragments of them stay in the file
    /// until ``compactSearch()``.
    func removeMetadata(_ hash: Digest) throws(DatabaseFailure) {
        try eachWork(with: hash) { leaf, writer in try writer.removeMetadata(leaf: leaf) }
    }

    /// Rewrites the full-text index without what was removed. Takes time in proportion to all of it.
    func compactSearch() throws(DatabaseFailure) {
        try DatabaseFailure.catching(file.path) {
            try pool.write { db in try db.execute(sql: "INSERT INTO words (words) VALUES ('optimize')") }
        }
    }

    /// Gives free pages back to the file system. Takes time in proportion to the whole index.
    func vacuum() throws(DatabaseFailure) {
        try DatabaseFailure.catching(file.path) { try pool.vacuum() }
    }

    private func eachWork(
        with metadata: Digest, _ change: (Int64, IndexWriter) throws -> Void
    ) throws(DatabaseFailure) {
        try register.withLock { (register) throws(DatabaseFailure) in
            let snapshot = register.snapshot
            try DatabaseFailure.catching(file.path) {
                try pool.write { db in
                    let keys = try RegisterReader(snapshot, db)
                    let work = try db.cachedStatement(sql: "SELECT metadata FROM works WHERE leaf = ?")
                    var leaves: [Int64] = []
                    try IndexedEvents(db, keys).forEach(committingTo: metadata) { row in
                        let leaf: Int64 = row["leaf"]
                        if try Data.fetchOne(work, arguments: [leaf]) == metadata.blob { leaves.append(leaf) }
                        return true
                    }
                    let writer = try IndexWriter(db, keys)
                    for leaf in leaves { try change(leaf, writer) }
                }
            }
        }
    }

    // MARK: Reading

    /// Asks one question; everything it reads is of one height.
    func read<T>(_ question: (Database, IndexedEvents) throws -> T) throws(DatabaseFailure) -> T {
        let snapshot = published.withLock { $0 }
        return try DatabaseFailure.catching(file.path) {
            try withExtendedLifetime(snapshot) {
                try pool.read { db in try question(db, IndexedEvents(db, try RegisterReader(snapshot, db))) }
            }
        }
    }
}
