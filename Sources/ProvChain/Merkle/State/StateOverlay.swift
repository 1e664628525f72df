/// Leaves changed in memory, by the bucket they lie in.
///
/// A list for each bucket, all of them in one array: most buckets have no leaf here and few have two, and an array
/// of its own for each would be allocated, grown and released for every leaf.
struct StateOverlay: Sendable {
    /// By bucket, the last entry of its list, counted from 1; 0 for a bucket without leaves.
    private var last: [Int32]
    private var entries: [Entry] = []
    private(set) var depth: Int

    private struct Entry {
        var leaf: StateLeaf
        /// The entry before it in the same bucket, counted from 1; 0 for none.
        let previous: Int32
    }

    init(depth: Int) {
        self.depth = depth
        last = Array(repeating: 0, count: 1 << depth)
    }

    var isEmpty: Bool { entries.isEmpty }

    mutating func set(_ leaf: StateLeaf) {
        let bucket = Int(StatePrefix(depth: depth, of: leaf.key).bits)
        if let entry = entry(of: leaf.key, in: bucket) {
            entries[entry].leaf = leaf
        } else {
            entries.append(Entry(leaf: leaf, previous: last[bucket]))
            last[bucket] = Int32(entries.count)
        }
    }

    private func entry(of key: Digest, in bucket: Int) -> Int? {
        var place = last[bucket]
        while place != 0 {
            let entry = Int(place) - 1
            if entries[entry].leaf.key == key { return entry }
            place = entries[entry].previous
        }
        return nil
    }

    /// The leaves beneath a prefix, ascending.
    func leaves(under prefix: StatePrefix) -> [StateLeaf] {
        if entries.isEmpty { return [] }
        precondition(prefix.depth <= depth, "\(prefix) lies below the buckets at depth \(depth)")
        var found: [StateLeaf] = []
        let first = Int(prefix.bits) << (depth - prefix.depth)
        for bucket in first..<first + 1 << (depth - prefix.depth) where last[bucket] != 0 {
            let start = found.count
            var place = last[bucket]
            while place != 0 {
                found.append(entries[Int(place) - 1].leaf)
                place = entries[Int(place) - 1].previous
            }
            if found.count > start + 1 { found[start...].sort { $0.key < $1.key } }
        }
        return found
    }

    /// Puts the leaves beneath a prefix over older ones, which end a list and begin at `first`.
    func merge(into list: inout [StateLeaf], from first: Int, under prefix: StatePrefix) {
        let newer = leaves(under: prefix)
        if newer.isEmpty { return }
        if first == list.count {
            list += newer
        } else {
            list.replaceSubrange(first..., with: StateLeaf.merge(Array(list[first...]), newer).leaves)
        }
    }

    mutating func regroup(depth: Int) {
        var deeper = StateOverlay(depth: depth)
        for entry in entries { deeper.set(entry.leaf) }
        self = deeper
    }

    /// Adds the leaves of `other`; where both have a key, the leaf here counts.
    mutating func formUnion(older other: StateOverlay) {
        for entry in other.entries
        where self.entry(of: entry.leaf.key, in: Int(StatePrefix(depth: depth, of: entry.leaf.key).bits)) == nil {
            set(entry.leaf)
        }
    }

    mutating func removeAll() {
        if entries.isEmpty { return }
        for entry in entries { last[Int(StatePrefix(depth: depth, of: entry.leaf.key).bits)] = 0 }
        entries.removeAll(keepingCapacity: true)
    }
}
