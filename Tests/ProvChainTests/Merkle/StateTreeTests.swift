import Testing

@testable import ProvChain

private func digest(_ text: String) -> Digest { SHA256.hash(Array(text.utf8)) }

@Suite struct StateTreeTests {
    /// Computed by six lines of Python.
    @Test(arguments: [
        (0, "0000000000000000000000000000000000000000000000000000000000000000"),
        (1, "ec07e9132b466cd4af87442ea316190278682277ed1d6cf55e2933e3d73c9ff9"),
        (2, "761683a75a00989d035701ee283faf37cd7aeef574d1754e7096a01e9499832a"),
        (3, "8e9080cdd7028b4d0a31f3f4a0b028b2b57a6e7d56fc3ac5c56adf9af3bd7ccb"),
        (16, "421f58c867730dfdcc9d34baf3a76ac60b42b4e9810c5dda001298a1aac17802"),
        (300, "d68f65857b83833cbb2e34cf71463112830ae05da104f61e5e3b9f4a62ed17c8"),
        (5000, "11be3a2c5b1a301287504ccb2d4608cf9b0a679161b3568af0f7a56f77f2995a"),
    ])
    func rootsAreThoseOfAnIndependentImplementation(count: Int, root: String) throws {
        var tree = StateTree()
        #expect(try tree.update((0..<count).map { stateLeaf($0) }, source: StateMemoryPages()).hex == root)
    }

    @Test func keysThatDifferInTheLastBitOnlyMakeAPathOf256Nodes() throws {
        let first = StateLeaf(key: .zero, recordHash: digest("record 0"))
        let last = try #require(Digest(hex: String(repeating: "00", count: 31) + "01"))
        var tree = StateTree()
        let root = try tree.update(
            [first, StateLeaf(key: last, recordHash: digest("record 1"))], source: StateMemoryPages())
        #expect(root.hex == "cdee722c84641eec79fa4ca61b28b09bbe637282f1b45c3a0cb09b9c2584f4a9")
        let proof = try tree.prove(last, source: StateMemoryPages())
        #expect(proof.siblings.count == 256)
        try proof.verify(key: last, recordHash: digest("record 1"), root: root)
        // 255 of the siblings are empty, and not written.
        #expect(proof.cbor.count == 1 + 2 + 32 + 1 + 34 + 1)
        #expect(try StateProof(cbor: proof.cbor) == proof)
    }

    @Test(arguments: 0..<12)
    func theRootIsThatOfTheDefinitionForAnyBatchesInAnyOrder(seed: Int) throws {
        var random = MerkleGenerator(seed: UInt64(seed))
        let count = Int.random(in: 1...400, using: &random)
        var leaves = seed.isMultiple(of: 2) ? stateCrowdedLeaves(count, &random) : (0..<count).map { stateLeaf($0) }
        let expected = stateNaiveRoot(leaves)
        for _ in 0..<3 {
            leaves.shuffle(using: &random)
            var tree = StateTree()
            var rest = leaves[...]
            while !rest.isEmpty {
                let part = rest.prefix(Int.random(in: 1...60, using: &random))
                // Set a wrong value first: only the last one counts.
                let wrong = part.prefix(5).map { StateLeaf(key: $0.key, recordHash: digest("wrong")) }
                try tree.update(wrong, source: StateMemoryPages())
                try tree.update(Array(part), source: StateMemoryPages())
                rest = rest.dropFirst(part.count)
            }
            #expect(tree.root == expected)
        }
    }

