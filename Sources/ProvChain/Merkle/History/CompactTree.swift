/// A history tree reduced to what appending and its root need: the roots of the perfect subtrees that make
/// up its leaves, one per 1 bit of the size, largest first (at most 63 digests).
///
/// The tree is the one of RFC 9162 section 2.1.1. Appending costs one hash per leaf on average.
public struct CompactTree: Hashable, Sendable {
    public private(set) var size: UInt64
    /// Roots of perfect subtrees, largest (leftmost) first; as many as `size` has 1 bits.
    public private(set) var frontier: [Digest]

    /// The tree without leaves.
    public init() {
        size = 0
        frontier = []
    }

    /// A tree of `size` leaves with these subtree roots, largest first.
    ///
    /// Throws ``MerkleError/sizeTooLarge(_:)`` or ``MerkleError/wrongFrontierLength(expected:found:)``.
    public init(size: UInt64, frontier: [Digest]) throws(MerkleError) {
        try HistoryTree.checkSize(size)
        guard frontier.count == size.nonzeroBitCount else {
            throw .wrongFrontierLength(expected: size.nonzeroBitCount, found: frontier.count)
        }
        self.size = size
        self.frontier = frontier
    }

    /// Appends a leaf by its hash (``MerkleHash/leaf(_:)-([UInt8])``).
    public mutating func append(_ leafHash: Digest) {
        precondition(size < HistoryTree.maximumSize, "a history tree is full at \(size) leaves")
        var subtree = leafHash
        // Each trailing 1 bit of the size is a subtree that the new leaf completes to one twice as large.
        for _ in 0..<(~size).trailingZeroBitCount {
            subtree = MerkleHash.node(frontier.removeLast(), subtree)
        }
        frontier.append(subtree)
        size += 1
    }

    public mutating func append(contentsOf leafHashes: some Sequence<Digest>) {
        for leafHash in leafHashes { append(leafHash) }
    }

    /// The root hash; ``MerkleHash/empty`` without leaves. Costs one hash per subtree.
    public var root: Digest {
        guard var root = frontier.last else { return MerkleHash.empty }
        for subtree in frontier.dropLast().reversed() { root = MerkleHash.node(subtree, root) }
        return root
    }
}

extension CompactTree: CBORCodable {
    /// `[size, [subtree root, …]]`.
    public func encode(to writer: inout CBORWriter) {
        writer.array(2)
        writer.uint(size)
        writer.digests(frontier)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 2)
        let size = try reader.uint(atMost: HistoryTree.maximumSize)
        let start = reader.offset
        let frontier = try reader.digests(atMost: HistoryTree.maximumPathLength)
        guard frontier.count == size.nonzeroBitCount else {
            throw CBORError(.wrongLength(expected: size.nonzeroBitCount, found: frontier.count), at: start)
        }
        self.size = size
        self.frontier = frontier
    }
}
