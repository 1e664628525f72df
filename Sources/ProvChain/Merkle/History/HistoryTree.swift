/// The append-only tree over all log entries (RFC 9162 section 2.1), read from tiles.
///
/// Every function works for any size up to the current one, because a smaller tree's tiles are prefixes of
/// the larger one's. A proof reads at most two tiles per level, each once: six for sixteen million leaves.
public enum HistoryTree {
    /// Leaves in the largest tree: 2^63 - 1.
    public static let maximumSize = UInt64(Int64.max)
    /// Digests in the longest proof: 63 levels, and the subtree a consistency proof may start with.
    public static let maximumPathLength = 64

    /// The root of the first `size` leaves.
    public static func root(size: UInt64, reader: some TileReader) throws(MerkleError) -> Digest {
        try checkSize(size)
        guard size > 0 else { return MerkleHash.empty }
        var tiles = TileWindow(size: size, reader: reader)
        return try tiles.root(0, size)
    }

    /// The first `size` leaves reduced to their subtree roots, to continue appending after a restart.
    public static func compactTree(size: UInt64, reader: some TileReader) throws(MerkleError) -> CompactTree {
        try checkSize(size)
        var tiles = TileWindow(size: size, reader: reader)
        var frontier: [Digest] = []
        var start: UInt64 = 0
        while start < size {
            let width = UInt64(1) << UInt64(63 - (size - start).leadingZeroBitCount)
            frontier.append(try tiles.root(start, start + width))
            start += width
        }
        return try CompactTree(size: size, frontier: frontier)
    }

    /// PATH(index, D[size]) of RFC 9162 section 2.1.3.1.
    ///
    /// Throws ``MerkleError/indexOutOfRange(index:size:)`` unless `index < size`.
    public static func inclusionProof(
        index: UInt64, size: UInt64, reader: some TileReader
    ) throws(MerkleError) -> InclusionProof {
        try checkSize(size)
        guard index < size else { throw .indexOutOfRange(index: index, size: size) }
        var tiles = TileWindow(size: size, reader: reader)
        var path: [Digest] = []
        var (start, end) = (UInt64(0), size)
        while end - start > 1 {
            let split = start + largestPowerOfTwo(below: end - start)
            if index < split {
                path.append(try tiles.root(split, end))
                end = split
            } else {
                path.append(try tiles.root(start, split))
                start = split
            }
        }
        return InclusionProof(leafIndex: index, treeSize: size, path: path.reversed())
    }

    /// PROOF(from, D[to]) of RFC 9162 section 2.1.4.1; empty for equal sizes.
    ///
    /// Throws ``MerkleError/consistencyFromEmptyTree`` for `from` 0, and
    /// ``MerkleError/treeShrinks(from:to:)`` unless `from <= to`.
    public static func consistencyProof(
        from: UInt64, to: UInt64, reader: some TileReader
    ) throws(MerkleError) -> ConsistencyProof {
        try checkSize(to)
        guard from > 0 else { throw .consistencyFromEmptyTree }
        guard from <= to else { throw .treeShrinks(from: from, to: to) }
        var tiles = TileWindow(size: to, reader: reader)
        var path: [Digest] = []
        var (start, end) = (UInt64(0), to)
        // The range always reaches past `from` or ends exactly there.
        while end != from {
            let split = start + largestPowerOfTwo(below: end - start)
            if from <= split {
                path.append(try tiles.root(split, end))
                end = split
            } else {
                path.append(try tiles.root(start, split))
                start = split
            }
        }
        // The verifier knows the old root; a subtree that is not all of the old tree must be told.
        if start > 0 { path.append(try tiles.root(start, end)) }
        return ConsistencyProof(oldSize: from, newSize: to, path: path.reversed())
    }

    /// The largest power of two strictly below `count`, which is at least 2: where RFC 9162 splits a tree.
    static func largestPowerOfTwo(below count: UInt64) -> UInt64 {
        precondition(count > 1, "a tree of \(count) leaves has no two halves")
        return UInt64(1) << UInt64(63 - (count - 1).leadingZeroBitCount)
    }

    static func checkSize(_ size: UInt64) throws(MerkleError) {
        guard size <= maximumSize else { throw .sizeTooLarge(size) }
    }
}
