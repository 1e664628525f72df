import Foundation
import GRDB
import ProvChain

/// Follows entries of the register to the rows they lead to, and leaves out those that share a key by chance.
struct IndexedEvents {
    private let db: Database
    let keys: RegisterReader

    init(_ db: Database, _ keys: RegisterReader) {
        self.db = db
        self.keys = keys
    }

    /// What one statement did to a record.
    struct Event {
        let leaf: UInt64
        let row: Row
        let effect: IndexedEffect
    }

    // MARK: Statements

    /// The row of a final statement.
    func statement(_ id: Digest) throws -> Row? {
        let wanted = id.blob
        return try first(RegisterRange(RegisterKey.statement(id)), ascending: false) { row in
            row["id"] as Data == wanted ? row : nil
        }
    }

    /// Where a final statement stands. Less than ``statement(_:)`` reads.
    func leaf(of id: Digest) throws -> UInt64? {
        let wanted = id.blob
        let statement = try db.cachedStatement(sql: "SELECT id FROM statements WHERE leaf = ?")
        var found: UInt64?
        try keys.descending(RegisterRange(RegisterKey.statement(id))) { entry in
            guard try Data.fetchOne(statement, arguments: [entry.leaf.clamped]) == wanted else { return true }
            found = entry.leaf
            return false
        }
        return found
    }

    // MARK: Records

    /// The event with a number in a record's history.
    func event(_ urn: URN, _ number: UInt64) throws -> Event? {
        try first(RegisterRange(RegisterKey.record(urn), numbers: number...number), ascending: true) { row in
            try event(urn, row).flatMap { $0.effect.number == number ? $0 : nil }
        }
    }

    /// The latest event in a record's history; `nil` if there is no such record.
    func latest(_ urn: URN) throws -> Event? {
        try first(RegisterRange(RegisterKey.record(urn), numbers: 1...UInt64(UInt32.max)), ascending: false) { row in
            try event(urn, row)
        }
    }

    /// The leaf of the statement that made a record.
    func origin(of urn: URN) throws -> UInt64? { try event(urn, 1)?.leaf }

    /// Events in order; `take` gives false if it wants no more.
    func forEach(_ urn: URN, numbers: ClosedRange<UInt64>, _ take: (Event) throws -> Bool) throws {
        let statement = try db.cachedStatement(sql: Self.rowOfLeaf)
        try keys.ascending(RegisterRange(RegisterKey.record(urn), numbers: numbers)) { entry in
            guard let event = try event(urn, Self.row(statement, entry.leaf)) else { return true }
            return try take(event)
        }
    }

    private func event(_ urn: URN, _ row: Row) throws -> Event? {
        try IndexedEffects(row.bytes("records")).effect(on: urn).map {
            Event(leaf: try row.number("leaf"), row: row, effect: $0)
        }
    }

    // MARK: Attachments

    /// Statements that commit to an attachment, in order.
    func forEach(committingTo hash: Digest, _ take: (Row) throws -> Bool) throws {
        let statement = try db.cachedStatement(sql: Self.rowOfLeaf)
        try keys.ascending(RegisterRange(RegisterKey.attachment(hash))) { entry in
            let row = try Self.row(statement, entry.leaf)
            guard try row.digests("attachments").contains(hash) else { return true }
            return try take(row)
        }
    }

    // MARK: Rows

    private static let rowOfLeaf = "SELECT * FROM statements WHERE leaf = ?"

    private static func row(_ statement: GRDB.Statement, _ leaf: UInt64) throws -> Row {
        guard let row = try Row.fetchOne(statement, arguments: [leaf.clamped]) else {
            throw DamagedColumn(column: "entries")
        }
        return row
    }

    private func first<T>(_ range: RegisterRange, ascending: Bool, _ match: (Row) throws -> T?) throws -> T? {
        let statement = try db.cachedStatement(sql: Self.rowOfLeaf)
        var found: T?
        let look = { (entry: RegisterEntry) throws -> Bool in
            found = try match(Self.row(statement, entry.leaf))
            return found == nil
        }
        if ascending { try keys.ascending(range, look) } else { try keys.descending(range, look) }
        return found
    }
}

extension Row {
    /// Hashes one after the other; none if there is no value.
    func digests(_ column: String) throws -> [Digest] {
        guard let bytes: Data = self[column] else { return [] }
        guard bytes.count.isMultiple(of: Digest.byteCount) else { throw DamagedColumn(column: column) }
        return try stride(from: 0, to: bytes.count, by: Digest.byteCount).map { place in
            guard let digest = Digest(bytes.dropFirst(place).prefix(Digest.byteCount)) else {
                throw DamagedColumn(column: column)
            }
            return digest
        }
    }
}
