import ProvChain
import Testing

@Suite struct TileTests {
    @Test func appendingPieceByPieceMakesTheSameTilesAsAtOnce() throws {
        let leaves = (0..<70_000).map(merkleEntryHash)
        var whole = MemoryTiles()
        var writer = TileWriter()
        whole.apply(writer.append(leaves))

        var pieces = MemoryTiles()
        writer = TileWriter()
        var random = MerkleGenerator(seed: 2)
        var size = 0
        while size < leaves.count {
            let count = min(Int.random(in: 0...3_000, using: &random), leaves.count - size)
            // As after a restart: what is not finished is read from the tiles.
            writer = try TileWriter(size: UInt64(size), reader: pieces)
            pieces.apply(writer.append(Array(leaves[size..<(size + count)])))
            size += count
            #expect(writer.size == UInt64(size))
        }
        #expect(pieces.tiles == whole.tiles)
    }

    /// The example of C2SP tlog-tiles.
    @Test func aTreeOf70000LeavesHasTheTilesOfTheSpecification() {
        var tiles = MemoryTiles()
        var writer = TileWriter()
        tiles.apply(writer.append((0..<70_000).map(merkleEntryHash)))
        let level0 = tiles.tiles.filter { $0.key.level == 0 }
        #expect(level0.values.filter { $0.count == 256 }.count == 273)
        #expect(tiles.tiles[TileCoordinate(level: 0, index: 273)]?.count == 112)
        #expect(tiles.tiles[TileCoordinate(level: 1, index: 0)]?.count == 256)
        #expect(tiles.tiles[TileCoordinate(level: 1, index: 1)]?.count == 17)
        #expect(tiles.tiles[TileCoordinate(level: 2, index: 0)]?.count == 1)
        #expect(tiles.tiles.count == 273 + 1 + 2 + 1)
        for (tile, hashes) in tiles.tiles { #expect(tile.width(treeSize: 70_000) == hashes.count) }
        #expect(TileCoordinate(level: 0, index: 274).width(treeSize: 70_000) == 0)
        #expect(TileCoordinate(level: 0, index: .max).width(treeSize: 70_000) == 0)
    }

    @Test(arguments: [1, 255, 256, 257, 700, 65_535, 65_536, 65_537, 67_001])
    func aFlippedBitInAnyTileOnTheWayIsFound(size: Int) throws {
        var tiles = MemoryTiles()
        var writer = TileWriter()
        tiles.apply(writer.append((0..<size).map(merkleEntryHash)))
        let size = UInt64(size)
        let root = try HistoryTree.root(size: size, reader: tiles)
        var random = MerkleGenerator(seed: size)
        for _ in 0..<4 {
            let index = UInt64.random(in: 0..<size, using: &random)
            let counting = CountingTiles(tiles)
            func prove(_ source: some TileReader) throws {
                let reader = try AuthenticatedTileReader(size: size, root: root, source: source)
                _ = try reader.hashes(tile: TileCoordinate(level: 0, index: index / 256), width: 1)
                let proof = try HistoryTree.inclusionProof(index: index, size: size, reader: reader)
                try proof.verify(leafHash: merkleEntryHash(Int(index)), root: root)
                let old = UInt64.random(in: 1...size, using: &random)
                _ = try HistoryTree.consistencyProof(from: old, to: size, reader: reader)
            }
            try prove(counting)
            for tile in Set(counting.read) {
                let hashes = try #require(tiles.tiles[tile])
                var changed = tiles
                var bytes = TileBytes.encode(hashes)
                bytes[Int.random(in: bytes.indices, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
                changed.tiles[tile] = TileBytes.decode(bytes)
                #expect(throws: MerkleError.self, "\(tile) of \(size)") {
                    let reader = try AuthenticatedTileReader(size: size, root: root, source: changed)
                    _ = try reader.hashes(tile: tile, width: tile.width(treeSize: size))
                }
            }
        }
    }

    @Test func tilesThatDoNotExistAreUnavailable() throws {
        var tiles = MemoryTiles()
        var writer = TileWriter()
        tiles.apply(writer.append((0..<300).map(merkleEntryHash)))
        let root = try HistoryTree.root(size: 300, reader: tiles)
        let reader = try AuthenticatedTileReader(size: 300, root: root, source: tiles)
        let beyond = TileCoordinate(level: 0, index: 2)
        #expect(throws: MerkleError.self) { _ = try reader.hashes(tile: beyond, width: 1) }
        #expect(throws: MerkleError.self) {
            _ = try reader.hashes(tile: TileCoordinate(level: 0, index: 1), width: 45)
        }
        #expect(throws: MerkleError.self) { _ = try HistoryTree.root(size: 301, reader: tiles) }
        #expect(throws: MerkleError.self) {
            _ = try AuthenticatedTileReader(size: 299, root: root, source: tiles)
        }
    }

