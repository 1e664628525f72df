import Testing

@testable import ProvChain

/// The definition, word for word: a set of leaves, split by one bit after the other.
private func naiveRoot(_ leaves: [StateLeaf], depth: Int = 0) -> Digest {
    if leaves.isEmpty { return .zero }
    if leaves.count == 1 { return SHA256.hash([0] + leaves[0].key.bytes + leaves[0].recordHash.bytes) }
    let left = naiveRoot(leaves.filter { !$0.key.bit(depth) }, depth: depth + 1)
    let right = naiveRoot(leaves.filter { $0.key.bit(depth) }, depth: depth + 1)
    return SHA256.hash([1] + left.bytes + right.bytes)
}

private func leaf(_ index: Int, _ record: Int? = nil) -> StateLeaf {
    StateLeaf(key: digest("key \(index)"), recordHash: digest("record \(record ?? index)"))
}

/// A key that shares exactly `bits` bits with `key`, random below.
private func neighbour(of key: Digest, bits: Int, _ random: inout MerkleGenerator) -> Digest {
    var bytes = key.bytes
    bytes[bits / 8] ^= 0x80 >> UInt8(bits % 8)
    for bit in (bits + 1)..<256 where Bool.random(using: &random) { bytes[bit / 8] ^= 0x80 >> UInt8(bit % 8) }
    return Digest(bytes)!
}

/// Leaves whose keys share 0 to 255 bits with one another.
private func crowdedLeaves(_ count: Int, _ random: inout MerkleGenerator) -> [StateLeaf] {
    var keys = [digest("seed \(random.next())")]
    while keys.count < count {
        let bits = Int.random(in: 0..<256, using: &random)
        let key = neighbour(of: keys[Int.random(in: keys.indices, using: &random)], bits: bits, &random)
        if !keys.contains(key) { keys.append(key) }
    }
    return keys.map { StateLeaf(key: $0, recordHash: digest("record of \($0)")) }
}

/// A database of pages in memory.
private struct MemoryPages: StatePageSource {
    var pages: [StatePageID: [UInt8]] = [:]

    func page(_ id: StatePageID) -> [UInt8]? { pages[id] }

    mutating func write(_ stored: [StoredStatePage]) {
        for page in stored { pages[page.id] = page.bytes }
    }
}

