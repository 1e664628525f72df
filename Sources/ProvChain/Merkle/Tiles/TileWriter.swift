/// Hashes to append to one stored tile.
public struct TileAppend: Hashable, Sendable {
    public let tile: TileCoordinate
    /// Hashes the tile holds before: where the new ones start.
    public let offset: Int
    /// One or more; `offset` and these make at most 256.
    public let hashes: [Digest]
}

/// Turns appended leaves into appended tiles.
///
/// It keeps the unfinished tile of every level (at most 8 of under 8 KiB), so that appending reads nothing.
/// A value: copy it to try a block, keep the copy once the block is durable.
public struct TileWriter: Sendable {
    /// Leaves appended so far.
    public private(set) var size: UInt64
    private var unfinished: [[Digest]]

    /// A log without entries.
    public init() {
        size = 0
        unfinished = Array(repeating: [], count: TileCoordinate.maximumLevel + 1)
    }

    /// Continues a log of `size` leaves: reads the unfinished tile of each level.
    public init(size: UInt64, reader: some TileReader) throws(MerkleError) {
        try HistoryTree.checkSize(size)
        self.init()
        self.size = size
        for tile in TileCoordinate.partialTiles(treeSize: size) {
            unfinished[tile.level] = try reader.checkedHashes(tile: tile, width: tile.width(treeSize: size))
        }
    }

    /// Appends leaves, and returns what to append to which tile: by level, then by index.
    public mutating func append(_ leafHashes: [Digest]) -> [TileAppend] {
        precondition(UInt64(leafHashes.count) <= HistoryTree.maximumSize - size, "a history tree is full at \(size)")
        var appends: [TileAppend] = []
        var level = 0
        var hashes = leafHashes
        while !hashes.isEmpty {
            hashes = append(hashes, level: level, to: &appends)
            level += 1
        }
        size += UInt64(leafHashes.count)
        return appends
    }

    /// Returns the roots of the tiles that became full.
    private mutating func append(_ hashes: [Digest], level: Int, to appends: inout [TileAppend]) -> [Digest] {
        var roots: [Digest] = []
        var index = size >> UInt64((level + 1) * TileCoordinate.height)
        var rest = hashes[...]
        while !rest.isEmpty {
            let offset = unfinished[level].count
            let part = rest.prefix(TileCoordinate.fullWidth - offset)
            rest = rest.dropFirst(part.count)
            appends.append(
                TileAppend(tile: TileCoordinate(level: level, index: index), offset: offset, hashes: Array(part)))
            unfinished[level].append(contentsOf: part)
            if unfinished[level].count == TileCoordinate.fullWidth {
                roots.append(MerkleHash.perfectRoot(unfinished[level][...]))
                unfinished[level].removeAll(keepingCapacity: true)
                index += 1
            }
        }
        return roots
    }
}
