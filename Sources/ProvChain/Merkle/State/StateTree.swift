/// The compact sparse Merkle tree over the state: one leaf per record, found by its 256-bit key.
///
/// The root depends only on the set of leaves (``StateNode``). Leaves are inserted and replaced, never removed.
///
/// Stored are the leaves alone, in the order of their keys. The upper levels of the tree are computed from
/// them at the start and stay in memory (``StateTop``), down to subtrees of a few leaves; these *buckets* are
/// read from a ``StateLeafSource`` when one of their leaves changes or is to be proven, and checked against
/// the node above. So a change writes its own leaves and no node, and what is stored was checked against the
/// root. A block is first *prepared*, which changes nothing, and *committed* once it is final; further blocks
/// may be prepared on top of it meanwhile.
///
/// A flush begins with ``beginFlush()`` and ends with ``confirmFlushed()`` or ``flushFailed()``; blocks may
/// be committed in between.
public struct StateTree: Sendable {
    private let limits: StateTreeLimits
    private var top: StateTop
    /// The number of records.
    public private(set) var leafCount = 0
    private var dirty: StateOverlay
    private var flushing: StateOverlay

    /// The root of everything committed; ``Digest/zero`` if there are no records.
    public var root: Digest {
        guard let root = top[1] else { preconditionFailure("the root is always known") }
        return root.hash
    }

    /// A tree without leaves.
    public init(limits: StateTreeLimits = StateTreeLimits()) {
        self.limits = limits
        top = StateTop(depth: limits.minimumDepth)
        dirty = StateOverlay(depth: limits.minimumDepth)
        flushing = dirty
    }

    /// Subtrees are read this many leaves at a time, or the next power of two.
    private static let leavesPerRead = 32_768

    /// The tree of everything stored. Throws ``MerkleError/rootMismatch(expected:computed:)`` if that is not
    /// what `root` commits to.
    ///
    /// - Parameter estimate: about how many leaves are stored; decides how deep the tree is in memory.
    public init(
        root: Digest, estimate: Int, limits: StateTreeLimits = StateTreeLimits(), source: some StateLeafSource
    ) throws(MerkleError) {
        self.limits = limits
        let depth = limits.depth(forLeaves: estimate)
        top = StateTop(depth: depth)
        dirty = StateOverlay(depth: depth)
        flushing = dirty
        var readDepth = 0
        while readDepth < depth, estimate >> readDepth > Self.leavesPerRead { readDepth += 1 }
        for bits in 0..<UInt32(1 << readDepth) {
            let prefix = StatePrefix(depth: readDepth, bits: bits)
            let leaves = try source.leaves(under: prefix)
            leafCount += leaves.count
            top.fill(prefix.heapIndex, leaves[...], depth: readDepth)
        }
        top.fillAbove(readDepth)
        guard self.root == root else { throw .rootMismatch(expected: root, computed: self.root) }
    }

    /// Sets the leaves of `batch`, and returns the new root: ``prepare(_:after:source:)`` and ``commit(_:)``.
    @discardableResult
    public mutating func update(_ batch: [StateLeaf], source: some StateLeafSource) throws(MerkleError) -> Digest {
        commit(try prepare(batch, source: source))
        return root
    }

    /// What setting the leaves of `batch` would change. Reads each bucket once, and hashes only above leaves
    /// that are set.
    ///
    /// - Parameters:
    ///   - batch: in any order; a key twice throws ``MerkleError/duplicateKey(_:)``.
    ///   - changes: prepared and not yet committed, each on top of the one before it.
    public mutating func prepare(
        _ batch: [StateLeaf], after changes: [StateChange] = [], source: some StateLeafSource
    ) throws(MerkleError) -> StateChange {
        let base = changes.reduce(root) { root, change in
            precondition(change.oldRoot == root, "a change of \(change.oldRoot) on top of \(root)")
            return change.newRoot
        }
        guard !batch.isEmpty else { return .none(base) }
        let sorted = batch.sorted { $0.key < $1.key }
        for (leaf, next) in zip(sorted, sorted.dropFirst()) where leaf.key == next.key {
            throw .duplicateKey(leaf.key)
        }
        growIfCrowded()
        var added = 0
        var levels = [try buckets(with: sorted, added: &added, after: changes, source: source)]
        for depth in (0..<top.depth).reversed() {
            levels.append(try nodes(above: levels[levels.count - 1], depth: depth, after: changes, source: source))
        }
        levels.reverse()
        return StateChange(
            oldRoot: base, newRoot: levels[0][0].node.hash, leaves: sorted, added: added, levels: levels)
    }

