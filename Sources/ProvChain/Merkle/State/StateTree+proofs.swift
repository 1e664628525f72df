extension StateTree {
    /// The hash of the record with this key, or nil.
    public func recordHash(of key: Digest, source: some StateLeafSource) throws(MerkleError) -> Digest? {
        var siblings: [Digest] = []
        let leaf = try find(key, siblings: &siblings, source: source)
        return leaf?.key == key ? leaf?.recordHash : nil
    }

    /// Proves the presence or the absence of a key under ``root``.
    public func prove(_ key: Digest, source: some StateLeafSource) throws(MerkleError) -> StateProof {
        var siblings: [Digest] = []
        let leaf = try find(key, siblings: &siblings, source: source)
        return StateProof(siblings: siblings.reversed(), witness: leaf?.key == key ? nil : leaf)
    }

    /// Follows the path of `key` and returns the leaf at its end, if any; siblings from the top.
    private func find(
        _ key: Digest, siblings: inout [Digest], source: some StateLeafSource
    ) throws(MerkleError) -> StateLeaf? {
        var index = 1
        for level in 0..<depth {
            switch try committedNode(index, source: source).kind {
            case .empty: return nil
            case .leaf: return try leaves(under: StatePrefix(heapIndex: index), source: source).first
            case .branch: break
            }
            let next = 2 * index + (key.bit(level) ? 1 : 0)
            siblings.append(try committedNode(next ^ 1, source: source).hash)
            index = next
        }
        var rest = try leaves(under: StatePrefix(heapIndex: index), source: source)[...]
        var level = depth
        while rest.count > 1 {
            let (left, right) = StateNode.split(rest, depth: level)
            let (own, other) = key.bit(level) ? (right, left) : (left, right)
            level += 1
            siblings.append(StateNode(other, depth: level).hash)
            rest = own
        }
        return rest.first
    }
}
