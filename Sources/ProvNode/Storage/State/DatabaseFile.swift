import Foundation
import GRDB
import ProvChain

/// How the databases of a node are opened: write-ahead log, one schema version, refused if it is unknown.
struct DatabaseFile: Sendable {
    let path: String
    /// Grows with every change of the schema. Databases of an older version are built again from the log.
    let schemaVersion: Int
    /// The statements that create the schema in an empty database.
    let schema: String
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
        configuration.prepareDatabase { [path, schemaVersion, overwritesRemoved, pageBytes] db in
            let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            // Thrown before anything is written to the file.
            guard found <= schemaVersion else {
                throw DatabaseFailure.newerSchema(file: path, found: found, known: schemaVersion)
            }
            // The page size of a database is settled by its first write, and switching to WAL is one.
            try db.execute(sql: "PRAGMA page_size = \(pageBytes)")
            try db.execute(sql: "PRAGMA journal_size_limit = \(Self.walBytes)")
            // Negative means KiB, positive would mean pages.
            try db.execute(sql: "PRAGMA cache_size = -\(cacheKilobytes)")
            if overwritesRemoved { try db.execute(sql: "PRAGMA secure_delete = ON") }
        }
        return configuration
    }

    /// Creates the schema, unless the database has it; one of an older version is emptied first.
    func prepare(_ writer: some DatabaseWriter) throws {
        try writer.write { db in
            let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
            if found != schemaVersion { try recreate(db) }
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
        // user_version is part of the database's header, so it is transactional like everything else.
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
