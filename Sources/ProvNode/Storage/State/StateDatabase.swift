import Foundation
import GRDB
import ProvChain

/// Records and tree pages as of the last flush, from which a restarted ledger goes on.
///
/// A flush is one transaction, so the database always stands at one height. It need not survive a power cut
/// the moment it is written, because the log is the durable copy: after a cut the database stands at an
/// earlier flush, whole, and the blocks since then are executed again.
///
/// One thread writes; another may read at the same time, on a connection of its own, and blocks while it does.
final class StateDatabase: StateSource, Sendable {
    private let file: DatabaseFile
    private let writer: DatabaseQueue
    private let reader: DatabaseQueue

    private static let writerCacheKilobytes = 16_384
    private static let readerCacheKilobytes = 16_384

    /// Opens the database at `path`, or creates it. One of another application, of a newer release, or of an
    /// older one from which no migration leads, is refused.
    init(path: String) throws(DatabaseFailure) {
        let file = StateSchema.file(path)
        self.file = file
        (writer, reader) = try DatabaseFailure.catching(path) {
            let writer = try DatabaseQueue(
                path: path,
                configuration: file.configuration(cacheKilobytes: Self.writerCacheKilobytes, label: "state.writer"))
            try file.prepare(writer)
            var readOnly = file.configuration(cacheKilobytes: Self.readerCacheKilobytes, label: "state.reader")
            readOnly.readonly = true
            return (writer, try DatabaseQueue(path: path, configuration: readOnly))
        }
    }

    /// Where the database stands; `nil` if nothing was flushed into it.
    func checkpoint() throws(DatabaseFailure) -> StateCheckpoint? {
        try DatabaseFailure.catching(file.path) {
            guard let bytes = try fetch(StateSchema.checkpoint, []) else { return nil }
            do {
                return try StateCheckpoint(cbor: bytes)
            } catch {
                throw DatabaseFailure.damaged(file: file.path, reason: "its checkpoint: \(error)")
            }
        }
    }

    func storedRecord(_ key: Digest) throws -> StoredRecord? {
        try DatabaseFailure.catching(file.path) {
            guard let bytes = try fetch(StateSchema.record, [key.blob]) else { return nil }
            do {
                return try StoredRecord(cbor: bytes)
            } catch {
                throw DatabaseFailure.damaged(file: file.path, reason: "record \(key): \(error)")
            }
        }
    }

    func page(_ id: StatePageID) throws(MerkleError) -> [UInt8]? {
        do {
            return try DatabaseFailure.catching(file.path) { try fetch(StateSchema.page, [Data(id.storageKey)]) }
        } catch {
            throw .storage("\(error)")
        }
    }

    /// Writes one step of the ledger: all of it or nothing.
    func write(_ flush: StateFlush) throws(DatabaseFailure) {
        try DatabaseFailure.catching(file.path) {
            try writer.write { db in
                let putRecord = try db.cachedStatement(sql: StateSchema.putRecord)
                for record in flush.records {
                    try putRecord.execute(arguments: [record.key.blob, Data(record.bytes)])
                }
                let putPage = try db.cachedStatement(sql: StateSchema.putPage)
                for page in flush.pages {
                    try putPage.execute(arguments: [Data(page.id.storageKey), Data(page.bytes)])
                }
                try db.cachedStatement(sql: StateSchema.putCheckpoint)
                    .execute(arguments: [Data(flush.checkpoint.cbor)])
            }
        }
    }

    /// Removes everything, to be filled again from the log.
    func erase() throws(DatabaseFailure) {
        try DatabaseFailure.catching(file.path) { try writer.write { db in try file.recreate(db) } }
    }

    /// Closes both connections; the write-ahead log goes with the second.
    func close() throws(DatabaseFailure) {
        try DatabaseFailure.catching(file.path) {
            try reader.close()
            try writer.close()
        }
    }

    /// Reads one value outside of any transaction: each statement sees the last flush, and the ledger keeps
    /// in memory what a flush under way is about to change.
    private func fetch(_ sql: String, _ arguments: StatementArguments) throws -> [UInt8]? {
        try reader.unsafeRead { db in
            let statement = try db.cachedStatement(sql: sql)
            return try Data.fetchOne(statement, arguments: arguments).map { Array($0) }
        }
    }
}
