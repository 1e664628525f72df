import ProvChain

/// Records that were read lately, as the database holds them. When the younger half is full, what was not used
/// since the last time is dropped with the older half.
struct RecordCache {
    private var young: [Digest: StoredRecord] = [:]
    private var old: [Digest: StoredRecord] = [:]
    private let capacity: Int

    /// Holds at most this many records.
    init(capacity: Int) {
        precondition(capacity >= 2, "a cache of \(capacity) records")
        self.capacity = capacity
    }

    mutating func record(_ key: Digest) -> StoredRecord? {
        if let record = young[key] { return record }
        guard let record = old.removeValue(forKey: key) else { return nil }
        insert(record, key)
        return record
    }

    mutating func insert(_ record: StoredRecord, _ key: Digest) {
        if young.count >= capacity / 2 {
            old = young
            young = Dictionary(minimumCapacity: capacity / 2)
        }
        young[key] = record
    }

    /// Replaces a record that changed, if it is here.
    mutating func update(_ record: StoredRecord, _ key: Digest) {
        if young[key] != nil {
            young[key] = record
        } else if old[key] != nil {
            old[key] = record
        }
    }

    mutating func removeAll() { self = RecordCache(capacity: capacity) }
}
