/// Leaves changed in memory, by the bucket they lie in.
struct StateOverlay: Sendable {
    private var buckets: [UInt32: [StateLeaf]] = [:]
    /// One bit for each bucket that has leaves here: most have none, and the dictionary need not be asked.
    private var occupied: [UInt64]
    private(set) var depth: Int

    init(depth: Int) {
        self.depth = depth
        occupied = Array(repeating: 0, count: max(1, (1 << depth) >> 6))
    }

    var isEmpty: Bool { buckets.isEmpty }

    mutating func set(_ leaf: StateLeaf) {
        let bucket = StatePrefix(depth: depth, of: leaf.key).bits
        occupied[Int(bucket >> 6)] |= 1 << UInt64(bucket & 63)
        buckets[bucket, default: []].set(leaf)
    }

    /// The leaves beneath a prefix, ascending.
    func leaves(under prefix: StatePrefix) -> [StateLeaf] {
        if buckets.isEmpty { return [] }
        if prefix.depth == depth {
            let isOccupied = occupied[Int(prefix.bits >> 6)] & 1 << UInt64(prefix.bits & 63) != 0
            return isOccupied ? buckets[prefix.bits] ?? [] : []
        }
        precondition(prefix.depth < depth, "\(prefix) lies below the buckets at depth \(depth)")
        let first = prefix.bits << UInt32(depth - prefix.depth)
        return (first..<first + 1 << UInt32(depth - prefix.depth)).flatMap { buckets[$0] ?? [] }
    }

    /// Puts the leaves beneath a prefix over older ones.
    func merge(into leaves: inout [StateLeaf], under prefix: StatePrefix) {
        let newer = self.leaves(under: prefix)
        if !newer.isEmpty { leaves = StateLeaf.merge(leaves, newer).leaves }
    }

    mutating func regroup(depth: Int) {
        var deeper = StateOverlay(depth: depth)
        for leaf in buckets.values.joined() { deeper.set(leaf) }
        self = deeper
    }

    /// Adds the leaves of `other`; where both have a key, the leaf here counts.
    mutating func formUnion(older other: StateOverlay) {
        for (bucket, leaves) in other.buckets {
            buckets[bucket] = StateLeaf.merge(leaves, buckets[bucket] ?? []).leaves
            occupied[Int(bucket >> 6)] |= 1 << UInt64(bucket & 63)
        }
    }
}

extension [StateLeaf] {
    /// Puts a leaf into its place among ascending ones.
    fileprivate mutating func set(_ leaf: StateLeaf) {
        let position = partition { $0.key >= leaf.key }
        if position < count, self[position].key == leaf.key {
            self[position] = leaf
        } else {
            insert(leaf, at: position)
        }
    }
}