    /// Makes a prepared change part of the tree.
    public mutating func commit(_ change: StateChange) {
        precondition(change.oldRoot == root, "a change of \(change.oldRoot) on top of \(root)")
        guard !change.leaves.isEmpty else { return }
        for level in change.levels {
            for changed in level { top[changed.index] = changed.node }
        }
        // The tree grew deeper since the change was prepared.
        if change.depth < top.depth {
            for changed in change.levels[change.depth] { top.forget(below: changed.index) }
        }
        for leaf in change.leaves { dirty.set(leaf) }
        leafCount += change.added
    }

    // MARK: Flushing

    /// Everything committed is about to be written. It is served from memory until ``confirmFlushed()``.
    public mutating func beginFlush() {
        precondition(flushing.isEmpty, "the flush before is not confirmed")
        (flushing, dirty) = (dirty, flushing)
    }

    /// What was committed when the flush began is durable: the source may be asked for it.
    public mutating func confirmFlushed() { flushing.removeAll() }

    /// It was not written: it belongs to the next flush.
    public mutating func flushFailed() {
        dirty.formUnion(older: flushing)
        flushing.removeAll()
    }

    // MARK: Preparing

    private mutating func growIfCrowded() {
        guard leafCount >> top.depth > limits.bucketLeaves, top.depth < limits.maximumDepth else { return }
        top.deepen(to: top.depth + 1)
        dirty.regroup(depth: top.depth)
        flushing.regroup(depth: top.depth)
    }

    /// A bucket that a batch changes.
    private struct Bucket {
        let prefix: StatePrefix
        /// Its leaves so far, in the list of all that were read, and those that are set, in the batch.
        let old, new: Range<Int>
        /// False if changes that are not committed have leaves in it: then it was checked already.
        let isCommitted: Bool
    }

    /// The nodes of the buckets that `sorted` changes. First all of them are read, then all leaves are hashed.
    private mutating func buckets(
        with sorted: [StateLeaf], added: inout Int, after changes: [StateChange], source: some StateLeafSource
    ) throws(MerkleError) -> [StateChange.Node] {
        var buckets: [Bucket] = []
        buckets.reserveCapacity(sorted.count)
        var old: [StateLeaf] = []
        old.reserveCapacity(sorted.count * limits.bucketLeaves)
        var start = 0
        while start < sorted.count {
            let prefix = StatePrefix(depth: top.depth, of: sorted[start].key)
            var end = start + 1
            while end < sorted.count, StatePrefix(depth: top.depth, of: sorted[end].key) == prefix { end += 1 }
            let first = old.count
            try appendUnchecked(prefix, to: &old, source: source)
            var isCommitted = true
            for change in changes {
                let newer = change.leaves.leaves(in: prefix.keys)
                if newer.isEmpty { continue }
                if isCommitted { try check(old[first...].map(HashedLeaf.init), prefix) }
                isCommitted = false
                old.replaceSubrange(first..., with: StateLeaf.merge(Array(old[first...]), newer).leaves)
            }
            buckets.append(Bucket(prefix: prefix, old: first..<old.count, new: start..<end, isCommitted: isCommitted))
            start = end
        }
        let (before, set) = (old.map(HashedLeaf.init), sorted.map(HashedLeaf.init))
        var nodes: [StateChange.Node] = []
        nodes.reserveCapacity(buckets.count)
        for bucket in buckets {
            let index = bucket.prefix.heapIndex
            let update = BucketUpdate(before[bucket.old], setting: set[bucket.new], depth: top.depth)
            if bucket.isCommitted, let known = top[index], known != update.before {
                throw .leavesCorrupt(bucket.prefix)
            }
            added += update.added
            nodes.append(.init(index: index, node: update.after))
        }
        return nodes
    }

