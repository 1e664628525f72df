/// The upper levels of the state tree, in memory: a heap of nodes down to the depth at which subtrees hold a
/// few leaves each (*buckets*). 33 bytes a node, two nodes a bucket.
struct StateTop: Sendable {
    /// The depth of the buckets.
    private(set) var depth: Int
    private var hashes: [Digest]
    /// The raw kinds of the nodes; ``unknown`` for those not computed since the tree grew deeper.
    private var kinds: [UInt8]

    private static let unknown = UInt8.max

    /// The top of an empty tree.
    init(depth: Int) {
        precondition((0...StatePrefix.maximumDepth).contains(depth), "\(depth) levels in memory")
        self.depth = depth
        hashes = Array(repeating: .zero, count: 2 << depth)
        kinds = Array(repeating: StateNode.Kind.empty.rawValue, count: 2 << depth)
    }

    /// The node at a heap index, or `nil` if it is not known.
    subscript(index: Int) -> StateNode? {
        get { StateNode.Kind(rawValue: kinds[index]).map { StateNode(kind: $0, hash: hashes[index]) } }
        set {
            kinds[index] = newValue?.kind.rawValue ?? Self.unknown
            hashes[index] = newValue?.hash ?? .zero
        }
    }

    /// Adds levels, of which nothing is known yet.
    mutating func deepen(to depth: Int) {
        precondition(depth > self.depth && depth <= StatePrefix.maximumDepth, "\(self.depth) to \(depth) levels")
        hashes.append(contentsOf: repeatElement(.zero, count: 2 << depth - hashes.count))
        kinds.append(contentsOf: repeatElement(Self.unknown, count: 2 << depth - kinds.count))
        self.depth = depth
    }

    /// Forgets everything below a node.
    mutating func forget(below index: Int) {
        var (first, count) = (2 * index, 2)
        while first < kinds.count {
            for below in first..<first + count { self[below] = nil }
            (first, count) = (2 * first, 2 * count)
        }
    }

    /// Computes the subtree at a heap index from all its leaves, ascending.
    @discardableResult
    mutating func fill(_ index: Int, _ leaves: ArraySlice<StateLeaf>, depth: Int) -> StateNode {
        let node: StateNode
        if depth == self.depth {
            node = StateNode(leaves, depth: depth)
        } else {
            let (left, right) = StateNode.split(leaves, depth: depth)
            node = StateNode(
                fill(2 * index, left, depth: depth + 1), fill(2 * index + 1, right, depth: depth + 1))
        }
        self[index] = node
        return node
    }

    /// Computes the nodes above `depth` from those at it, which are known.
    mutating func fillAbove(_ depth: Int) {
        for index in (1..<1 << depth).reversed() {
            guard let left = self[2 * index], let right = self[2 * index + 1] else {
                preconditionFailure("node \(index) has an unknown child")
            }
            self[index] = StateNode(left, right)
        }
    }
}
