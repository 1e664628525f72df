import Foundation
import GRDB
import ProvChain

/// How the databases of a node are opened: write-ahead log, one application id, one schema version.
///
/// The application id tells the state from the index and both from any other SQLite file; the version grows
/// with every change of the schema. A file is looked at before anything is written to it, so one that is not
/// ours, or is newer than this program, is left exactly as it was.
struct DatabaseFile: Sendable {
    let path: String
    /// Four letters in the file's header: what `file` and SQLite call the application.
    let applicationID: Int
    /// Grows with every change of the schema.
    let schemaVersion: Int
    /// The statements that create the schema in an empty database.
    let schema: String
    /// A table that every version of the schema has: it tells a database from before application ids.
    let landmark: String
    /// By version, the statements that lead from it to the next one. Where there are none, the database is
    /// built again from the log.
    var migrations: [Int: String] = [:]
    /// True if what is removed must be overwritten, because it may be what somebody asked to be taken down.
    var overwritesRemoved = false

    /// Bytes of a database page, for a database that is new. Most rows are larger than a hundred bytes, and
    /// several should fit.
    var pageBytes = 8_192
    /// Bytes to which the write-ahead log is cut back after a large transaction.
    private static let walBytes = 64 << 20
    private static let busySeconds = 10.0

    /// - Parameter cacheKilobytes: pages that a connection keeps in memory.
    func configuration(cacheKilobytes: Int, label: String) -> Configuration {
        var configuration = Configuration()
        configuration.label = label
        configuration.journalMode = .wal
        configuration.busyMode = .timeout(Self.busySeconds)
        configuration.prepareDatabase { [self] db in
            // Thrown before anything is written to the file.
            try checkLength()
            _ = try version(db)
            // The page size of a database is settled by its first write, and switching to WAL is one.
            try db.execute(sql: "PRAGMA page_size = \(pageBytes)")
            try db.execute(sql: "PRAGMA journal_size_limit = \(Self.walBytes)")
            // Negative means KiB, positive would mean pages.
            try db.execute(sql: "PRAGMA cache_size = -\(cacheKilobytes)")
            if overwritesRemoved { try db.execute(sql: "PRAGMA secure_delete = ON") }
        }
        return configuration
    }

    /// The database for reading alone; `nil` if there is no file. Its writer may be at work.
    func openReadOnly() throws -> DatabaseQueue? {
        guard LogFolder.exists(path) else { return nil }
        var configuration = configuration(cacheKilobytes: Self.readOnlyCacheKilobytes, label: "read-only")
        configuration.readonly = true
        let queue = try DatabaseQueue(path: path, configuration: configuration)
        let found = try queue.read { db in try version(db) }
        // An empty file is what a crash leaves that came before the first transaction.
        guard let found else { return nil }
        guard found == schemaVersion else {
            throw DatabaseFailure.olderSchema(file: path, found: found, known: schemaVersion)
        }
        return queue
    }

    private static let readOnlyCacheKilobytes = 16_384

    /// Throws if a write-ahead log lies beside the closed file: the file alone is then not what was written.
    func requireNothingBeside() throws(DatabaseFailure) {
        guard !LogFolder.exists(path + "-wal") else {
            throw .failed(file: path, reason: "its write-ahead log could not be taken in")
        }
    }

