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

    /// Replaces what changed of the records that are here. Far more may have changed than is here.
    mutating func update(_ changed: ChangedRecords) {
        Self.update(&young, changed)
        Self.update(&old, changed)
    }

    private static func update(_ records: inout [Digest: StoredRecord], _ changed: ChangedRecords) {
        // `indices` would hold on to the dictionary, and each change would copy it.
        var index = records.startIndex
        while index != records.endIndex {
            if let record = changed[records.keys[index]] { records.values[index] = record }
            records.formIndex(after: &index)
        }
    }

    mutating func removeAll() { self = RecordCache(capacity: capacity) }
}
