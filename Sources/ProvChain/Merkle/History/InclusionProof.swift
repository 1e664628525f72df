/// That a leaf stands at an index of the tree of a size: the sibling hashes from the leaf up
/// (RFC 9162 section 2.1.3).
public struct InclusionProof: Hashable, Sendable {
    public let leafIndex: UInt64
    public let treeSize: UInt64
    public let path: [Digest]

    public init(leafIndex: UInt64, treeSize: UInt64, path: [Digest]) {
        self.leafIndex = leafIndex
        self.treeSize = treeSize
        self.path = path
    }

    /// Throws unless the leaf of this hash is at `leafIndex` of the tree with this root.
    public func verify(leafHash: Digest, root: Digest) throws(MerkleError) {
        let computed = try self.root(leafHash: leafHash)
        guard computed == root else { throw .rootMismatch(expected: root, computed: computed) }
    }

    /// The root that the leaf and the path make (RFC 9162 section 2.1.3.2, all but the last comparison).
    public func root(leafHash: Digest) throws(MerkleError) -> Digest {
        try HistoryTree.checkSize(treeSize)
        guard leafIndex < treeSize else { throw .indexOutOfRange(index: leafIndex, size: treeSize) }
        let length = Self.pathLength(index: leafIndex, size: treeSize)
        guard path.count == length else { throw .wrongPathLength(expected: length, found: path.count) }
        var (index, last) = (leafIndex, treeSize - 1)
        var hash = leafHash
        for sibling in path {
            if index & 1 == 1 || index == last {
                hash = MerkleHash.node(sibling, hash)
                // On the right edge, levels without a right sibling are skipped.
                while index & 1 == 0 && index != 0 {
                    index >>= 1
                    last >>= 1
                }
            } else {
                hash = MerkleHash.node(hash, sibling)
            }
            index >>= 1
            last >>= 1
        }
        assert(last == 0, "a path of the exact length ends at the root")
        return hash
    }

    /// The root of the tree before its last leaf, of which this is the proof: that path consists of exactly
    /// the subtrees that made up the smaller tree. Authentic if the proof itself verifies.
    ///
    /// Throws ``MerkleError/notTheLastLeaf(index:size:)`` for any other leaf.
    public func rootBeforeLastLeaf() throws(MerkleError) -> Digest {
        guard treeSize > 0, leafIndex == treeSize - 1 else {
            throw .notTheLastLeaf(index: leafIndex, size: treeSize)
        }
        let length = Self.pathLength(index: leafIndex, size: treeSize)
        guard path.count == length else { throw .wrongPathLength(expected: length, found: path.count) }
        return try CompactTree(size: leafIndex, frontier: path.reversed()).root
    }

    /// The one valid number of siblings: levels up to where leaf and right edge part, then one for each
    /// subtree to the left.
    static func pathLength(index: UInt64, size: UInt64) -> Int {
        let inner = 64 - (index ^ (size - 1)).leadingZeroBitCount
        return inner + (index >> UInt64(inner)).nonzeroBitCount
    }
}

extension InclusionProof: CBORCodable {
    /// `[tree size, leaf index, [sibling, …]]`, the `inclusion-proof` of RFC 9942.
    public func encode(to writer: inout CBORWriter) {
        writer.array(3)
        writer.uint(treeSize)
        writer.uint(leafIndex)
        writer.digests(path)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 3)
        treeSize = try reader.uint(atMost: HistoryTree.maximumSize)
        leafIndex = try reader.uint(atMost: HistoryTree.maximumSize)
        path = try reader.digests(atMost: HistoryTree.maximumPathLength)
    }
}