    /// The nodes at `depth` above changed ones. First all that stand beside them are fetched, each from a place of its
    /// own in main memory, then all are hashed.
    private mutating func nodes(
        above below: [StateChange.Node], depth: Int, after changes: [StateChange], source: some StateLeafSource
    ) throws(MerkleError) -> [StateChange.Node] {
        var nodes: [StateChange.Node] = []
        nodes.reserveCapacity(below.count)
        var (unhashed, children): ([Int], [Digest]) = ([], [])
        unhashed.reserveCapacity(below.count)
        children.reserveCapacity(2 * below.count)
        var position = 0
        while position < below.count {
            let (index, node) = (below[position].index, below[position].node)
            position += 1
            let (left, right): (StateNode, StateNode)
            if index & 1 == 1 {
                (left, right) = (try self.node(index - 1, depth: depth + 1, after: changes, source: source), node)
            } else if position < below.count, below[position].index == index + 1 {
                (left, right) = (node, below[position].node)
                position += 1
            } else {
                (left, right) = (node, try self.node(index + 1, depth: depth + 1, after: changes, source: source))
            }
            if let parent = StateNode.unhashed(left, right) {
                nodes.append(.init(index: index / 2, node: parent))
            } else {
                unhashed.append(nodes.count)
                children.append(left.hash)
                children.append(right.hash)
                nodes.append(.init(index: index / 2, node: .empty))
            }
        }
        for (place, hash) in zip(unhashed, MerkleHash.nodes(children)) {
            nodes[place] = .init(index: nodes[place].index, node: StateNode(kind: .branch, hash: hash))
        }
        return nodes
    }

    /// The node at a heap index, `changes` included.
    private mutating func node(
        _ index: Int, depth: Int, after changes: [StateChange], source: some StateLeafSource
    ) throws(MerkleError) -> StateNode {
        let prefix = StatePrefix(heapIndex: index)
        for change in changes.reversed() {
            if let node = change.node(index, depth: depth) { return node }
            // Prepared before the tree grew: its leaves are known, but not this node.
            if depth > change.depth, !change.leaves.leaves(in: prefix.keys).isEmpty {
                return StateNode(try leaves(under: prefix, after: changes, source: source), depth: depth)
            }
        }
        if let known = top[index] { return known }
        return top.fill(index, try leaves(under: prefix, source: source)[...], depth: depth)
    }

    // MARK: Leaves

    /// The leaves beneath a prefix, `changes` included.
    private func leaves(
        under prefix: StatePrefix, after changes: [StateChange], source: some StateLeafSource
    ) throws(MerkleError) -> [StateLeaf] {
        var leaves = try leaves(under: prefix, source: source)
        for change in changes { leaves = StateLeaf.merge(leaves, change.leaves.leaves(in: prefix.keys)).leaves }
        return leaves
    }

    /// The committed leaves beneath a prefix, checked against the node above them if it is known.
    func leaves(under prefix: StatePrefix, source: some StateLeafSource) throws(MerkleError) -> [StateLeaf] {
        let leaves = try unchecked(prefix, source: source)
        try check(leaves.map(HashedLeaf.init), prefix)
        return leaves
    }

    private func unchecked(_ prefix: StatePrefix, source: some StateLeafSource) throws(MerkleError) -> [StateLeaf] {
        var leaves: [StateLeaf] = []
        try appendUnchecked(prefix, to: &leaves, source: source)
        return leaves
    }

    /// Appends the committed leaves beneath a prefix to a list.
    private func appendUnchecked(
        _ prefix: StatePrefix, to list: inout [StateLeaf], source: some StateLeafSource
    ) throws(MerkleError) {
        let first = list.count
        try source.appendLeaves(under: prefix, to: &list)
        if !flushing.isEmpty { flushing.merge(into: &list, from: first, under: prefix) }
        if !dirty.isEmpty { dirty.merge(into: &list, from: first, under: prefix) }
    }

    private func check(_ leaves: [HashedLeaf], _ prefix: StatePrefix) throws(MerkleError) {
        guard let known = top[prefix.heapIndex] else { return }
        guard StateNode(leaves, depth: prefix.depth) == known else { throw .leavesCorrupt(prefix) }
    }

    /// The node at a heap index of what is committed, without keeping it.
    func committedNode(_ index: Int, source: some StateLeafSource) throws(MerkleError) -> StateNode {
        if let known = top[index] { return known }
        let prefix = StatePrefix(heapIndex: index)
        return StateNode(try leaves(under: prefix, source: source), depth: prefix.depth)
    }

    /// The depth of the buckets.
    var depth: Int { top.depth }
}
