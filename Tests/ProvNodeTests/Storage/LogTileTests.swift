import ProvChain
import Testing

@testable import ProvNode

@Suite("History log: the tlog-tiles files")
struct LogTileTests {
    @Test("A tile is the hashes one after the other, a bundle the entries after their lengths: C2SP tlog-tiles")
    func bytes() throws {
        let fixture = LogFixture()
        let store = try fixture.open()
        try store.append([LogBlock(height: 0, time: 1, leaves: [[0xaa], [], [0xbb, 0xcc]], certificate: [9])])
        let log = fixture.home + "/log"
        #expect(try LogDisk.read(log + "/partial/entries/000") == [0, 1, 0xaa, 0, 0, 0, 2, 0xbb, 0xcc])
        // SHA-256 of 00 aa, of 00, and of 00 bb cc.
        let hashes = [[0, 0xaa], [0], [0, 0xbb, 0xcc]].map { SHA256.hash($0) }
        #expect(hashes[1].hex == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")
        #expect(try LogDisk.read(log + "/partial/0/000") == hashes.flatMap(\.bytes))
        // Length 6 in 4 bytes, then [0, 2, 1, h'09'].
        #expect(try LogDisk.read(log + "/certificates/000") == [0, 0, 0, 6, 0x84, 0, 2, 1, 0x41, 9])
        #expect(try LogDisk.files(log + "/tile") == [])
    }

    @Test("A commit segment is as documented")
    func segmentBytes() throws {
        let fixture = LogFixture()
        let store = try fixture.open()
        try store.append([LogBlock(height: 0, time: 1, leaves: [[0xaa]], certificate: [9])])
        let bytes = try LogDisk.read(fixture.paths.segment(firstHeight: 0))
        #expect(fixture.paths.segment(firstHeight: 0).hasSuffix("/log/commit/00000000000000000000.seg"))
        let payload: [UInt8] = [0x84, 0, 1, 0x81, 0x41, 0xaa, 0x41, 9]
        let salt = Array(bytes[16..<32])
        #expect(bytes[..<16] == Array("PROVSEG2".utf8)[...] + [UInt8](repeating: 0, count: 8))
        #expect(bytes[32..<40] == Array("PREC".utf8)[...] + [0, 0, 0, 8])
        let place = salt + [0, 0, 0, 0, 0, 0, 0, 32] + [0, 0, 0, 8]
        #expect(Array(bytes[40..<48]) == Array(SHA256.hash(place).bytes[..<8]))
        #expect(Array(bytes[48..<80]) == SHA256.hash(place + payload).bytes)
        #expect(Array(bytes[80...]) == payload)
    }

    @Test("The note of what is durable is as documented")
    func durableBytes() throws {
        let point = DurablePoint(
            extent: LogExtent(size: 3, blockCount: 1, lastTime: 5, root: .zero), entryBytes: 9, certificateBytes: 10)
        let content: [UInt8] = [0x87, 1, 3, 1, 5, 0x58, 32] + [UInt8](repeating: 0, count: 32) + [9, 10]
        #expect(point.bytes == content + SHA256.hash(content).bytes)
    }

