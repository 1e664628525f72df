/// The root of a subtree of the state tree, as the node above it sees it.
///
/// An empty subtree is 32 zero bytes, a subtree with one leaf *is* that leaf at any depth, and every other is
/// SHA-256(0x01 ‖ left ‖ right); so a root depends only on the set of leaves beneath.
struct StateNode: Hashable, Sendable {
    enum Kind: UInt8 {
        case empty, leaf, branch
    }

    let kind: Kind
    let hash: Digest

    static let empty = StateNode(kind: .empty, hash: .zero)

    init(kind: Kind, hash: Digest) {
        self.kind = kind
        self.hash = hash
    }

    init(_ left: StateNode, _ right: StateNode) {
        self = Self.unhashed(left, right) ?? StateNode(kind: .branch, hash: MerkleHash.node(left.hash, right.hash))
    }

    /// The node above two, if no hash is needed for it.
    static func unhashed(_ left: StateNode, _ right: StateNode) -> StateNode? {
        switch (left.kind, right.kind) {
        case (.empty, .empty), (.leaf, .empty): left
        case (.empty, .leaf): right
        case (.branch, _), (_, .branch), (.leaf, .leaf): nil
        }
    }

    /// The root of the subtree at `depth` that has these leaves, ascending, and no others.
    init(_ leaves: some Sequence<StateLeaf>, depth: Int) {
        self.init(leaves.map(HashedLeaf.init), depth: depth)
    }

    init(_ leaves: [HashedLeaf], depth: Int) {
        self = leaves.withUnsafeBufferPointer { StateNode($0, depth: depth) }
    }

    /// On a plain buffer: a slice of an array would be retained and released at each of the nodes.
    init(_ leaves: UnsafeBufferPointer<HashedLeaf>, depth: Int) {
        switch leaves.count {
        case 0: self = .empty
        case 1: self.init(kind: .leaf, hash: leaves[0].hash)
        default:
            precondition(depth < Digest.bitCount, "two leaves have one key")
            let middle = Self.middle(leaves, depth)
            self.init(
                StateNode(.init(rebasing: leaves[..<middle]), depth: depth + 1),
                StateNode(.init(rebasing: leaves[middle...]), depth: depth + 1))
        }
    }

    /// The first of the leaves of the subtree at `depth`, ascending, that lies in its right half.
    static func middle(_ leaves: UnsafeBufferPointer<HashedLeaf>, _ depth: Int) -> Int {
        var middle = 0
        while middle < leaves.count, !leaves[middle].key.bit(depth) { middle += 1 }
        return middle
    }

    /// Parts the leaves of the subtree at `depth`, ascending, into those of its two halves.
    static func split(
        _ leaves: ArraySlice<StateLeaf>, depth: Int
    ) -> (left: ArraySlice<StateLeaf>, right: ArraySlice<StateLeaf>) {
        precondition(depth < Digest.bitCount, "two leaves have one key")
        let middle = leaves.partition { $0.key.bit(depth) }
        return (leaves[..<middle], leaves[middle...])
    }
}

/// A leaf whose hash was computed: it is needed before a change and after.
struct HashedLeaf: KeyedLeaf {
    let key: Digest
    let hash: Digest

    init(_ leaf: StateLeaf) {
        key = leaf.key
        hash = leaf.hash
    }
}
