import ProvChain

/// The statements that write a flush.
///
/// Records that are new get their rows first, by ``newPlaces(_:)``, and are written beside the leaves. Where the others
/// lie, the leaf file says when it writes their leaves.
struct StateWriter {
    private let addRecord: SQLiteStatement
    private let changeRecord: SQLiteStatement
    private let putCheckpoint: SQLiteStatement
    private let lastPlace: SQLiteStatement

    init(_ connection: OpaquePointer) throws {
        addRecord = try SQLiteStatement(StateSchema.addRecord, on: connection)
        changeRecord = try SQLiteStatement(StateSchema.changeRecord, on: connection)
        putCheckpoint = try SQLiteStatement(StateSchema.putCheckpoint, on: connection)
        lastPlace = try SQLiteStatement(StateSchema.lastPlace, on: connection)
    }

    /// Gives each record that is certainly new its row, in the order of the flush: what one statement made lies together.
    /// The others get theirs when their leaves are written.
    ///
    /// - Returns: the leaf of each record, in the order of the flush, and the first row that is still free.
    func newPlaces(_ records: ChangedRecords) throws -> (leaves: [PlacedLeaf], next: Int64) {
        var next: Int64 = 0
        try lastPlace.run { row in next = row.number(0) + 1 }
        var leaves: [PlacedLeaf] = []
        leaves.reserveCapacity(records.count)
        for position in records.indices {
            let leaf = records.leaf(at: position)
            if Self.isNew(records, position) {
                leaves.append(PlacedLeaf(leaf: leaf, place: next))
                next += 1
            } else {
                leaves.append(PlacedLeaf(leaf: leaf))
            }
        }
        return (leaves, next)
    }

    /// A record that a single statement touched is new.
    private static func isNew(_ records: ChangedRecords, _ position: Int) -> Bool { records.touches(at: position) == 1 }

    /// Adds the records that are certainly new, inside the caller's transaction.
    ///
    /// - Parameter next: the first row behind them.
    func addNew(_ records: ChangedRecords, from next: Int64) throws {
        var place = next - Int64(records.indices.count { Self.isNew(records, $0) })
        var writer = CBORWriter(reserving: Self.usualRecordBytes)
        for position in records.indices where Self.isNew(records, position) {
            let (key, stored) = records[position]
            writer.removeAll()
            stored.encode(to: &writer)
            try addRecord.run(place, key, writer.bytes)
            place += 1
        }
    }

    private static let usualRecordBytes = 1_024

    /// Writes the other records and the checkpoint, inside the caller's transaction.
    ///
    /// - Parameter next: the first row that was free before these records got theirs.
    func write(_ flush: StateFlush, mark: Digest, at places: [PlacedLeaf], from next: Int64) throws {
        var writer = CBORWriter(reserving: Self.usualRecordBytes)
        for position in flush.records.indices where !Self.isNew(flush.records, position) {
            let (key, stored) = flush.records[position]
            let place = places[position].place
            writer.removeAll()
            stored.encode(to: &writer)
            if place < next {
                try changeRecord.run(writer.bytes, place)
            } else {
                try addRecord.run(place, key, writer.bytes)
            }
        }
        try putCheckpoint.run(flush.checkpoint.cbor, mark)
    }
}