    /// Throws if the file does not end with a page, or before its last one. SQLite would read missing bytes as zeros,
    /// miss a page only when it is asked for, and take a file of one byte for an empty one.
    private func checkLength() throws {
        // While pages move from the write-ahead log into the file, a crash may cut one, and the log mends it.
        if let log = try LogFile.openIfPresent(path + "-wal", .read), try log.length() > 0 { return }
        guard let file = try LogFile.openIfPresent(path, .read) else { return }
        let length = try file.length()
        guard length > 0 else { return }
        let header = try file.read(at: 0, count: Self.headerBytes)
        guard header.count == Self.headerBytes else {
            throw DatabaseFailure.damaged(file: path, reason: "\(length) bytes are less than a header")
        }
        // Anything else is for SQLite to refuse.
        guard header.starts(with: "SQLite format 3\0".utf8) else { return }
        let size = Int(header[16]) << 8 | Int(header[17])
        let page = size == 1 ? 65_536 : size
        guard page > 0, length.isMultiple(of: page) else {
            throw DatabaseFailure.damaged(file: path, reason: "\(length) bytes are not whole pages of \(page)")
        }
        func number(at offset: Int) -> Int { header[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) } }
        // The count of pages holds if it was written with the last change (1.3.7).
        guard number(at: 24) == number(at: 92), number(at: 28) * page > length else { return }
        throw DatabaseFailure.damaged(
            file: path, reason: "\(length) bytes are less than its \(number(at: 28)) pages of \(page)")
    }

    /// "Database File Format" 1.3: the page size is in bytes 16 and 17, big-endian.
    private static let headerBytes = 100

    /// The version of the schema in the file; `nil` if it is empty, or was never finished: then it is ours, and
    /// has no version. A newer one and another application's file are errors.
    private func version(_ db: Database) throws -> Int? {
        let application = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
        let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        if application == 0 {
            let tables = try String.fetchAll(db, sql: "SELECT name FROM sqlite_master WHERE type = 'table'")
            if tables.isEmpty, found == 0 { return nil }
            guard tables.contains(landmark) else {
                throw DatabaseFailure.foreign(file: path, applicationID: application)
            }
        } else if application != applicationID {
            throw DatabaseFailure.foreign(file: path, applicationID: application)
        } else if found == 0 {
            return nil
        }
        guard found <= schemaVersion else {
            throw DatabaseFailure.newerSchema(file: path, found: found, known: schemaVersion)
        }
        return found
    }

    /// Creates the schema in an empty or unfinished file, and brings one of an older version up to this one: in one
    /// transaction, so that the file has one version or the other.
    func prepare(_ writer: some DatabaseWriter) throws {
        try writer.write { db in
            guard var found = try version(db) else { return try recreate(db) }
            let original = found
            while found < schemaVersion {
                guard let migration = migrations[found] else {
                    throw DatabaseFailure.olderSchema(file: path, found: original, known: schemaVersion)
                }
                try db.execute(sql: migration)
                found += 1
            }
            try mark(db)
        }
    }

    /// Drops every table and creates the schema anew, in the transaction of the caller.
    func recreate(_ db: Database) throws {
        // Dropping a virtual table drops its shadow tables with it, so those must not be named.
        let tables = try String.fetchAll(
            db,
            sql: """
                SELECT name FROM pragma_table_list
                WHERE schema = 'main' AND type IN ('table', 'virtual') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
                """)
        for table in tables { try db.execute(sql: "DROP TABLE \"\(table)\"") }
        try db.execute(sql: schema)
        try mark(db)
    }

    /// Both numbers are part of the database's header, so they are transactional like everything else.
    func mark(_ db: Database) throws {
        // A marked file is not written to at every start.
        guard
            try Int.fetchOne(db, sql: "PRAGMA application_id") != applicationID
                || Int.fetchOne(db, sql: "PRAGMA user_version") != schemaVersion
        else { return }
        try db.execute(sql: "PRAGMA application_id = \(applicationID)")
        try db.execute(sql: "PRAGMA user_version = \(schemaVersion)")
    }
}

extension Digest {
    /// The 32 bytes as a database takes them.
    var blob: Data { withBytes { Data($0) } }
}

extension Row {
    func digest(_ column: String) throws -> Digest {
        guard let digest = try optionalDigest(column) else { throw DamagedColumn(column: column) }
        return digest
    }

    func optionalDigest(_ column: String) throws -> Digest? {
        guard let bytes: Data = self[column] else { return nil }
        guard let digest = Digest(bytes) else { throw DamagedColumn(column: column) }
        return digest
    }

    /// A number that is never negative. Reading it as UInt64 would trap on a damaged one.
    func number(_ column: String) throws -> UInt64 {
        guard let value: Int64 = self[column], value >= 0 else { throw DamagedColumn(column: column) }
        return UInt64(value)
    }

    func bytes(_ column: String) throws -> [UInt8] {
        guard let bytes: Data = self[column] else { throw DamagedColumn(column: column) }
        return Array(bytes)
    }
}

extension UInt64 {
    /// A number from outside as SQLite can compare it: integers of SQLite have 63 bits and a sign.
    var clamped: Int64 { Int64(clamping: self) }
}
