/// The compact sparse Merkle tree over the state: one leaf per record, found by its 256-bit key.
///
/// An empty subtree is 32 zero bytes, a subtree with one leaf *is* that leaf at any depth, and every other is
/// SHA-256(0x01 ‖ left ‖ right); so the root depends only on the set of leaves. Leaves are inserted and
/// replaced, never removed.
///
/// The tree is stored as pages of eight levels. It holds in memory the pages changed since the last flush,
/// the upper pages, and a bounded number of others; the rest it reads from a ``StatePageSource``, checking
/// each page against the hash above it. A block is first *prepared*, which changes nothing, and *committed*
/// once it is final; further blocks may be prepared on top of it meanwhile.
///
/// A flush takes ``drainDirtyPages()``, writes them, and calls ``confirmFlushed()`` or ``flushFailed()``;
/// blocks may be committed in between.
public struct StateTree: Sendable {
    /// The root of everything committed; ``Digest/zero`` if there are no records.
    public private(set) var root: Digest
    private var dirty: [StatePageID: StatePage] = [:]
    private var flushing: [StatePageID: StatePage] = [:]
    private var cache: StatePageCache

    /// A tree with this root, whose pages are read from the source as they are needed.
    public init(root: Digest = .zero, limits: StateTreeLimits = StateTreeLimits()) {
        self.root = root
        cache = StatePageCache(limits: limits)
    }

    /// Sets the leaves of `batch`, and returns the new root: ``prepare(_:after:source:)`` and ``commit(_:)``.
    @discardableResult
    public mutating func update(_ batch: [StateLeaf], source: some StatePageSource) throws(MerkleError) -> Digest {
        commit(try prepare(batch, source: source))
        return root
    }

    /// What setting the leaves of `batch` would change. Touches each page once, and hashes only above leaves
    /// that are set.
    ///
    /// - Parameters:
    ///   - batch: in any order; a key twice throws ``MerkleError/duplicateKey(_:)``.
    ///   - changes: prepared and not yet committed, each on top of the one before it.
    public mutating func prepare(
        _ batch: [StateLeaf], after changes: [StateChange] = [], source: some StatePageSource
    ) throws(MerkleError) -> StateChange {
        let base = changes.reduce(root) { root, change in
            precondition(change.oldRoot == root, "a change of \(change.oldRoot) on top of \(root)")
            return change.newRoot
        }
        guard !batch.isEmpty else { return StateChange(oldRoot: base, newRoot: base, pages: [:]) }
        let sorted = batch.sorted { $0.key < $1.key }
        for (leaf, next) in zip(sorted, sorted.dropFirst()) where leaf.key == next.key {
            throw .duplicateKey(leaf.key)
        }
        var pages: [StatePageID: StatePage] = [:]
        let newRoot = try set(sorted[...], depth: 0, root: base, pages: &pages, after: changes, source: source)
        return StateChange(oldRoot: base, newRoot: newRoot, pages: pages)
    }

    /// Makes a prepared change part of the tree.
    public mutating func commit(_ change: StateChange) {
        precondition(change.oldRoot == root, "a change of \(change.oldRoot) on top of \(root)")
        for (id, page) in change.pages {
            dirty[id] = page
            cache.remove(id)
        }
        root = change.newRoot
    }

    /// The hash of the record with this key, or nil.
    public mutating func recordHash(
        of key: Digest, source: some StatePageSource
    ) throws(MerkleError) -> Digest? {
        var siblings: [Digest] = []
        let leaf = try find(key, siblings: &siblings, source: source)
        return leaf?.key == key ? leaf?.recordHash : nil
    }

    /// Proves the presence or the absence of a key under ``root``.
    public mutating func prove(_ key: Digest, source: some StatePageSource) throws(MerkleError) -> StateProof {
        var siblings: [Digest] = []
        let leaf = try find(key, siblings: &siblings, source: source)
        return StateProof(siblings: siblings.reversed(), witness: leaf?.key == key ? nil : leaf)
    }

    // MARK: Flushing

    /// Pages changed since the last flush.
    public var dirtyPageCount: Int { dirty.count }

