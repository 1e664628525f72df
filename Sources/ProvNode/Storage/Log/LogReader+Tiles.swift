import ProvChain

extension LogReader: TileReader {
    /// The first `width` hashes of a tile, for proofs at any size up to the present one.
    func hashes(tile: TileCoordinate, width: Int) throws(MerkleError) -> [Digest] {
        let hashes = try nodes(tile, width: width).hashes
        return hashes.count == width ? hashes : Array(hashes.prefix(width))
    }

    func subtree(tile: TileCoordinate, width: Int, height: Int, index: Int) throws(MerkleError) -> Digest? {
        try nodes(tile, width: width).subtree(height: height, index: index)
    }

    /// A tile with at least `width` hashes, from memory if a proof has used it lately.
    private func nodes(_ tile: TileCoordinate, width: Int) throws(MerkleError) -> TileNodes {
        if let known = tiles.nodes(tile, width: width) { return known }
        let nodes = TileNodes(try readHashes(tile, width: width))
        tiles.insert(nodes, tile)
        return nodes
    }

    private func readHashes(_ tile: TileCoordinate, width: Int) throws(MerkleError) -> [Digest] {
        let bytes: [UInt8]?
        do {
            bytes = try tileBytes(.hashes(tile, width: width))
        } catch {
            throw .tileUnavailable(tile, width: width, reason: "\(error)")
        }
        guard let bytes else {
            throw .tileUnavailable(tile, width: width, reason: "the log has \(size) leaves")
        }
        guard let hashes = TileBytes.decode(bytes) else {
            throw .wrongTileWidth(tile, expected: width, found: bytes.count / Digest.byteCount)
        }
        return hashes
    }

    /// What `GET /log/<path>` answers; `nil` is 404.
    ///
    /// A tile or bundle is there in full once 256 items are, and in part for every width up to what there
    /// is: the prefix that a checkpoint of that time covers.
    func tileBytes(_ path: TilePath) throws(LogStoreError) -> [UInt8]? {
        switch path {
        case .hashes(let tile, let width):
            guard width <= tile.width(treeSize: size) else { return nil }
            let content = LogContent.hashes(level: tile.level)
            let bytes = try bytes(content, tile.index, atMost: width * Digest.byteCount)
            guard bytes.count == width * Digest.byteCount else {
                throw .fileTooShort(
                    file: self.path(content, tile.index), expectedBytes: width * Digest.byteCount,
                    foundBytes: bytes.count)
            }
            return bytes
        case .entries(let index, let width):
            guard width <= TileCoordinate(level: 0, index: index).width(treeSize: size) else { return nil }
            return try bundleBytes(index, width: width)
        }
    }

    private func bundleBytes(_ number: UInt64, width: Int) throws(LogStoreError) -> [UInt8] {
        let bytes = try bytes(.entries, number)
        let items = try items(bytes, count: width, .entries, number)
        return Array(bytes.prefix(items.last?.upperBound ?? 0))
    }
}
