/// The root of a subtree before and after some of its leaves are set, computed together: what lies beside the
/// changed leaves is hashed once for both.
struct BucketUpdate {
    private(set) var before: StateNode
    private(set) var after: StateNode
    /// How many of the leaves that are set were not there.
    private(set) var added: Int

    /// - Parameters:
    ///   - old: all leaves of the subtree at `depth`, ascending.
    ///   - new: those that are set, ascending.
    init(_ old: ArraySlice<HashedLeaf>, setting new: ArraySlice<HashedLeaf>, depth: Int) {
        self = old.withUnsafeBufferPointer { old in
            new.withUnsafeBufferPointer { new in BucketUpdate(old, new, depth) }
        }
    }

    private init(_ old: UnsafeBufferPointer<HashedLeaf>, _ new: UnsafeBufferPointer<HashedLeaf>, _ depth: Int) {
        if new.isEmpty {
            before = StateNode(old, depth: depth)
            (after, added) = (before, 0)
        } else if old.isEmpty {
            (before, after, added) = (.empty, StateNode(new, depth: depth), new.count)
        } else if old.count == 1, new.count == 1, old[0].key == new[0].key {
            before = StateNode(kind: .leaf, hash: old[0].hash)
            (after, added) = (StateNode(kind: .leaf, hash: new[0].hash), 0)
        } else {
            precondition(depth < Digest.bitCount, "two leaves have one key")
            let (oldMiddle, newMiddle) = (StateNode.middle(old, depth), StateNode.middle(new, depth))
            let left = BucketUpdate(
                .init(rebasing: old[..<oldMiddle]), .init(rebasing: new[..<newMiddle]), depth + 1)
            let right = BucketUpdate(
                .init(rebasing: old[oldMiddle...]), .init(rebasing: new[newMiddle...]), depth + 1)
            before = StateNode(left.before, right.before)
            after = StateNode(left.after, right.after)
            added = left.added + right.added
        }
    }
}
