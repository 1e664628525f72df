import Dispatch
import Foundation
import GRDB
import ProvChain
import Synchronization

/// Records and leaves of the state tree as of the last flush, from which a restarted ledger goes on.
///
/// A flush is one transaction, so the database always stands at one height. It need not survive a power cut
/// the moment it is written, because the log is the durable copy: after a cut the database stands at an
/// earlier flush, whole, and the blocks since then are executed again. The leaves lie in a file of their own
/// (``LeafFile``), which is filled again from the records whenever it is not that of the last flush.
///
/// One thread writes; others may read at the same time, on a connection of its own, one at a time.
final class StateDatabase: StateSource, Sendable {
    private let file: DatabaseFile
    private let writer: DatabaseQueue
    /// Holds the connection that ``Reading`` uses, and is not used otherwise.
    private let readerQueue: DatabaseQueue
    private let reading: Mutex<Reading>
    private let leafFile: LeafFile

    /// What a reading thread needs, one thread at a time.
    private struct Reading: ~Copyable, @unchecked Sendable {
        // Safe to send: the connection behind it is used inside the lock only.
        private var reader: StateReader?
        var cache: RecordCache

        init(_ reader: StateReader, cache: RecordCache) {
            self.reader = reader
            self.cache = cache
        }

        /// The reader; throws once the database is closed.
        var open: StateReader {
            get throws(DatabaseError) {
                guard let reader else { throw DatabaseError(message: "the database is closed") }
                return reader
            }
        }

        /// Lets go of the connection's statements, so that it can be closed.
        mutating func close() throws {
            try reader?.refresh()
            reader = nil
            cache.removeAll()
        }
    }

    private static let writerCacheKilobytes = 16_384
    private static let readerCacheKilobytes = 16_384
    /// Records kept after they were read: some ten megabytes, and the accounts of a busy network.
    private static let cachedRecords = 16_384

    /// Opens the database at `path`, or creates it. One of another application, of a newer release, or of an
    /// older one from which no migration leads, is refused.
    init(path: String) throws(DatabaseFailure) {
        let file = StateSchema.file(path)
        self.file = file
        let (writer, readerQueue, reader) = try DatabaseFailure.catching(path) {
            var configuration = file.configuration(cacheKilobytes: Self.writerCacheKilobytes, label: "state.writer")
            configuration.prepareDatabase { db in
                // After a flush the reader has to let go of its snapshot first: see write(_:).
                try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
            }
            let writer = try DatabaseQueue(path: path, configuration: configuration)
            try file.prepare(writer)
            var readOnly = file.configuration(cacheKilobytes: Self.readerCacheKilobytes, label: "state.reader")
            readOnly.readonly = true
            let queue = try DatabaseQueue(path: path, configuration: readOnly)
            let reader = try queue.unsafeRead { db in
                guard let connection = db.sqliteConnection else { throw DatabaseError(message: "not connected") }
                return try StateReader(connection)
            }
            return (writer, queue, reader)
        }
        self.writer = writer
        self.readerQueue = readerQueue
        reading = Mutex(Reading(reader, cache: RecordCache(capacity: Self.cachedRecords)))
        leafFile = try DatabaseFailure.catching(path) { try LeafFile(path: path + StateSchema.leavesSuffix) }
        try DatabaseFailure.catching(path) {
            try writer.read { db in
                let mark = try Data.fetchOne(db, sql: StateSchema.mark).flatMap { Digest($0) }
                if mark == nil || leafFile.mark != mark { try fillLeaves(db, mark) }
            }
        }
    }

    /// Leaves that are sorted and put at a time when the leaf file is made anew: some 50 MiB.
    private static let leavesPerFilling = 500_000

    /// Makes the leaf file from the records.
    private func fillLeaves(_ db: Database, _ mark: Digest?) throws {
        try leafFile.removeAll()
        guard let mark, let connection = db.sqliteConnection else { return }
        var waiting: [PlacedLeaf] = []
        try SQLiteStatement(StateSchema.everything, on: connection).run { row in
            let leaf = StateLeaf(key: try row.digest(1, "key"), recordHash: SHA256.hash(row.bytes(2)))
            waiting.append(PlacedLeaf(leaf: leaf, place: row.number(0)))
            guard waiting.count == Self.leavesPerFilling else { return }
            try leafFile.put(waiting)
            waiting.removeAll(keepingCapacity: true)
        }
        try leafFile.put(waiting)
        try leafFile.finish(mark)
    }

    /// Where the database stands; `nil` if nothing was flushed into it.
    func checkpoint() throws(DatabaseFailure) -> StateCheckpoint? {
        try DatabaseFailure.catching(file.path) {
            guard let bytes = try writer.read({ try Data.fetchOne($0, sql: StateSchema.checkpoint) }) else {
                return nil
            }
            do {
                return try StateCheckpoint(cbor: Array(bytes))
            } catch {
                throw DatabaseFailure.damaged(file: file.path, reason: "its checkpoint: \(error)")
            }
        }
    }

    /// How many records there are.
    func recordCount() throws(DatabaseFailure) -> Int {
        try DatabaseFailure.catching(file.path) {
            try writer.read { try Int.fetchOne($0, sql: StateSchema.lastPlace) } ?? 0
        }
    }

