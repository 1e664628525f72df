/// Where the leaves of the state are stored: a database, or memory.
public protocol StateLeafSource {
    /// The leaves as last flushed whose keys lie beneath a prefix, ascending. Throws ``MerkleError/storage(_:)``.
    func leaves(under prefix: StatePrefix) throws(MerkleError) -> [StateLeaf]

    /// Appends the same leaves to a list, whose memory is used again and again.
    func appendLeaves(under prefix: StatePrefix, to list: inout [StateLeaf]) throws(MerkleError)
}

extension StateLeafSource {
    public func appendLeaves(under prefix: StatePrefix, to list: inout [StateLeaf]) throws(MerkleError) {
        list += try leaves(under: prefix)
    }
}

/// What a batch would change, kept apart from the tree until it is committed.
public struct StateChange: Sendable {
    public let oldRoot: Digest
    public let newRoot: Digest
    /// Ascending.
    let leaves: [StateLeaf]
    /// How many of the leaves have keys that were not there.
    let added: Int
    /// New nodes by level, from the root's down to the buckets'; each level ascending.
    let levels: [[Node]]

    struct Node: Sendable {
        /// The place in the heap.
        let index: Int
        let node: StateNode
    }

    static func none(_ root: Digest) -> StateChange {
        StateChange(oldRoot: root, newRoot: root, leaves: [], added: 0, levels: [])
    }

    /// The depth of the buckets when it was prepared.
    var depth: Int { levels.count - 1 }

    /// The new node at a heap index on the level `depth`, or `nil` if it did not change.
    func node(_ index: Int, depth: Int) -> StateNode? {
        guard depth < levels.count else { return nil }
        let level = levels[depth]
        var (low, high) = (0, level.count)
        while low < high {
            let middle = (low + high) / 2
            if level[middle].index < index { low = middle + 1 } else { high = middle }
        }
        return low < level.count && level[low].index == index ? level[low].node : nil
    }
}

/// How much of the state tree stays in memory.
public struct StateTreeLimits: Hashable, Sendable {
    /// A bucket holds at most this many leaves on average, before the tree grows one level deeper. A change of a leaf
    /// reads and hashes its bucket, 2 hashes for each leaf that it holds; half as many leaves take twice the memory.
    public let bucketLeaves: Int
    /// Levels in memory at the start, and at most: 22 levels are 264 MiB, and enough for 128 million records.
    public let minimumDepth: Int
    public let maximumDepth: Int

    public init(bucketLeaves: Int = 8, minimumDepth: Int = 10, maximumDepth: Int = 22) {
        precondition(bucketLeaves >= 1, "buckets of \(bucketLeaves) leaves")
        precondition(minimumDepth >= 0 && minimumDepth <= maximumDepth, "\(minimumDepth) to \(maximumDepth) levels")
        precondition(maximumDepth <= StatePrefix.maximumDepth, "\(maximumDepth) levels in memory")
        self.bucketLeaves = bucketLeaves
        self.minimumDepth = minimumDepth
        self.maximumDepth = maximumDepth
    }

    /// The depth at which a tree of this size starts.
    func depth(forLeaves count: Int) -> Int {
        var depth = minimumDepth
        while depth < maximumDepth, count >> depth > bucketLeaves { depth += 1 }
        return depth
    }
}
