import ProvChain
import Testing

private func digest(_ text: String) -> Digest { SHA256.hash(Array(text.utf8)) }

@Suite struct HistoryTreeTests {
    private static func log(_ count: Int) -> (leaves: [Digest], tiles: MemoryTiles) {
        let leaves = (0..<count).map(merkleEntryHash)
        var writer = TileWriter()
        var tiles = MemoryTiles()
        tiles.apply(writer.append(leaves))
        return (leaves, tiles)
    }

    /// Computed by eight lines of Python.
    @Test(arguments: [
        (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (1, "773885a613489e24ce2cf76199d6a423f042e4bbf12d7eecee912ef276c65701"),
        (2, "5a47662fd8a317d96049a3f9f47c55dc67ca66051baa3683dbb19b2fe09a07b0"),
        (3, "94fbd0dd836f50301692e6d0eade728ee19ec52bfff1606ed807c8575d5aaa19"),
        (7, "98c97f0ba3175cd08b031dd084b9dc4e649b64d1a28e6ea694646503173ab587"),
        (256, "da6596d95369f5fef322ab8e4e0da3b0b50236aa9c8a3b1d246f7411c9e2e32e"),
        (257, "5c1fdfe835358022f2392de478dbe053fc130cfe1d3a082879a90cf6bf14bf7e"),
        (1000, "346c6b9cb89c4b76fac9dcb20cda86e3a01c0a57417c139028eacd4538fde95b"),
        (65537, "b99c570aaf13b96e026383e8e252e69c7142b3ad7e6e0264f3dc10dfd884d8c5"),
    ])
    func rootsAreThoseOfAnIndependentImplementation(size: Int, root: String) throws {
        let (leaves, tiles) = Self.log(size)
        var tree = CompactTree()
        tree.append(contentsOf: leaves)
        #expect(tree.root.hex == root)
        #expect(try HistoryTree.root(size: UInt64(size), reader: tiles).hex == root)
    }

    @Test func everyProofOfASmallTreeIsTheOneRFC9162Defines() throws {
        let (leaves, tiles) = Self.log(130)
        let reference = ReferenceTree(leaves: leaves)
        var tree = CompactTree()
        for size in 0...130 {
            let root = reference.root(0..<size)
            #expect(tree.root == root)
            #expect(try HistoryTree.root(size: UInt64(size), reader: tiles) == root)
            #expect(try HistoryTree.compactTree(size: UInt64(size), reader: tiles) == tree)
            for index in 0..<size {
                let proof = try HistoryTree.inclusionProof(index: UInt64(index), size: UInt64(size), reader: tiles)
                #expect(proof.path == reference.path(index, 0..<size))
                try proof.verify(leafHash: leaves[index], root: root)
            }
            for old in 1..<(size + 1) {
                let proof = try HistoryTree.consistencyProof(from: UInt64(old), to: UInt64(size), reader: tiles)
                #expect(proof.path == reference.consistency(old, 0..<size))
                try proof.verify(oldRoot: reference.root(0..<old), newRoot: root)
            }
            if size < 130 { tree.append(leaves[size]) }
        }
    }

    @Test func proofsCrossTileBoundaries() throws {
        let (leaves, tiles) = Self.log(70_000)
        let reference = ReferenceTree(leaves: leaves)
        var random = MerkleGenerator(seed: 1)
        let edges = [255, 256, 257, 511, 512, 513, 65_279, 65_280, 65_281, 65_535, 65_536, 65_537, 65_792, 70_000]
        for size in edges + (0..<40).map({ _ in Int.random(in: 2...70_000, using: &random) }) {
            let root = reference.root(0..<size)
            #expect(try HistoryTree.root(size: UInt64(size), reader: tiles) == root)
            for _ in 0..<4 {
                let index = Int.random(in: 0..<size, using: &random)
                let reader = CountingTiles(tiles)
                let proof = try HistoryTree.inclusionProof(index: UInt64(index), size: UInt64(size), reader: reader)
                #expect(proof.path == reference.path(index, 0..<size))
                #expect(Set(reader.read).count == reader.read.count, "each tile is read once")
                #expect(reader.read.count <= 6)
                try proof.verify(leafHash: leaves[index], root: root)
                let old = Int.random(in: 1...size, using: &random)
                let consistency = try HistoryTree.consistencyProof(
                    from: UInt64(old), to: UInt64(size), reader: tiles)
                #expect(consistency.path == reference.consistency(old, 0..<size))
                try consistency.verify(oldRoot: reference.root(0..<old), newRoot: root)
            }
        }
    }

    @Test func aChangedProofIsRefused() throws {
        let (leaves, tiles) = Self.log(21)
        let root = try HistoryTree.root(size: 21, reader: tiles)
        for index in 0..<21 {
            let proof = try HistoryTree.inclusionProof(index: UInt64(index), size: 21, reader: tiles)
            let leaf = leaves[index]
            func refused(_ index: UInt64, _ size: UInt64, _ path: [Digest]) -> Bool {
                let changed = InclusionProof(leafIndex: index, treeSize: size, path: path)
                return (try? changed.verify(leafHash: leaf, root: root)) == nil
            }
            for position in proof.path.indices {
                var path = proof.path
                path[position] = digest("other")
                #expect(refused(proof.leafIndex, 21, path))
                path.remove(at: position)
                #expect(refused(proof.leafIndex, 21, path))
            }
            for extra in 0...proof.path.count {
                var path = proof.path
                path.insert(root, at: extra)
                #expect(refused(proof.leafIndex, 21, path))
            }
            for other in 0..<21 where other != index { #expect(refused(UInt64(other), 21, proof.path)) }
            #expect(throws: MerkleError.indexOutOfRange(index: 21, size: 21)) {
                try InclusionProof(leafIndex: 21, treeSize: 21, path: proof.path).verify(leafHash: leaf, root: root)
            }
        }
    }

    @Test func theLastLeafsPathYieldsTheRootBeforeIt() throws {
        let (leaves, tiles) = Self.log(300)
        for size in UInt64(1)...300 {
            let proof = try HistoryTree.inclusionProof(index: size - 1, size: size, reader: tiles)
            try proof.verify(leafHash: leaves[Int(size - 1)], root: HistoryTree.root(size: size, reader: tiles))
            #expect(try proof.rootBeforeLastLeaf() == HistoryTree.root(size: size - 1, reader: tiles))
        }
        let inner = try HistoryTree.inclusionProof(index: 3, size: 9, reader: tiles)
        #expect(throws: MerkleError.notTheLastLeaf(index: 3, size: 9)) { try inner.rootBeforeLastLeaf() }
    }

    @Test func equalSizesNeedEqualRootsAndNoPath() throws {
        let (a, b) = (digest("a"), digest("b"))
        try ConsistencyProof(oldSize: 5, newSize: 5, path: []).verify(oldRoot: a, newRoot: a)
        #expect(throws: MerkleError.rootMismatch(expected: b, computed: a)) {
            try ConsistencyProof(oldSize: 5, newSize: 5, path: []).verify(oldRoot: a, newRoot: b)
        }
        #expect(throws: MerkleError.wrongPathLength(expected: 0, found: 1)) {
            try ConsistencyProof(oldSize: 5, newSize: 5, path: [a]).verify(oldRoot: a, newRoot: a)
        }
        #expect(throws: MerkleError.consistencyFromEmptyTree) {
            try ConsistencyProof(oldSize: 0, newSize: 0, path: []).verify(oldRoot: a, newRoot: a)
        }
    }

    @Test func sizesEndAtTwoToThe63() throws {
        let limit = HistoryTree.maximumSize
        #expect(limit == 9_223_372_036_854_775_807)
        let path = Array(repeating: digest("sibling"), count: 63)
        let last = InclusionProof(leafIndex: limit - 1, treeSize: limit, path: Array(path.prefix(62)))
        _ = try last.root(leafHash: digest("leaf"))
        _ = try InclusionProof(leafIndex: 0, treeSize: limit, path: path).root(leafHash: digest("leaf"))
        #expect(throws: MerkleError.sizeTooLarge(limit + 1)) {
            _ = try InclusionProof(leafIndex: 0, treeSize: limit + 1, path: path).root(leafHash: digest("leaf"))
        }
        #expect(throws: MerkleError.sizeTooLarge(.max)) {
            try ConsistencyProof(oldSize: 1, newSize: .max, path: path).verify(oldRoot: .zero, newRoot: .zero)
        }
        #expect(throws: MerkleError.wrongFrontierLength(expected: 2, found: 1)) {
            _ = try CompactTree(size: 3, frontier: [.zero])
        }
    }

    @Test func proofsEncodeAsRFC9942Says() throws {
        // The proofs of the two example receipts of the COSE Merkle tree proofs draft.
        let hashes = [
            "3d06455dd33da4e9bbd8090677a2d0955e6dffe4b92069605a468920d1198095",
            "987ba8093cabe31046a77bbe9aa4b5f62675d943386c7fbbe249cbaca5da242d",
            "33a5211719e06238a191c7244a7633187da2c9aaa5bc6dec54e2cbb498255434",
            "4d75742d9ea02f7767dcd554a7878ff22cdb208be9f3d35f7aa7700b57e741c0",
        ]
        let path = hashes.compactMap { Digest(hex: $0) }
        let inclusion = InclusionProof(leafIndex: 3, treeSize: 5, path: [path[0], path[2], path[3]])
        let head = "83050383"
        let expected = head + [hashes[0], hashes[2], hashes[3]].map { "5820" + $0 }.joined()
        #expect(Hex.encode(inclusion.cbor) == expected)
        #expect(try InclusionProof(cbor: inclusion.cbor) == inclusion)
        let consistency = ConsistencyProof(oldSize: 3, newSize: 5, path: path)
        #expect(Hex.encode(consistency.cbor) == "83030584" + hashes.map { "5820" + $0 }.joined())
        #expect(try ConsistencyProof(cbor: consistency.cbor) == consistency)
        var tree = CompactTree()
        tree.append(contentsOf: path.prefix(3))
        #expect(try CompactTree(cbor: tree.cbor) == tree)
        #expect(throws: CBORError.self) { _ = try CompactTree(cbor: [0x82, 0x03, 0x80]) }
    }
}
