import GRDB
import ProvChain

/// The statements that read the state, on a connection of their own inside one long transaction.
///
/// A transaction for each read would cost more than the read. The long one sees the database as of the last
/// ``refresh()``; the ledger keeps in memory what was flushed since.
final class StateReader {
    private let leaf: SQLiteStatement
    private let leaves: SQLiteStatement
    private let record: SQLiteStatement
    private let begin: SQLiteStatement
    private let end: SQLiteStatement
    private var isOpen = false

    init(_ connection: OpaquePointer) throws {
        leaf = try SQLiteStatement(StateSchema.leaf, on: connection)
        leaves = try SQLiteStatement(StateSchema.leaves, on: connection)
        record = try SQLiteStatement(StateSchema.record, on: connection)
        begin = try SQLiteStatement("BEGIN", on: connection)
        end = try SQLiteStatement("COMMIT", on: connection)
    }

    /// Leaves the snapshot, so that the write-ahead log may be reset; the next read takes a new one.
    func refresh() throws {
        guard isOpen else { return }
        isOpen = false
        try end.run()
    }

    private func open() throws {
        guard !isOpen else { return }
        try begin.run()
        isOpen = true
    }

    /// The bytes under a key and the hash that their leaf says they have.
    func record(_ key: Digest) throws -> (bytes: [UInt8], hash: Digest)? {
        try open()
        var found: (hash: Digest, place: Int64)?
        try leaf.run(key) { row in found = (try row.digest(0, "record_hash"), row.number(1)) }
        guard let found else { return nil }
        var bytes: [UInt8]?
        try record.run(found.place) { row in bytes = row.bytes(0) }
        guard let bytes else { throw DamagedColumn(column: "place") }
        return (bytes, found.hash)
    }

    func leaves(_ keys: ClosedRange<Digest>) throws -> [StateLeaf] {
        try open()
        var found: [StateLeaf] = []
        try leaves.run(keys.lowerBound, keys.upperBound) { row in
            found.append(StateLeaf(key: try row.digest(0, "key"), recordHash: try row.digest(1, "record_hash")))
        }
        return found
    }
}
