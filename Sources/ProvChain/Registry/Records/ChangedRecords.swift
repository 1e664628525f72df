/// Records that changed and are not stored yet, in the order in which they first changed.
///
/// The order is for whoever stores them: what one statement touched, it puts side by side, and what belongs together
/// is later read and changed together.
public struct ChangedRecords: Sendable {
    private var entries: [Entry] = []
    private var places: KeyTable
    /// Of a large collection the keys, for the many questions whose answer is no.
    private var filter: KeyFilter?

    private struct Entry {
        let key: Digest
        var record: StoredRecord
        /// SHA-256 of the record's encoding; zero until it was computed.
        var hash: Digest
    }

    /// Nothing yet, to become large.
    init() {
        places = KeyTable()
        filter = KeyFilter()
    }

    /// Nothing yet, with room for as much as `other` holds: growing to it step by step would move everything each
    /// time.
    init(asMuchAs other: ChangedRecords) {
        entries.reserveCapacity(other.entries.count)
        places = KeyTable(capacity: other.entries.count)
        filter = KeyFilter()
    }

    /// Nothing yet, with room for the records of a block.
    init(expecting count: Int) {
        entries.reserveCapacity(count)
        places = KeyTable(capacity: count)
    }

    public var count: Int { entries.count }

    public var isEmpty: Bool { entries.isEmpty }

    /// The record under a state key, or `nil` if it did not change.
    public subscript(key: Digest) -> StoredRecord? { place(of: key).map { entries[$0].record } }

    /// The leaf of the record at a position, whose hash was computed.
    public func leaf(at position: Int) -> StateLeaf {
        StateLeaf(key: entries[position].key, recordHash: entries[position].hash)
    }

    /// How many statements touched the record at a position, ever.
    public func touches(at position: Int) -> UInt64 { entries[position].record.history.count }

    private func place(of key: Digest) -> Int? {
        if entries.isEmpty || filter?.mayContain(key) == false { return nil }
        return places.place(of: key) { entries[$0].key }
    }

    /// Sets a record whose hash is not computed yet.
    mutating func set(_ record: StoredRecord, _ key: Digest) { set(Entry(key: key, record: record, hash: .zero)) }

    /// Takes what a younger block changed.
    mutating func formUnion(younger: ChangedRecords) {
        for entry in younger.entries { set(entry) }
    }

    private mutating func set(_ entry: Entry) {
        if let place = place(of: entry.key) {
            entries[place] = entry
            return
        }
        places.insert(entry.key) { entries[$0].key }
        entries.append(entry)
        filter?.insert(entry.key)
    }

    /// Computes the hash of each record as it stands now.
    mutating func computeHashes() {
        var writer = CBORWriter(reserving: 1_024)
        for place in entries.indices {
            writer.removeAll()
            entries[place].record.encode(to: &writer)
            entries[place].hash = SHA256.hash(writer.bytes)
        }
    }
}

extension ChangedRecords: RandomAccessCollection {
    public var startIndex: Int { 0 }

    public var endIndex: Int { entries.count }

    public subscript(position: Int) -> (key: Digest, record: StoredRecord) {
        (entries[position].key, entries[position].record)
    }
}
