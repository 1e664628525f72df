/// The tiles one computation has read, each once, as they were at one tree size.
struct TileWindow<Reader: TileReader> {
    let size: UInt64
    let reader: Reader
    private var tiles: [TileCoordinate: [Digest]] = [:]

    init(size: UInt64, reader: Reader) {
        self.size = size
        self.reader = reader
    }

    /// The root of the leaves `start..<end`, a range that RFC 9162's splitting of the tree yields: `start`
    /// is a multiple of the smallest power of two that is not below the length.
    mutating func root(_ start: UInt64, _ end: UInt64) throws(MerkleError) -> Digest {
        precondition(start < end && end <= size, "leaves \(start) to \(end) of \(size)")
        var subtrees: [Digest] = []
        var start = start
        while start < end {
            let level = 63 - (end - start).leadingZeroBitCount
            subtrees.append(try perfectSubtree(level: level, index: start >> UInt64(level)))
            start += UInt64(1) << UInt64(level)
        }
        // The range holds at least one leaf, hence one subtree.
        var root = subtrees.removeLast()
        for subtree in subtrees.reversed() { root = MerkleHash.node(subtree, root) }
        return root
    }

    /// The root of the 2^`level` leaves from `index`·2^`level`.
    private mutating func perfectSubtree(level: Int, index: UInt64) throws(MerkleError) -> Digest {
        let inTile = level % TileCoordinate.height
        let first = index << UInt64(inTile)
        let fullWidth = UInt64(TileCoordinate.fullWidth)
        let tile = TileCoordinate(level: level / TileCoordinate.height, index: first / fullWidth)
        let offset = Int(first % fullWidth)
        let width = tile.width(treeSize: size)
        let known = try reader.subtree(tile: tile, width: width, height: inTile, index: offset >> inTile)
        if let known { return known }
        let hashes = try hashes(tile)
        return MerkleHash.perfectRoot(hashes[offset..<(offset + (1 << inTile))])
    }

    private mutating func hashes(_ tile: TileCoordinate) throws(MerkleError) -> [Digest] {
        if let known = tiles[tile] { return known }
        let hashes = try reader.checkedHashes(tile: tile, width: tile.width(treeSize: size))
        tiles[tile] = hashes
        return hashes
    }
}

extension MerkleHash {
    /// The root over a power of two of nodes of one level, at most 256.
    static func perfectRoot(_ nodes: ArraySlice<Digest>) -> Digest {
        precondition(nodes.count.nonzeroBitCount == 1, "\(nodes.count) nodes make no perfect subtree")
        var level = Array(nodes)
        var count = level.count
        while count > 1 {
            count /= 2
            for index in 0..<count { level[index] = node(level[2 * index], level[2 * index + 1]) }
        }
        return level[0]
    }
}
