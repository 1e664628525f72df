import ProvChain
import Testing

@testable import ProvNode

@Suite("Tiles in memory give the same proofs as tiles on disk")
struct TileCacheTests {
    /// A reader that knows of no subtrees.
    private struct Plain: TileReader {
        let reader: LogReader

        func hashes(tile: TileCoordinate, width: Int) throws(MerkleError) -> [Digest] {
            try reader.hashes(tile: tile, width: width)
        }
    }

    @Test("While the log grows, every leaf is proven under every size that had it")
    func proofsHoldWhileTheLogGrows() throws {
        let chain = SampleChain(leavesPerBlock: 97)
        let fixture = LogFixture()
        let store = try fixture.open()
        for height: UInt64 in 0..<9 {
            try store.append([chain.block(height)])
            let size = store.size
            let root = chain.root(leaves: size)
            for leaf in [0, size / 3, size / 2, size - 2, size - 1] {
                let proof = try HistoryTree.inclusionProof(index: leaf, size: size, reader: store.reader)
                try proof.verify(leafHash: MerkleHash.leaf(chain.leaf(leaf)), root: root)
                #expect(
                    try proof
                        == HistoryTree.inclusionProof(index: leaf, size: size, reader: Plain(reader: store.reader)))
            }
        }
        // An earlier size, whose last tile is only a part of the one in memory.
        let old = try HistoryTree.inclusionProof(index: 5, size: 300, reader: store.reader)
        try old.verify(leafHash: MerkleHash.leaf(chain.leaf(5)), root: chain.root(leaves: 300))
    }

    @Test("The nodes of a tile are the roots of its perfect subtrees")
    func nodesOfATile() {
        let hashes = (0..<200).map { SHA256.hash([UInt8($0)]) }
        let nodes = TileNodes(hashes)
        #expect(nodes.hashes == hashes)
        for (height, index) in [(0, 199), (1, 99), (3, 24), (6, 2), (7, 0)] {
            let width = 1 << height
            #expect(
                nodes.subtree(height: height, index: index)
                    == Array(hashes[(index * width)..<((index + 1) * width)]).perfectRoot)
        }
        #expect(nodes.subtree(height: 3, index: 25) == nil, "200 hashes are 25 groups of eight")
        #expect(nodes.subtree(height: 8, index: 0) == nil)
    }

    @Test("What was not used lately goes; a tile with too few hashes does not count")
    func theCacheIsBounded() {
        let cache = TileCache()
        let nodes = TileNodes([SHA256.hash([1]), SHA256.hash([2])])
        func tile(_ index: Int) -> TileCoordinate { TileCoordinate(level: 0, index: UInt64(index)) }
        for index in 0..<(3 * TileCache.capacity) {
            cache.insert(nodes, tile(index))
            #expect(cache.nodes(tile(0), width: 2) != nil, "used all the time")
        }
        #expect(cache.count <= TileCache.capacity)
        #expect(cache.nodes(tile(1), width: 2) == nil)
        #expect(cache.nodes(tile(0), width: 3) == nil)
    }

    @Test("Entries by their indexes are those that a walk gives")
    func entriesByIndex() throws {
        let chain = SampleChain(leavesPerBlock: 300)
        let fixture = LogFixture()
        let store = try fixture.open()
        try store.append(chain.blocks(0..<3))
        let indexes: [UInt64] = [0, 1, 255, 256, 511, 700, 899]
        #expect(try store.reader.entries(at: indexes) == indexes.map(chain.leaf))
        #expect(try indexes.map { try store.reader.entry($0) } == indexes.map(chain.leaf))
        #expect(throws: LogStoreError.outOfRange(index: 900, count: 900)) { try store.reader.entries(at: [3, 900]) }
        #expect(throws: LogStoreError.outOfRange(index: 900, count: 900)) { try store.reader.entry(900) }
    }
}