    @Test("tile/ holds full files only; a file moves there when it is full")
    func fullFilesOnly() throws {
        let chain = SampleChain(leavesPerBlock: 64)
        let fixture = LogFixture()
        let store = try fixture.open()
        let log = fixture.home + "/log"
        for height: UInt64 in 0..<9 {
            try store.append([chain.block(height)])
            let full = Int(store.size / 256)
            let bundles = try LogDisk.files(log + "/tile/entries")
            #expect(bundles == (0..<full).map { log + "/tile/entries/00\($0)" })
            let tiles = try LogDisk.files(log + "/tile/0")
            #expect(tiles == (0..<full).map { log + "/tile/0/00\($0)" })
            for tile in tiles { #expect(try LogDisk.read(tile).count == 8_192) }
            let growing = store.size.isMultiple(of: 256) ? [] : [log + "/partial/entries/00\(full)"]
            #expect(try LogDisk.files(log + "/partial/entries") == growing)
        }
    }

    @Test("What exists is served in full and in every part, everything else is 404")
    func serving() throws {
        let chain = SampleChain(leavesPerBlock: 100)
        let fixture = LogFixture()
        let store = try fixture.open()
        try store.append(chain.blocks(0..<3))
        func get(_ path: String) throws -> [UInt8]? { try store.reader.tileBytes(try TilePath(path)) }

        let hashes = (0..<300).map { MerkleHash.leaf(chain.leaf($0)) }
        let entries = try (0..<300).map { try EntryBundle.encode(chain.leaf($0)) }
        #expect(try get("tile/0/000") == TileBytes.encode(Array(hashes[..<256])))
        #expect(try get("tile/0/000.p/255") == TileBytes.encode(Array(hashes[..<255])))
        #expect(try get("tile/0/001.p/44") == TileBytes.encode(Array(hashes[256...])))
        #expect(try get("tile/0/001.p/1") == hashes[256].bytes)
        #expect(try get("tile/1/000.p/1") == chain.root(leaves: 256).bytes)
        #expect(try get("tile/entries/000") == entries[..<256].flatMap(\.self))
        #expect(try get("tile/entries/000.p/100") == entries[..<100].flatMap(\.self))
        #expect(try get("tile/entries/001.p/44") == entries[256...].flatMap(\.self))

        for missing in [
            "tile/0/001", "tile/0/001.p/45", "tile/0/002.p/1", "tile/0/002", "tile/0/x001/000", "tile/1/000",
            "tile/1/000.p/2", "tile/1/001.p/1", "tile/2/000.p/1", "tile/7/000", "tile/entries/001",
            "tile/entries/001.p/45", "tile/entries/002", "tile/entries/002.p/1",
        ] {
            #expect(try get(missing) == nil, "\(missing)")
        }
    }

    @Test("verifyAll names the file and the item: an entry, a tile, a tile above, a certificate")
    func verification() throws {
        let chain = SampleChain(leavesPerBlock: 300)
        let fixture = LogFixture()
        let store = try fixture.open()
        try store.append(chain.blocks(0..<3))
        try store.close()
        func verify(flipping file: String, at offset: Int) throws -> LogStoreError? {
            let copy = try fixture.copy()
            let reader = try copy.openReader()
            try LogDisk.flip(copy.home + "/log/" + file, at: offset)
            var found: LogStoreError?
            do {
                try reader.verifyAll()
            } catch {
                found = error
            }
            return found
        }
        // The second entry of the bundle: its length is 2 bytes, its text is "leaf 257 ".
        let first = 2 + chain.leaf(256).count
        let entry = try verify(flipping: "tile/entries/001", at: first + 4)
        guard case .itemCorrupt(let file, 257, _) = entry else { return #expect(entry == nil) }
        #expect(file.hasSuffix("/log/tile/entries/001"))

        let hash = try verify(flipping: "tile/0/002", at: 32 * 5)
        guard case .itemCorrupt(let bundle, 517, _) = hash else { return #expect(hash == nil) }
        #expect(bundle.hasSuffix("/log/tile/entries/002"))

        let certificate = try verify(flipping: "certificates/000", at: 6)
        guard case .itemCorrupt(let certificates, 0, _) = certificate else { return #expect(certificate == nil) }
        #expect(certificates.hasSuffix("/log/certificates/000"))
    }

    @Test("A full tile and its entries changed together are found in the tile above")
    func forgedTile() throws {
        let chain = SampleChain(leavesPerBlock: 300)
        let fixture = LogFixture()
        let store = try fixture.open()
        try store.append(chain.blocks(0..<2))
        try store.close()
        let reader = try fixture.openReader()
        let bundle = fixture.home + "/log/tile/entries/001"
        try LogDisk.flip(bundle, at: 5)
        let forged = try EntryBundle.decode(try LogDisk.read(bundle), width: 256).map { MerkleHash.leaf($0) }
        try LogDisk.write(fixture.home + "/log/tile/0/001", TileBytes.encode(forged))
        let error = #expect(throws: LogStoreError.self) { try reader.verifyAll() }
        guard case .itemCorrupt(let file, 256, _) = error else { return #expect(error == nil) }
        #expect(file.hasSuffix("/log/tile/0/001"))
        // Opening notices as well, because the tile's root is derived again.
        #expect(throws: LogStoreError.self) { try fixture.open() }
    }
}
