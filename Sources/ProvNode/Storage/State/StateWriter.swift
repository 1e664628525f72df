import ProvChain

/// The statements that write a flush.
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

    /// Writes the records and the checkpoint, inside the caller's transaction.
    ///
    /// - Returns: the leaves that changed, for the leaf file.
    func write(_ flush: StateFlush, mark: Digest, over leaves: LeafFile) throws -> [PlacedLeaf] {
        var next: Int64 = 0
        try lastPlace.run { row in next = row.number(0) + 1 }
        var changed: [PlacedLeaf] = []
        changed.reserveCapacity(flush.records.count)
        var writer = CBORWriter(reserving: 1_024)
        for (key, stored) in flush.records {
            writer.removeAll()
            stored.encode(to: &writer)
            let leaf = StateLeaf(key: key, recordHash: SHA256.hash(writer.bytes))
            // A record that a single statement touched is new.
            if stored.history.count > 1, let place = try leaves.leaf(key)?.place {
                try changeRecord.run(writer.bytes, place)
                changed.append(PlacedLeaf(leaf: leaf, place: place))
            } else {
                try addRecord.run(next, key, writer.bytes)
                changed.append(PlacedLeaf(leaf: leaf, place: next))
                next += 1
            }
        }
        try putCheckpoint.run(flush.checkpoint.cbor, mark)
        return changed
    }
}
