/// Tiles from a source that is not trusted, each checked against a root that is.
///
/// The unfinished tiles together make the root, and are checked when the reader is made. A full tile is
/// checked against its hash in the tile above, which is checked first. So a wrong bit in any tile that a
/// computation passes through is found, even if the result would not depend on it.
public struct AuthenticatedTileReader<Source: TileReader>: TileReader {
    public let size: UInt64
    private let source: Source
    private let edge: [TileCoordinate: [Digest]]

    /// Reads and checks the unfinished tile of each level of the tree of `size` leaves with this root.
    ///
    /// Throws ``MerkleError/rootMismatch(expected:computed:)`` if they do not make it.
    public init(size: UInt64, root: Digest, source: Source) throws(MerkleError) {
        try HistoryTree.checkSize(size)
        var edge: [TileCoordinate: [Digest]] = [:]
        var computed: Digest?
        for tile in TileCoordinate.partialTiles(treeSize: size) {
            let hashes = try source.checkedHashes(tile: tile, width: tile.width(treeSize: size))
            edge[tile] = hashes
            // From the lowest level up, and in a tile from the smallest subtree to the largest.
            var end = hashes.count
            while end > 0 {
                let width = 1 << end.trailingZeroBitCount
                let subtree = MerkleHash.perfectRoot(hashes[(end - width)..<end])
                computed = computed.map { MerkleHash.node(subtree, $0) } ?? subtree
                end -= width
            }
        }
        let found = computed ?? MerkleHash.empty
        guard found == root else { throw .rootMismatch(expected: root, computed: found) }
        self.size = size
        self.source = source
        self.edge = edge
    }

    public func hashes(tile: TileCoordinate, width: Int) throws(MerkleError) -> [Digest] {
        let available = tile.width(treeSize: size)
        guard width > 0, width <= available else {
            throw .tileUnavailable(tile, width: width, reason: "a tree of \(size) leaves has \(available)")
        }
        if let hashes = edge[tile] { return Array(hashes.prefix(width)) }
        let hashes = try source.checkedHashes(tile: tile, width: available)
        let fullWidth = UInt64(TileCoordinate.fullWidth)
        let above = TileCoordinate(level: tile.level + 1, index: tile.index / fullWidth)
        let position = Int(tile.index % fullWidth)
        let expected = try self.hashes(tile: above, width: position + 1)[position]
        guard MerkleHash.perfectRoot(hashes[...]) == expected else { throw .tileMismatch(tile) }
        return Array(hashes.prefix(width))
    }
}