    /// Encodes the pages changed since the last flush, in the order of their ids, to be written in one
    /// transaction together with ``root``. They are served from memory until ``confirmFlushed()``.
    public mutating func drainDirtyPages() -> [StoredStatePage] {
        precondition(flushing.isEmpty, "\(flushing.count) pages of the flush before are not confirmed")
        flushing = dirty
        dirty = [:]
        return flushing.keys.sorted().map { id in
            // The key was just taken from this dictionary.
            StoredStatePage(id: id, bytes: flushing[id]!.bytes)
        }
    }

    /// The pages drained last are durable: from now on the source may be asked for them.
    public mutating func confirmFlushed() {
        // A page that was changed again since is newer than what was flushed.
        for (id, page) in flushing where dirty[id] == nil { cache.insert(page, id) }
        flushing = [:]
    }

    /// The pages drained last were not written: they will be drained again.
    public mutating func flushFailed() {
        dirty.merge(flushing) { newer, _ in newer }
        flushing = [:]
    }

    // MARK: Pages

    /// Sets `leaves` (sorted, not empty) in the page at `depth` on their path, and returns its new root.
    private mutating func set(
        _ leaves: ArraySlice<StateLeaf>, depth: Int, root: Digest, pages: inout [StatePageID: StatePage],
        after changes: [StateChange], source: some StatePageSource
    ) throws(MerkleError) -> Digest {
        precondition(depth < StatePageID.levels, "two keys are equal in all \(depth) bytes")
        let id = StatePageID(depth: depth, on: leaves[leaves.startIndex].key)
        var page = try load(id, root: root, after: changes, keeps: false, source: source)
        var changed = SlotSet()
        var start = leaves.startIndex
        while start < leaves.endIndex {
            let slot = leaves[start].key.byte(depth)
            var end = start + 1
            while end < leaves.endIndex, leaves[end].key.byte(depth) == slot { end += 1 }
            var group = leaves[start..<end]
            var below = Digest.zero
            switch page[slot] {
            case .empty: break
            case .leaf(let existing): group = Self.merge(existing, into: group)
            case .child(let child): below = child
            }
            if below == .zero, group.count == 1 {
                page.setLeaf(group[group.startIndex], at: slot)
            } else {
                let child = try set(
                    group, depth: depth + 1, root: below, pages: &pages, after: changes, source: source)
                page.setChild(child, at: slot)
            }
            changed.insert(Int(slot))
            start = end
        }
        let newRoot = page.rehash(changed: changed)
        pages[id] = page
        return newRoot
    }

    /// Adds a leaf that was there to those that are set, unless one of them replaces it.
    private static func merge(_ existing: StateLeaf, into group: ArraySlice<StateLeaf>) -> ArraySlice<StateLeaf> {
        let position = group.firstIndex { $0.key >= existing.key } ?? group.endIndex
        if position < group.endIndex, group[position].key == existing.key { return group }
        return group[..<position] + [existing] + group[position...]
    }

    /// Follows the path of `key` and returns the leaf at its end, if any; siblings from the top.
    private mutating func find(
        _ key: Digest, siblings: inout [Digest], source: some StatePageSource
    ) throws(MerkleError) -> StateLeaf? {
        var expected = root
        for depth in 0..<StatePageID.levels {
            let id = StatePageID(depth: depth, on: key)
            var page = try load(id, root: expected, keeps: true, source: source)
            switch page.walk(slot: key.byte(depth), siblings: &siblings) {
            case .empty: return nil
            case .leaf(let leaf): return leaf
            case .child(let root): expected = root
            }
        }
        preconditionFailure("the last page of a path has no page below")
    }

    /// The page `id` with this root: from memory, or from the source and checked.
    ///
    /// - Parameter keeps: false for a page that is about to be changed: the changed one is kept instead.
    private mutating func load(
        _ id: StatePageID, root: Digest, after changes: [StateChange] = [], keeps: Bool, source: some StatePageSource
    ) throws(MerkleError) -> StatePage {
        if root == .zero { return StatePage() }
        for change in changes.reversed() {
            if let page = change.pages[id] { return page }
        }
        if let page = dirty[id] ?? flushing[id] ?? cache.page(id) { return page }
        guard let bytes = try source.page(id) else { throw .pageMissing(id) }
        var page = try StatePage(bytes: bytes, id: id)
        let found = page.root()
        guard found == root else { throw .pageCorrupt(id, reason: "its root is \(found), not \(root)") }
        if keeps { cache.insert(page, id) }
        return page
    }
}
