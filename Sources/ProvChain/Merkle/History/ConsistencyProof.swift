/// That the tree of the new size starts with exactly the leaves of the tree of the old size
/// (RFC 9162 section 2.1.4).
public struct ConsistencyProof: Hashable, Sendable {
    public let oldSize: UInt64
    public let newSize: UInt64
    public let path: [Digest]

    public init(oldSize: UInt64, newSize: UInt64, path: [Digest]) {
        self.oldSize = oldSize
        self.newSize = newSize
        self.path = path
    }

    /// Throws unless the tree with `newRoot` extends the one with `oldRoot` (RFC 9162 section 2.1.4.2).
    ///
    /// Equal sizes need equal roots and an empty path. From the empty tree there is nothing to prove; such a
    /// proof is refused.
    public func verify(oldRoot: Digest, newRoot: Digest) throws(MerkleError) {
        try HistoryTree.checkSize(newSize)
        guard oldSize > 0 else { throw .consistencyFromEmptyTree }
        guard oldSize <= newSize else { throw .treeShrinks(from: oldSize, to: newSize) }
        let length = Self.pathLength(from: oldSize, to: newSize)
        guard path.count == length else { throw .wrongPathLength(expected: length, found: path.count) }
        guard oldSize < newSize else {
            guard oldRoot == newRoot else { throw .rootMismatch(expected: newRoot, computed: oldRoot) }
            return
        }
        let (old, new) = roots(oldRoot: oldRoot)
        guard old == oldRoot else { throw .rootMismatch(expected: oldRoot, computed: old) }
        guard new == newRoot else { throw .rootMismatch(expected: newRoot, computed: new) }
    }

    private func roots(oldRoot: Digest) -> (old: Digest, new: Digest) {
        // An old tree that is one perfect subtree starts the computation itself.
        let isPerfect = oldSize.nonzeroBitCount == 1
        let start = isPerfect ? oldRoot : path[0]
        var (old, new) = (start, start)
        var (index, last) = (oldSize - 1, newSize - 1)
        let shift = UInt64((~index).trailingZeroBitCount)
        index >>= shift
        last >>= shift
        for sibling in isPerfect ? path[...] : path.dropFirst() {
            if index & 1 == 1 || index == last {
                old = MerkleHash.node(sibling, old)
                new = MerkleHash.node(sibling, new)
                while index & 1 == 0 && index != 0 {
                    index >>= 1
                    last >>= 1
                }
            } else {
                new = MerkleHash.node(new, sibling)
            }
            index >>= 1
            last >>= 1
        }
        assert(last == 0, "a path of the exact length ends at the root")
        return (old, new)
    }

    /// The one valid number of hashes, for 0 < `from` <= `to`.
    static func pathLength(from: UInt64, to: UInt64) -> Int {
        if from == to { return 0 }
        let start = from.nonzeroBitCount == 1 ? 0 : 1
        return start + InclusionProof.pathLength(index: from - 1, size: to) - from.trailingZeroBitCount
    }
}

extension ConsistencyProof: CBORCodable {
    /// `[old size, new size, [hash, …]]`, the `consistency-proof` of RFC 9942.
    public func encode(to writer: inout CBORWriter) {
        writer.array(3)
        writer.uint(oldSize)
        writer.uint(newSize)
        writer.digests(path)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 3)
        oldSize = try reader.uint(atMost: HistoryTree.maximumSize)
        newSize = try reader.uint(atMost: HistoryTree.maximumSize)
        path = try reader.digests(atMost: HistoryTree.maximumPathLength)
    }
}