    func storedRecord(_ key: Digest) throws -> StoredRecord? {
        try reading.withLock { reading in
            if let record = reading.cache.record(key) { return record }
            return try DatabaseFailure.catching(file.path) {
                guard let placed = try leafFile.leaf(key) else { return nil }
                let bytes = try reading.open.record(at: placed.place)
                guard SHA256.hash(bytes) == placed.leaf.recordHash else {
                    throw DatabaseFailure.damaged(file: file.path, reason: "record \(key) does not have its hash")
                }
                do {
                    let record = try StoredRecord(cbor: bytes)
                    reading.cache.insert(record, key)
                    return record
                } catch {
                    throw DatabaseFailure.damaged(file: file.path, reason: "record \(key): \(error)")
                }
            }
        }
    }

    func leaves(under prefix: StatePrefix) throws(MerkleError) -> [StateLeaf] {
        var found: [StateLeaf] = []
        try appendLeaves(under: prefix, to: &found)
        return found
    }

    func appendLeaves(under prefix: StatePrefix, to list: inout [StateLeaf]) throws(MerkleError) {
        do {
            try DatabaseFailure.catching(file.path) { try leafFile.appendLeaves(under: prefix, to: &list) }
        } catch {
            throw .storage("\(error)")
        }
    }

    /// Writes one step of the ledger: all of it or nothing.
    func write(_ flush: StateFlush) throws(DatabaseFailure) {
        try DatabaseFailure.catching(file.path) {
            var generator = SystemRandomNumberGenerator()
            let mark = SHA256.hash((0..<Digest.byteCount).map { _ in UInt8.random(in: 0...255, using: &generator) })
            // Records and leaves side by side. The leaf file does not count until it bears the mark of the transaction.
            let leaves = LeafWriting(leafFile)
            do {
                try writer.write { db in
                    guard let connection = db.sqliteConnection else { throw DatabaseError(message: "not connected") }
                    let writer = try StateWriter(connection)
                    let (placed, next) = try writer.newPlaces(flush.records)
                    try leaves.begin(placed, next: next)
                    try writer.addNew(flush.records, from: next)
                    try writer.write(flush, mark: mark, at: try leaves.placed(), from: next)
                }
            } catch {
                // What is said is why the transaction failed.
                try? leaves.finish(nil)
                throw error
            }
            try leaves.finish(mark)
            // From here on reads see the flush. A reader holds on to the part of the write-ahead log that its
            // snapshot needs, so it takes a new one before the log is copied into the database, and after, when it
            // needs nothing of it: else the log would never be written from its beginning again.
            try reading.withLock { reading in
                try reading.open.refresh()
                reading.cache.update(flush.records)
            }
            try writer.writeWithoutTransaction { _ = try $0.checkpoint(.passive) }
            try reading.withLock { try $0.open.refresh() }
        }
    }

    /// Removes everything, to be filled again from the log.
    func erase() throws(DatabaseFailure) {
        try DatabaseFailure.catching(file.path) {
            try reading.withLock { reading in
                try reading.open.refresh()
                reading.cache.removeAll()
            }
            try writer.write { db in try file.recreate(db) }
            try leafFile.removeAll()
        }
    }

    /// Closes both connections; the write-ahead log goes with the second. What waits in the kernel's memory is
    /// written out, so that the leaf file need not be made anew after the machine was started again.
    func close() throws(DatabaseFailure) {
        try DatabaseFailure.catching(file.path) {
            try leafFile.sync()
            try reading.withLock { try $0.close() }
            try readerQueue.close()
            try writer.close()
        }
    }
}

/// Leaves that are written on a thread of their own, which finds out where the records are that change.
private final class LeafWriting: Sendable {
    private let leafFile: LeafFile
    private let isDone = DispatchSemaphore(value: 0)
    private let outcome = Mutex<Result<[PlacedLeaf], any Error>?>(nil)
    private let hasBegun = Atomic<Bool>(false)

    init(_ leafFile: LeafFile) { self.leafFile = leafFile }

    /// - Parameter next: the place for the first leaf without one that is new.
    func begin(_ leaves: [PlacedLeaf], next: Int64) throws {
        try leafFile.begin()
        hasBegun.store(true, ordering: .relaxed)
        DispatchQueue(label: "provnode.leaves", qos: .utility).async { [self] in
            let result = Result {
                var leaves = leaves
                _ = try leafFile.put(&leaves, next: next)
                return leaves
            }
            outcome.withLock { $0 = result }
            isDone.signal()
        }
    }

    /// Waits until the leaves are written; they have places then.
    func placed() throws -> [PlacedLeaf] {
        isDone.wait()
        isDone.signal()
        guard let outcome = outcome.withLock({ $0 }) else { preconditionFailure("leaves that were never written") }
        return try outcome.get()
    }

    /// Waits until the leaves are written. With a mark, the file counts from now on.
    func finish(_ mark: Digest?) throws {
        guard hasBegun.load(ordering: .relaxed) else { return }
        _ = try placed()
        if let mark { try leafFile.finish(mark) }
    }
}
