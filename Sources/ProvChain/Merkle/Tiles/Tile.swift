/// Which tile: level 0 holds leaf hashes, level L the roots of perfect subtrees of 256^L leaves
/// (C2SP tlog-tiles).
public struct TileCoordinate: Hashable, Sendable {
    /// 0 to ``maximumLevel``.
    public let level: Int
    public let index: UInt64

    public init(level: Int, index: UInt64) {
        precondition(level >= 0 && level <= TileCoordinate.maximumLevel, "tile level \(level)")
        self.level = level
        self.index = index
    }

    /// Levels in a full tile.
    public static let height = 8
    /// Hashes in a full tile.
    public static let fullWidth = 256
    /// Bytes of a full tile: 256 hashes of 32 bytes.
    public static let fullByteCount = fullWidth * Digest.byteCount
    /// The topmost level of a tree of 2^63 - 1 leaves.
    public static let maximumLevel = 7

    /// Hashes of this tile in a tree of `size` leaves: 0 to 256.
    public func width(treeSize size: UInt64) -> Int {
        let hashes = size >> UInt64(level * Self.height)
        let (first, overflow) = index.multipliedReportingOverflow(by: UInt64(Self.fullWidth))
        guard !overflow, first < hashes else { return 0 }
        return Int(min(hashes - first, UInt64(Self.fullWidth)))
    }

    /// The coordinates of every tile that a tree of `size` leaves has only in part, lowest level first.
    static func partialTiles(treeSize size: UInt64) -> [TileCoordinate] {
        (0...maximumLevel).compactMap { level in
            let hashes = size >> UInt64(level * height)
            let isPartial = hashes % UInt64(fullWidth) != 0
            return isPartial ? TileCoordinate(level: level, index: hashes / UInt64(fullWidth)) : nil
        }
    }
}

/// Where tiles come from: files, memory, another node.
public protocol TileReader {
    /// The first `width` hashes (1 to 256) of a tile. Throws ``MerkleError/tileUnavailable(_:width:reason:)``
    /// if there are not as many.
    func hashes(tile: TileCoordinate, width: Int) throws(MerkleError) -> [Digest]

    /// The root of the 2^`height` hashes of a tile from `index`·2^`height` on, where the reader keeps such
    /// roots; `nil` if it has to be computed from ``hashes(tile:width:)``, as by default.
    ///
    /// - Parameter width: hashes that the tile has, those of the subtree among them.
    func subtree(tile: TileCoordinate, width: Int, height: Int, index: Int) throws(MerkleError) -> Digest?
}

extension TileReader {
    public func subtree(tile: TileCoordinate, width: Int, height: Int, index: Int) throws(MerkleError) -> Digest? {
        nil
    }

    /// As ``hashes(tile:width:)``, without trusting that the reader returned what it was asked for.
    func checkedHashes(tile: TileCoordinate, width: Int) throws(MerkleError) -> [Digest] {
        let hashes = try hashes(tile: tile, width: width)
        guard hashes.count == width else {
            throw .wrongTileWidth(tile, expected: width, found: hashes.count)
        }
        return hashes
    }
}

/// The hashes of a tile as one byte string, as they are stored and served.
public enum TileBytes {
    public static func encode(_ hashes: [Digest]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(hashes.count * Digest.byteCount)
        for hash in hashes { hash.withBytes { bytes.append(contentsOf: $0) } }
        return bytes
    }

    /// `nil` unless the bytes are 1 to 256 whole hashes.
    public static func decode(_ bytes: [UInt8]) -> [Digest]? {
        guard !bytes.isEmpty, bytes.count <= TileCoordinate.fullByteCount,
            bytes.count.isMultiple(of: Digest.byteCount)
        else { return nil }
        return stride(from: 0, to: bytes.count, by: Digest.byteCount).compactMap {
            Digest(bytes[$0..<($0 + Digest.byteCount)])
        }
    }
}