    @Test func aKeySetTwiceInABatchIsRefused() {
        var tree = StateTree()
        #expect(throws: MerkleError.duplicateKey(stateLeaf(1).key)) {
            try tree.update([stateLeaf(1), stateLeaf(2), stateLeaf(1, 3)], source: StateMemoryPages())
        }
        #expect(tree.root == .zero)
    }

    // MARK: Preparing

    @Test func aPreparedChangeChangesNothingUntilItIsCommitted() throws {
        var tree = StateTree()
        try tree.update((0..<50).map { stateLeaf($0) }, source: StateMemoryPages())
        let before = tree.root
        let first = try tree.prepare((40..<90).map { stateLeaf($0, $0 + 1) }, source: StateMemoryPages())
        let second = try tree.prepare(
            (80..<120).map { stateLeaf($0, $0 + 2) }, after: [first], source: StateMemoryPages())
        let rival = try tree.prepare([stateLeaf(7, 8)], source: StateMemoryPages())
        #expect(tree.root == before)
        #expect(try tree.recordHash(of: stateLeaf(7).key, source: StateMemoryPages()) == stateLeaf(7).recordHash)

        var expected: [Digest: Digest] = [:]
        for index in 0..<50 { expected[stateLeaf(index).key] = stateLeaf(index).recordHash }
        func root() -> Digest { stateNaiveRoot(expected.map { StateLeaf(key: $0.key, recordHash: $0.value) }) }
        var rivals = expected
        rivals[stateLeaf(7).key] = stateLeaf(7, 8).recordHash
        #expect(rival.newRoot == stateNaiveRoot(rivals.map { StateLeaf(key: $0.key, recordHash: $0.value) }))
        for index in 40..<90 { expected[stateLeaf(index).key] = stateLeaf(index, index + 1).recordHash }
        #expect(first.newRoot == root())
        for index in 80..<120 { expected[stateLeaf(index).key] = stateLeaf(index, index + 2).recordHash }
        #expect(second.newRoot == root())

        tree.commit(first)
        tree.commit(second)
        #expect(tree.root == second.newRoot)
        let empty = try tree.prepare([], source: StateMemoryPages())
        #expect(empty.newRoot == tree.root)
    }

    // MARK: Pages

    @Test(arguments: [0, 1, 2])
    func aTreeReadBackFromItsPagesIsTheSame(residentDepth: Int) throws {
        var random = MerkleGenerator(seed: 5)
        let leaves = stateCrowdedLeaves(300, &random) + (0..<4_000).map { stateLeaf($0) }
        let limits = StateTreeLimits(residentDepth: residentDepth, cachedPageCount: 16)
        var tree = StateTree(limits: limits)
        var plain = StateTree()
        var database = StateMemoryPages()
        var rest = leaves[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(700))
            rest = rest.dropFirst(700)
            try tree.update(part, source: database)
            try plain.update(part, source: StateMemoryPages())
            // Update again while the flush is under way, then let it fail or succeed.
            let drained = tree.drainDirtyPages()
            #expect(zip(drained, drained.dropFirst()).allSatisfy { $0.id < $1.id })
            let again = part.prefix(20).map { StateLeaf(key: $0.key, recordHash: digest("again")) }
            try tree.update(again, source: database)
            try plain.update(again, source: StateMemoryPages())
            if Bool.random(using: &random) {
                database.write(drained)
                tree.confirmFlushed()
            } else {
                tree.flushFailed()
            }
            #expect(tree.root == plain.root)
        }
        database.write(tree.drainDirtyPages())
        tree.confirmFlushed()
        #expect(tree.dirtyPageCount == 0)

        var reloaded = StateTree(root: tree.root, limits: limits)
        for leaf in leaves.shuffled(using: &random).prefix(300) {
            let proof = try plain.prove(leaf.key, source: StateMemoryPages())
            #expect(try reloaded.prove(leaf.key, source: database) == proof)
            #expect(try tree.prove(leaf.key, source: database) == proof)
            let absent = stateNeighbour(of: leaf.key, bits: Int.random(in: 0..<256, using: &random), &random)
            #expect(try reloaded.prove(absent, source: database) == plain.prove(absent, source: StateMemoryPages()))
        }
        #expect(
            try reloaded.update([stateLeaf(1, 2)], source: database)
                == plain.update([stateLeaf(1, 2)], source: StateMemoryPages()))
        for (id, bytes) in database.pages {
            #expect(try StatePage(bytes: bytes, id: id).bytes == bytes)
            #expect(StatePageID(storageKey: id.storageKey) == id)
        }
    }

    @Test func anyChangedByteOfAPageIsFoundWhenItIsRead() throws {
        var tree = StateTree()
        let leaves = (0..<600).map { stateLeaf($0) }
        try tree.update(leaves, source: StateMemoryPages())
        var database = StateMemoryPages()
        database.write(tree.drainDirtyPages())
        var random = MerkleGenerator(seed: 6)
        for leaf in leaves.prefix(150) {
            let id = Bool.random(using: &random) ? StatePageID.top : StatePageID(depth: 1, on: leaf.key)
            guard let bytes = database.pages[id] else { continue }
            var changed = database
            changed.pages[id]?[Int.random(in: bytes.indices, using: &random)] ^=
                1 << UInt8.random(in: 0..<8, using: &random)
            var reader = StateTree(root: tree.root)
            #expect(throws: MerkleError.self) { _ = try reader.prove(leaf.key, source: changed) }
            changed.pages[id] = nil
            #expect(throws: MerkleError.pageMissing(id)) { _ = try reader.prove(leaf.key, source: changed) }
        }
    }

    @Test func aPageHasOneEncoding() throws {
        let (a, b) = (stateLeaf(1), stateLeaf(2))
        var page = StatePage()
        page.setLeaf(a, at: a.key.byte(0))
        page.setLeaf(b, at: b.key.byte(0))
        page.setChild(digest("child"), at: 200)
        let sorted = [a, b].sorted { $0.key < $1.key }
        let leafBytes = sorted.map { $0.key.bytes + $0.recordHash.bytes }
        let childBytes = [200] + digest("child").bytes
        #expect(page.bytes == [0, 2, 0, 1] + leafBytes[0] + leafBytes[1] + childBytes)
        for bytes in [
            [], [0, 0, 0, 0], [0, 1, 0, 0], [0, 2, 0, 0] + leafBytes[1] + leafBytes[0],
            [0, 2, 0, 0] + leafBytes[0] + leafBytes[0], [0, 0, 0, 2] + childBytes + childBytes,
            [0, 1, 0, 1] + leafBytes[0] + [sorted[0].key.byte(0)] + digest("child").bytes,
            page.bytes + [0], Array(page.bytes.dropLast()),
        ] {
            #expect(throws: MerkleError.self) { _ = try StatePage(bytes: bytes, id: .top) }
        }
        // A key that does not belong below the page's prefix.
        let elsewhere = StatePageID(depth: 1, on: digest("key 3"))
        #expect(throws: MerkleError.self) { _ = try StatePage(bytes: [0, 1, 0, 0] + leafBytes[0], id: elsewhere) }
        #expect(throws: MerkleError.self) {
            _ = try StatePage(bytes: [0, 0, 0, 1] + childBytes, id: StatePageID(depth: 31, prefix: .zero))
        }
    }

    @Test func storageKeysSortLikeIDs() {
        let ids = (0..<200).map { StatePageID(depth: $0 % 32, on: digest("\($0)")) }
        let byKey = ids.sorted { $0.storageKey.lexicographicallyPrecedes($1.storageKey) }
        #expect(byKey == ids.sorted())
        #expect(StatePageID.top.storageKey == [0])
        #expect(StatePageID(depth: 2, on: digest("key 1")).storageKey == [2] + digest("key 1").bytes.prefix(2))
        #expect(StatePageID(storageKey: []) == nil)
        #expect(StatePageID(storageKey: [1]) == nil)
        #expect(StatePageID(storageKey: [32] + digest("").bytes) == nil)
    }

    @Test func theCacheHoldsNoMoreThanItMay() {
        var cache = StatePageCache(limits: StateTreeLimits(residentDepth: 1, cachedPageCount: 8))
        for index in 0..<100 {
            cache.insert(StatePage(), StatePageID(depth: 2, on: digest("\(index)")))
            #expect(cache.evictableCount <= 8)
        }
        cache.insert(StatePage(), .top)
        #expect(cache.page(.top) != nil)
        #expect(cache.page(StatePageID(depth: 2, on: digest("99"))) != nil)
        #expect(cache.page(StatePageID(depth: 2, on: digest("0"))) == nil)
    }
}
