import GRDB
import ProvChain

/// The statements that read the state, on a connection of their own inside one long transaction.
///
/// A transaction for each read would cost more than the read. The long one sees the database as of the last
/// ``refresh()``; the ledger keeps in memory what was flushed since.
final class StateReader {
    private let record: SQLiteStatement
    private let begin: SQLiteStatement
    private let end: SQLiteStatement
    private var isOpen = false

    init(_ connection: OpaquePointer) throws {
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

    /// The bytes of the record in a row.
    func record(at place: Int64) throws -> [UInt8] {
        try open()
        var bytes: [UInt8]?
        try record.run(place) { row in bytes = row.bytes(0) }
        guard let bytes else { throw DamagedColumn(column: "place") }
        return bytes
    }
}
