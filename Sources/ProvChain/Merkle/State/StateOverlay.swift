/// Leaves changed in memory, by the bucket they lie in.
struct StateOverlay: Sendable {
    private var buckets: [UInt32: [StateLeaf]] = [:]
    private(set) var depth: Int

    init(depth: Int) { self.depth = depth }

    var isEmpty: Bool { buckets.isEmpty }

    mutating func set(_ leaf: StateLeaf) {
        let bucket = StatePrefix(depth: depth, of: leaf.key).bits
        let position = buckets[bucket]?.partition { $0.key >= leaf.key } ?? 0
        let replaces = buckets[bucket].map { position < $0.count && $0[position].key == leaf.key } ?? false
        if replaces {
            buckets[bucket]?[position] = leaf
        } else {
            buckets[bucket, default: []].insert(leaf, at: position)
        }
    }

    /// The leaves beneath a prefix, ascending.
    func leaves(under prefix: StatePrefix) -> [StateLeaf] {
        if buckets.isEmpty { return [] }
        if prefix.depth == depth { return buckets[prefix.bits] ?? [] }
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
        }
    }
}
