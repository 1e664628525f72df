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
        #expect(try tree.update((0..<count).map { stateLeaf($0) }, source: StateMemoryLeaves()).hex == root)
    }

    @Test func keysThatDifferInTheLastBitOnlyMakeAPathOf256Nodes() throws {
        let first = StateLeaf(key: .zero, recordHash: digest("record 0"))
        let last = try #require(Digest(hex: String(repeating: "00", count: 31) + "01"))
        var tree = StateTree()
        let root = try tree.update(
            [first, StateLeaf(key: last, recordHash: digest("record 1"))], source: StateMemoryLeaves())
        #expect(root.hex == "cdee722c84641eec79fa4ca61b28b09bbe637282f1b45c3a0cb09b9c2584f4a9")
        let proof = try tree.prove(last, source: StateMemoryLeaves())
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
                try tree.update(wrong, source: StateMemoryLeaves())
                try tree.update(Array(part), source: StateMemoryLeaves())
                rest = rest.dropFirst(part.count)
            }
            #expect(tree.root == expected)
        }
    }

    @Test func aKeySetTwiceInABatchIsRefused() {
        var tree = StateTree()
        #expect(throws: MerkleError.duplicateKey(stateLeaf(1).key)) {
            try tree.update([stateLeaf(1), stateLeaf(2), stateLeaf(1, 3)], source: StateMemoryLeaves())
        }
        #expect(tree.root == .zero)
    }

    // MARK: Preparing

    @Test func aPreparedChangeChangesNothingUntilItIsCommitted() throws {
        var tree = StateTree()
        try tree.update((0..<50).map { stateLeaf($0) }, source: StateMemoryLeaves())
        let before = tree.root
        let first = try tree.prepare((40..<90).map { stateLeaf($0, $0 + 1) }, source: StateMemoryLeaves())
        let second = try tree.prepare(
            (80..<120).map { stateLeaf($0, $0 + 2) }, after: [first], source: StateMemoryLeaves())
        let rival = try tree.prepare([stateLeaf(7, 8)], source: StateMemoryLeaves())
        #expect(tree.root == before)
        #expect(try tree.recordHash(of: stateLeaf(7).key, source: StateMemoryLeaves()) == stateLeaf(7).recordHash)

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
        let empty = try tree.prepare([], source: StateMemoryLeaves())
        #expect(empty.newRoot == tree.root)
    }

    /// Blocks may be prepared on top of one another before the tree grows and committed after.
    @Test func aChangePreparedBeforeTheTreeGrewIsCommittedAfter() throws {
        let limits = StateTreeLimits(bucketLeaves: 2, minimumDepth: 2, maximumDepth: 10)
        var tree = StateTree(limits: limits)
        var plain = StateTree()
        let none = StateMemoryLeaves()
        for start in stride(from: 0, to: 3_000, by: 150) {
            let batches = (0..<3).map { part in
                (0..<50).map { stateLeaf(start + 50 * part + $0) }
                    + (start == 0 ? [] : [stateLeaf(start / 2, start + part + 1)])
            }
            var changes: [StateChange] = []
            for batch in batches {
                changes.append(try tree.prepare(batch, after: changes, source: none))
            }
            for (batch, change) in zip(batches, changes) {
                tree.commit(change)
                #expect(try tree.root == plain.update(batch, source: none))
            }
        }
        #expect(tree.depth == 10 && plain.depth == 10)
        #expect(tree.leafCount == 3_000 && plain.leafCount == 3_000)
    }

    // MARK: Stored leaves

    @Test(arguments: [
        StateTreeLimits(bucketLeaves: 1, minimumDepth: 0, maximumDepth: 9),
        StateTreeLimits(bucketLeaves: 4, minimumDepth: 3, maximumDepth: 5), StateTreeLimits(),
    ])
    func aTreeReadBackFromItsLeavesIsTheSame(limits: StateTreeLimits) throws {
        var random = MerkleGenerator(seed: 5)
        let leaves = stateCrowdedLeaves(300, &random) + (0..<4_000).map { stateLeaf($0) }
        var tree = StateTree(limits: limits)
        var plain = StateTree()
        var database = StateMemoryLeaves()
        var unwritten: [StateLeaf] = []
        var rest = leaves[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(700))
            rest = rest.dropFirst(700)
            try tree.update(part, source: database)
            try plain.update(part, source: StateMemoryLeaves())
            unwritten += part
            // Update again while the flush is under way, then let it fail or succeed.
            tree.beginFlush()
            let again = part.prefix(20).map { StateLeaf(key: $0.key, recordHash: digest("again")) }
            try tree.update(again, source: database)
            try plain.update(again, source: StateMemoryLeaves())
            if Bool.random(using: &random) {
                database.write(unwritten)
                tree.confirmFlushed()
                unwritten = again
            } else {
                tree.flushFailed()
                unwritten += again
            }
            #expect(tree.root == plain.root)
        }
        database.write(unwritten)
        tree.beginFlush()
        tree.confirmFlushed()

        var reloaded = try StateTree(root: tree.root, estimate: 4_000, limits: limits, source: database)
        #expect(reloaded.leafCount == 4_300)
        for leaf in leaves.shuffled(using: &random).prefix(40) {
            let proof = try plain.prove(leaf.key, source: StateMemoryLeaves())
            #expect(try reloaded.prove(leaf.key, source: database) == proof)
            #expect(try tree.prove(leaf.key, source: database) == proof)
            let absent = stateNeighbour(of: leaf.key, bits: Int.random(in: 0..<256, using: &random), &random)
            #expect(try reloaded.prove(absent, source: database) == plain.prove(absent, source: StateMemoryLeaves()))
        }
        #expect(
            try reloaded.update([stateLeaf(1, 2)], source: database)
                == plain.update([stateLeaf(1, 2)], source: StateMemoryLeaves()))
    }

    @Test func leavesThatAreNotTheRootsOwnAreFoundWhenTheyAreRead() throws {
        var tree = StateTree()
        let leaves = (0..<600).map { stateLeaf($0) }
        try tree.update(leaves, source: StateMemoryLeaves())
        var database = StateMemoryLeaves()
        database.write(leaves)
        let reader = try StateTree(root: tree.root, estimate: 600, source: database)
        for leaf in leaves.prefix(30) {
            var changed = database
            changed.leaves[leaf.key] = digest("another record")
            var lost = database
            lost.leaves[leaf.key] = nil
            for source in [changed, lost] {
                // At the start, and when the leaf is read while the node runs.
                #expect(throws: MerkleError.self) {
                    _ = try StateTree(root: tree.root, estimate: 600, source: source)
                }
                let read = #expect(throws: MerkleError.self) { _ = try reader.prove(leaf.key, source: source) }
                guard case .leavesCorrupt(let prefix) = read else {
                    Issue.record("\(String(describing: read)) does not name the place")
                    return
                }
                #expect(prefix.keys.contains(leaf.key))
                var writer = reader
                #expect(throws: MerkleError.leavesCorrupt(StatePrefix(depth: reader.depth, of: leaf.key))) {
                    _ = try writer.prepare([StateLeaf(key: leaf.key, recordHash: digest("next"))], source: source)
                }
            }
        }
    }

    @Test func aPrefixNamesTheKeysBeneathIt() {
        #expect(StatePrefix.all.keys == Digest.zero...Digest(words: (.max, .max, .max, .max)))
        let key = digest("key 1")
        for depth in 0...StatePrefix.maximumDepth {
            let prefix = StatePrefix(depth: depth, of: key)
            #expect(prefix.keys.contains(key))
            #expect(StatePrefix(heapIndex: prefix.heapIndex) == prefix)
            #expect(prefix.keys.lowerBound.sharedBits(with: key) >= depth)
            #expect(prefix.keys.upperBound.sharedBits(with: key) >= depth)
            #expect(prefix.keys.lowerBound.sharedBits(with: prefix.keys.upperBound) == depth)
        }
        #expect(StatePrefix(depth: 3, bits: 5).description == "subtree 101")
        #expect(StatePrefix.all.description == "the root")
    }

    @Test func theDepthInMemoryFollowsTheNumberOfLeaves() {
        let limits = StateTreeLimits()
        for (leaves, depth) in [(0, 10), (9_000, 10), (10_000, 11), (5_000_000, 20), (50_000_000, 22)] {
            #expect(limits.depth(forLeaves: leaves) == depth)
        }
    }
}
