import ProvChain

/// The statements that write a flush.
///
/// The rows are given out first, by ``places(_:over:)``; then records and leaves can be written side by side.
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

    /// Where the records of a flush go.
    struct Places: Sendable {
        /// The leaf of each record with its row, in the order of the flush.
        fileprivate(set) var leaves: [PlacedLeaf] = []
        /// The first row that is new; new ones ascend from it.
        fileprivate let firstNew: Int64
    }

    /// Gives each record its row.
    ///
    /// - Parameter leaves: as of the last flush: they say where the records are that change.
    func places(_ records: ChangedRecords, over leaves: LeafFile) throws -> Places {
        var next: Int64 = 0
        try lastPlace.run { row in next = row.number(0) + 1 }
        var places = Places(firstNew: next)
        places.leaves.reserveCapacity(records.count)
        for position in records.indices {
            let leaf = records.leaf(at: position)
            // A record that a single statement touched is new.
            if records.touches(at: position) > 1, let place = try leaves.leaf(leaf.key)?.place {
                places.leaves.append(PlacedLeaf(leaf: leaf, place: place))
            } else {
                places.leaves.append(PlacedLeaf(leaf: leaf, place: next))
                next += 1
            }
        }
        return places
    }

    /// Writes the records and the checkpoint, inside the caller's transaction.
    func write(_ flush: StateFlush, mark: Digest, at places: Places) throws {
        var writer = CBORWriter(reserving: 1_024)
        for (placed, (key, stored)) in zip(places.leaves, flush.records) {
            writer.removeAll()
            stored.encode(to: &writer)
            if placed.place < places.firstNew {
                try changeRecord.run(writer.bytes, placed.place)
            } else {
                try addRecord.run(placed.place, key, writer.bytes)
            }
        }
        try putCheckpoint.run(flush.checkpoint.cbor, mark)
    }
}
