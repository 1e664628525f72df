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

    /// The nodes of the buckets that `sorted` changes.
    private mutating func buckets(
        with sorted: [StateLeaf], added: inout Int, after changes: [StateChange], source: some StateLeafSource
    ) throws(MerkleError) -> [StateChange.Node] {
        var nodes: [StateChange.Node] = []
        nodes.reserveCapacity(sorted.count)
        let hashed = sorted.map(HashedLeaf.init)
        var start = 0
        while start < sorted.count {
            let bucket = StatePrefix(depth: top.depth, of: sorted[start].key)
            var end = start + 1
            while end < sorted.count, StatePrefix(depth: top.depth, of: sorted[end].key) == bucket { end += 1 }
            var before = try unchecked(bucket, source: source).map(HashedLeaf.init)
            var isCommitted = true
            for change in changes {
                let newer = change.leaves.leaves(in: bucket.keys)
                if newer.isEmpty { continue }
                if isCommitted { try check(before, bucket) }
                isCommitted = false
                before = HashedLeaf.merge(before, newer).leaves
            }
            let update = BucketUpdate(before, setting: hashed[start..<end], depth: top.depth)
            if isCommitted, let known = top[bucket.heapIndex], known != update.before {
                throw .leavesCorrupt(bucket)
            }
            added += update.added
            nodes.append(.init(index: bucket.heapIndex, node: update.after))
            start = end
        }
        return nodes
    }

    /// The nodes at `depth` above changed ones.
    private mutating func nodes(
        above below: [StateChange.Node], depth: Int, after changes: [StateChange], source: some StateLeafSource
    ) throws(MerkleError) -> [StateChange.Node] {
        var nodes: [StateChange.Node] = []
        nodes.reserveCapacity(below.count)
        var position = 0
        while position < below.count {
            let (index, node) = (below[position].index, below[position].node)
            position += 1
            let parent: StateNode
            if index & 1 == 1 {
                parent = StateNode(try self.node(index - 1, depth: depth + 1, after: changes, source: source), node)
            } else if position < below.count, below[position].index == index + 1 {
                parent = StateNode(node, below[position].node)
                position += 1
            } else {
                parent = StateNode(node, try self.node(index + 1, depth: depth + 1, after: changes, source: source))
            }
            nodes.append(.init(index: index / 2, node: parent))
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
        var leaves = try source.leaves(under: prefix)
        if !flushing.isEmpty { flushing.merge(into: &leaves, under: prefix) }
        if !dirty.isEmpty { dirty.merge(into: &leaves, under: prefix) }
        return leaves
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
