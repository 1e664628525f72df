import GRDB
import ProvChain

/// The statements that write a flush, in the order in which a database is best written.
struct StateWriter {
    private let leaf: SQLiteStatement
    private let addLeaf: SQLiteStatement
    private let changeLeaf: SQLiteStatement
    private let addRecord: SQLiteStatement
    private let changeRecord: SQLiteStatement
    private let putCheckpoint: SQLiteStatement
    private let lastPlace: SQLiteStatement

    init(_ connection: OpaquePointer) throws {
        leaf = try SQLiteStatement(StateSchema.leaf, on: connection)
        addLeaf = try SQLiteStatement(StateSchema.addLeaf, on: connection)
        changeLeaf = try SQLiteStatement(StateSchema.changeLeaf, on: connection)
        addRecord = try SQLiteStatement(StateSchema.addRecord, on: connection)
        changeRecord = try SQLiteStatement(StateSchema.changeRecord, on: connection)
        putCheckpoint = try SQLiteStatement(StateSchema.putCheckpoint, on: connection)
        lastPlace = try SQLiteStatement(StateSchema.lastPlace, on: connection)
    }

    /// Writes everything, inside the caller's transaction.
    func write(_ flush: StateFlush) throws {
        var next: Int64 = 0
        try lastPlace.run { row in next = row.number(0) + 1 }
        var writer = CBORWriter(reserving: 1_024)
        for key in flush.keys {
            // The key was just taken from this dictionary.
            let stored = flush.records[key]!
            writer.removeAll()
            stored.encode(to: &writer)
            let hash = SHA256.hash(writer.bytes)
            if let place = try place(of: key, stored) {
                try changeLeaf.run(hash, key)
                try changeRecord.run(writer.bytes, place)
            } else {
                try addLeaf.run(key, hash, next)
                try addRecord.run(next, writer.bytes)
                next += 1
            }
        }
        try putCheckpoint.run(flush.checkpoint.cbor)
    }

    /// Where the record lies; `nil` if it is new, as one is that a single statement touched.
    private func place(of key: Digest, _ stored: StoredRecord) throws -> Int64? {
        guard stored.history.count > 1 else { return nil }
        var place: Int64?
        try leaf.run(key) { row in place = row.number(1) }
        return place
    }
}