private let nothing = MemoryPages()

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
        #expect(try tree.update((0..<count).map { leaf($0) }, source: nothing).hex == root)
    }

    @Test func keysThatDifferInTheLastBitOnlyMakeAPathOf256Nodes() throws {
        let first = StateLeaf(key: .zero, recordHash: digest("record 0"))
        let last = try #require(Digest(hex: String(repeating: "00", count: 31) + "01"))
        var tree = StateTree()
        let root = try tree.update([first, StateLeaf(key: last, recordHash: digest("record 1"))], source: nothing)
        #expect(root.hex == "cdee722c84641eec79fa4ca61b28b09bbe637282f1b45c3a0cb09b9c2584f4a9")
        let proof = try tree.prove(last, source: nothing)
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
        var leaves = seed.isMultiple(of: 2) ? crowdedLeaves(count, &random) : (0..<count).map { leaf($0) }
        let expected = naiveRoot(leaves)
        for _ in 0..<3 {
            leaves.shuffle(using: &random)
            var tree = StateTree()
            var rest = leaves[...]
            while !rest.isEmpty {
                let part = rest.prefix(Int.random(in: 1...60, using: &random))
                // Set a wrong value first: only the last one counts.
                let wrong = part.prefix(5).map { StateLeaf(key: $0.key, recordHash: digest("wrong")) }
                try tree.update(wrong, source: nothing)
                try tree.update(Array(part), source: nothing)
                rest = rest.dropFirst(part.count)
            }
            #expect(tree.root == expected)
        }
    }

    @Test func aKeySetTwiceInABatchIsRefused() {
        var tree = StateTree()
        #expect(throws: MerkleError.duplicateKey(leaf(1).key)) {
            try tree.update([leaf(1), leaf(2), leaf(1, 3)], source: nothing)
        }
        #expect(tree.root == .zero)
    }

    // MARK: Preparing

    @Test func aPreparedChangeChangesNothingUntilItIsCommitted() throws {
        var tree = StateTree()
        try tree.update((0..<50).map { leaf($0) }, source: nothing)
        let before = tree.root
        let first = try tree.prepare((40..<90).map { leaf($0, $0 + 1) }, source: nothing)
        let second = try tree.prepare((80..<120).map { leaf($0, $0 + 2) }, after: [first], source: nothing)
        let rival = try tree.prepare([leaf(7, 8)], source: nothing)
        #expect(tree.root == before)
        #expect(try tree.recordHash(of: leaf(7).key, source: nothing) == leaf(7).recordHash)

        var expected: [Digest: Digest] = [:]
        for index in 0..<50 { expected[leaf(index).key] = leaf(index).recordHash }
        func root() -> Digest { naiveRoot(expected.map { StateLeaf(key: $0.key, recordHash: $0.value) }) }
        var rivals = expected
        rivals[leaf(7).key] = leaf(7, 8).recordHash
        #expect(rival.newRoot == naiveRoot(rivals.map { StateLeaf(key: $0.key, recordHash: $0.value) }))
        for index in 40..<90 { expected[leaf(index).key] = leaf(index, index + 1).recordHash }
        #expect(first.newRoot == root())
        for index in 80..<120 { expected[leaf(index).key] = leaf(index, index + 2).recordHash }
        #expect(second.newRoot == root())

        tree.commit(first)
        tree.commit(second)
        #expect(tree.root == second.newRoot)
        let empty = try tree.prepare([], source: nothing)
        #expect(empty.newRoot == tree.root)
    }

    // MARK: Pages

    @Test(arguments: [0, 1, 2])
    func aTreeReadBackFromItsPagesIsTheSame(residentDepth: Int) throws {
        var random = MerkleGenerator(seed: 5)
        let leaves = crowdedLeaves(300, &random) + (0..<4_000).map { leaf($0) }
        let limits = StateTreeLimits(residentDepth: residentDepth, cachedPageCount: 16)
        var tree = StateTree(limits: limits)
        var plain = StateTree()
        var database = MemoryPages()
        var rest = leaves[...]
        while !rest.isEmpty {
            let part = Array(rest.prefix(700))
            rest = rest.dropFirst(700)
            try tree.update(part, source: database)
            try plain.update(part, source: nothing)
            // Update again while the flush is under way, then let it fail or succeed.
            let drained = tree.drainDirtyPages()
            #expect(zip(drained, drained.dropFirst()).allSatisfy { $0.id < $1.id })
            let again = part.prefix(20).map { StateLeaf(key: $0.key, recordHash: digest("again")) }
            try tree.update(again, source: database)
            try plain.update(again, source: nothing)
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
            let proof = try plain.prove(leaf.key, source: nothing)
            #expect(try reloaded.prove(leaf.key, source: database) == proof)
            #expect(try tree.prove(leaf.key, source: database) == proof)
            let absent = neighbour(of: leaf.key, bits: Int.random(in: 0..<256, using: &random), &random)
            #expect(try reloaded.prove(absent, source: database) == plain.prove(absent, source: nothing))
        }
        #expect(try reloaded.update([leaf(1, 2)], source: database) == plain.update([leaf(1, 2)], source: nothing))
        for (id, bytes) in database.pages {
            #expect(try StatePage(bytes: bytes, id: id).bytes == bytes)
            #expect(StatePageID(storageKey: id.storageKey) == id)
        }
    }

    @Test func anyChangedByteOfAPageIsFoundWhenItIsRead() throws {
        var tree = StateTree()
        let leaves = (0..<600).map { leaf($0) }
        try tree.update(leaves, source: nothing)
        var database = MemoryPages()
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
        let (a, b) = (leaf(1), leaf(2))
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

@Suite struct StateProofTests {
    private static func accepts(_ proof: StateProof, _ key: Digest, _ hash: Digest?, _ root: Digest) -> Bool {
        (try? proof.verify(key: key, recordHash: hash, root: root)) != nil
    }

    @Test(arguments: 0..<6)
    func presenceAndAbsenceAreProvenAndNothingElse(seed: Int) throws {
        var random = MerkleGenerator(seed: UInt64(100 + seed))
        let leaves = seed < 3 ? crowdedLeaves(120, &random) : (0..<200).map { leaf($0) }
        var tree = StateTree()
        let root = try tree.update(leaves, source: nothing)
        var kinds = (presence: 0, empty: 0, witness: 0)
        for leaf in leaves {
            let proof = try tree.prove(leaf.key, source: nothing)
            #expect(proof.witness == nil)
            #expect(Self.accepts(proof, leaf.key, leaf.recordHash, root))
            #expect(!Self.accepts(proof, leaf.key, nil, root))
            #expect(!Self.accepts(proof, leaf.key, digest("other"), root))
            #expect(try StateProof(cbor: proof.cbor) == proof)
            kinds.presence += 1

            let key = neighbour(of: leaf.key, bits: Int.random(in: 0..<256, using: &random), &random)
            guard try tree.recordHash(of: key, source: nothing) == nil else { continue }
            let absence = try tree.prove(key, source: nothing)
            #expect(Self.accepts(absence, key, nil, root))
            #expect(!Self.accepts(absence, key, leaf.recordHash, root))
            #expect(!Self.accepts(absence, leaf.key, nil, root))
            #expect(try StateProof(cbor: absence.cbor) == absence)
            if absence.witness == nil { kinds.empty += 1 } else { kinds.witness += 1 }
        }
        #expect(kinds.presence == leaves.count)
        #expect(kinds.witness > 0)
        if seed < 3 { #expect(kinds.empty > 0) }
    }

    @Test func aSubstitutedProofIsRefused() throws {
        var random = MerkleGenerator(seed: 7)
        let leaves = crowdedLeaves(60, &random)
        var tree = StateTree()
        let root = try tree.update(leaves, source: nothing)
        for (leaf, other) in zip(leaves, leaves.dropFirst()) {
            let proof = try tree.prove(leaf.key, source: nothing)
            let foreign = try tree.prove(other.key, source: nothing)
            #expect(!Self.accepts(foreign, leaf.key, leaf.recordHash, root))
            #expect(!Self.accepts(proof, other.key, other.recordHash, root))
            for position in proof.siblings.indices {
                var siblings = proof.siblings
                siblings[position] = siblings[position] == .zero ? digest("x") : .zero
                #expect(!Self.accepts(StateProof(siblings: siblings, witness: nil), leaf.key, leaf.recordHash, root))
                siblings.remove(at: position)
                #expect(!Self.accepts(StateProof(siblings: siblings, witness: nil), leaf.key, leaf.recordHash, root))
            }
            for extra in [Digest.zero, digest("x"), root] {
                for position in [0, proof.siblings.count / 2, proof.siblings.count] {
                    var siblings = proof.siblings
                    siblings.insert(extra, at: position)
                    let longer = StateProof(siblings: siblings, witness: nil)
                    #expect(!Self.accepts(longer, leaf.key, leaf.recordHash, root))
                    #expect(!Self.accepts(longer, leaf.key, nil, root))
                }
            }
            // A leaf that is there does not prove the absence of one that is there as well.
            for witness in [leaf, other] {
                let lie = StateProof(siblings: proof.siblings, witness: witness)
                #expect(!Self.accepts(lie, leaf.key, nil, root))
                let far = StateProof(siblings: foreign.siblings, witness: witness)
                #expect(!Self.accepts(far, leaf.key, nil, root))
            }
        }
    }

    @Test func theReasonOfARefusalIsNamed() throws {
        let key = Digest.zero
        let near = StateLeaf(key: try #require(Digest(hex: "20" + String(repeating: "00", count: 31))), recordHash: key)
        let sibling = digest("sibling")
        func root(_ siblings: [Digest], _ witness: StateLeaf?, _ hash: Digest? = nil) throws -> Digest {
            try StateProof(siblings: siblings, witness: witness).root(key: key, recordHash: hash)
        }
        _ = try root([sibling, sibling], near)
        #expect(throws: MerkleError.witnessOffPath(sharedBits: 2, depth: 3)) {
            _ = try root([sibling, sibling, sibling], near)
        }
        #expect(throws: MerkleError.witnessIsTheKey) {
            _ = try root([sibling], StateLeaf(key: key, recordHash: sibling))
        }
        #expect(throws: MerkleError.unexpectedWitness) { _ = try root([sibling], near, sibling) }
        #expect(throws: MerkleError.deepestSiblingEmpty) { _ = try root([.zero, sibling], nil) }
        #expect(throws: MerkleError.proofTooDeep(257)) { _ = try root(Array(repeating: sibling, count: 257), nil) }
        // An empty tree holds nothing, and a tree of one leaf is that leaf.
        try StateProof(siblings: [], witness: nil).verify(key: key, recordHash: nil, root: .zero)
        try StateProof(siblings: [], witness: near).verify(key: key, recordHash: nil, root: near.hash)
    }

    @Test func aProofHasOneEncoding() throws {
        let (a, b) = (digest("a"), digest("b"))
        let witness = StateLeaf(key: a, recordHash: b)
        let proof = StateProof(siblings: [a, .zero, b], witness: witness)
        let (hexA, hexB) = (a.hex, b.hex)
        #expect(Hex.encode(proof.cbor) == "8341a0825820\(hexA)5820\(hexB)825820\(hexA)5820\(hexB)")
        #expect(Hex.encode(StateProof(siblings: [], witness: nil).cbor) == "834080f6")
        #expect(try StateProof(cbor: proof.cbor) == proof)
        let zero = String(repeating: "00", count: 32)
        for hex in [
            "83410080f6", "8342a000825820\(hexA)5820\(hexB)f6", "8341a0815820\(hexA)f6",
            "834180825820\(hexA)5820\(hexB)f6", "8341a0825820\(hexA)5820\(zero)f6", "834080f7", "834080",
            "834080f600", "83408081f6", "84 4080f6f6", "8358210180f6",
        ] {
            #expect(throws: CBORError.self, "\(hex)") {
                _ = try StateProof(cbor: Hex.decode(hex.filter { $0 != " " }) ?? [])
            }
        }
        #expect(throws: CBORError.self) {
            let bitmap = Array(repeating: UInt8(0), count: 32) + [1]
            _ = try StateProof(cbor: [0x83, 0x58, 33] + bitmap + [0x81, 0x58, 32] + a.bytes + [0xf6])
        }
    }
}
