/// Records that changed and are not stored yet, in the order in which they first changed.
///
/// The order is for whoever stores them: what one statement touched, it puts side by side, and what belongs together
/// is later read and changed together.
public struct ChangedRecords: Sendable {
    private var entries: [Entry] = []
    /// Places in `entries`.
    private var places: [Digest: Int32] = [:]
    /// The keys, for the many questions whose answer is no.
    private var keys = KeyFilter()

    private struct Entry {
        let key: Digest
        var record: StoredRecord
    }

    init() {}

    /// Nothing yet, with room for as much as `other` holds: growing to it step by step would move everything each
    /// time.
    init(asMuchAs other: ChangedRecords) {
        entries.reserveCapacity(other.entries.count)
        places.reserveCapacity(other.entries.count)
    }

    public var count: Int { entries.count }

    public var isEmpty: Bool { entries.isEmpty }

    /// The record under a state key, or `nil` if it did not change.
    public subscript(key: Digest) -> StoredRecord? {
        guard keys.mayContain(key), let place = places[key] else { return nil }
        return entries[Int(place)].record
    }

    mutating func set(_ record: StoredRecord, _ key: Digest) {
        if keys.mayContain(key), let place = places[key] {
            entries[Int(place)].record = record
            return
        }
        places[key] = Int32(entries.count)
        entries.append(Entry(key: key, record: record))
        keys.insert(key)
    }
}

extension ChangedRecords: RandomAccessCollection {
    public var startIndex: Int { 0 }

    public var endIndex: Int { entries.count }

    public subscript(position: Int) -> (key: Digest, record: StoredRecord) {
        (entries[position].key, entries[position].record)
    }
}