    @Test func tileBytesAreWholeHashes() {
        let hashes = (0..<256).map(merkleEntryHash)
        let bytes = TileBytes.encode(hashes)
        #expect(bytes.count == 8_192)
        #expect(Array(bytes[32..<64]) == hashes[1].bytes)
        #expect(TileBytes.decode(bytes) == hashes)
        #expect(TileBytes.decode(bytes + hashes[0].bytes) == nil)
        #expect(TileBytes.decode(Array(bytes.dropLast())) == nil)
        #expect(TileBytes.decode([]) == nil)
    }

    // MARK: Paths

    @Test(arguments: [
        (TilePath.hashes(TileCoordinate(level: 0, index: 0), width: 256), "tile/0/000"),
        (.hashes(TileCoordinate(level: 0, index: 273), width: 112), "tile/0/273.p/112"),
        (.hashes(TileCoordinate(level: 2, index: 0), width: 1), "tile/2/000.p/1"),
        (.hashes(TileCoordinate(level: 4, index: 1_234_067), width: 256), "tile/4/x001/x234/067"),
        (.hashes(TileCoordinate(level: 4, index: 1_234_067), width: 255), "tile/4/x001/x234/067.p/255"),
        (.entries(index: 999, width: 256), "tile/entries/999"),
        (.entries(index: 1_000, width: 9), "tile/entries/x001/000.p/9"),
        (.entries(index: TilePath.maximumIndex, width: 256), "tile/entries/x036/x028/x797/x018/x963/967"),
    ])
    func pathsAreThoseOfTheSpecification(path: TilePath, text: String) throws {
        #expect(path.text == text)
        #expect(try TilePath(text) == path)
    }

    @Test(arguments: [
        "", "tile", "tile/0", "tile/0/", "tile//000", "/tile/0/000", "tile/0/000/", "tile/00/000", "tile/8/000",
        "tile/64/000", "tile/-1/000", "tile/+1/000", "tile/a/000", "tile/0/0", "tile/0/00", "tile/0/0000",
        "tile/0/1000", "tile/0/x000", "tile/0/x000/067", "tile/0/x000/x001/067", "tile/0/001/067",
        "tile/0/x001/x067", "tile/0/X001/067", "tile/0/x01/067", "tile/0/x0001/067", "tile/0/00a",
        "tile/0/000.p", "tile/0/000.p/", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01",
        "tile/0/000.p/1/", "tile/0/000.p/1.p/1", "tile/0/000.q/1", "tile/0/000p/1", "tile/0/000.p/-1",
        "tile/0/x001.p/000", "tile/entries", "tile/entries/", "tile/Entries/000", "tile/entries/0",
        "tile/entries/x036/x028/x797/x018/x963/968", "tile/0/x999/x999/x999/x999/x999/x999/999",
        "tile/0/x001/x000/x000/x000/x000/x000/x000/000", "tile/0/٠٠٠", "tile/0/000\n", " tile/0/000",
    ])
    func otherSpellingsAreRefused(text: String) {
        #expect(throws: TileFormatError.path) { _ = try TilePath(text) }
    }

    // MARK: Entry bundles

    @Test func entriesAreWrittenAfterTheirLength() throws {
        let entries: [[UInt8]] = [[0xaa], [], Array(repeating: 7, count: 300)]
        let bytes = try EntryBundle.encode(entries)
        #expect(Hex.encode(bytes.prefix(8)) == "0001aa0000012c07")
        #expect(bytes.count == 3 + 2 + 302)
        #expect(try EntryBundle.decode(bytes, width: 3) == entries)
        #expect(try EntryBundle.encode(entries[0]) + EntryBundle.encode(Array(entries[1...])) == bytes)
        let longest = Array(repeating: UInt8(1), count: 65_535)
        #expect(try EntryBundle.decode(EntryBundle.encode(longest), width: 1) == [longest])
        #expect(throws: TileFormatError.entryTooLong(65_536)) { _ = try EntryBundle.encode(longest + [1]) }
    }

    @Test func aBundleIsReadToItsLastByte() throws {
        #expect(throws: TileFormatError.truncatedEntry(offset: 3)) {
            _ = try EntryBundle.decode([0, 1, 0xaa, 0], width: 2)
        }
        #expect(throws: TileFormatError.truncatedEntry(offset: 0)) {
            _ = try EntryBundle.decode([0, 2, 0xaa], width: 1)
        }
        #expect(throws: TileFormatError.wrongEntryCount(expected: 1, found: 2)) {
            _ = try EntryBundle.decode([0, 0, 0, 0], width: 1)
        }
        #expect(throws: TileFormatError.wrongEntryCount(expected: 3, found: 2)) {
            _ = try EntryBundle.decode([0, 0, 0, 0], width: 3)
        }
    }
}
