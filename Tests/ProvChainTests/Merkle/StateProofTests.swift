import ProvChain
import Testing

private func digest(_ text: String) -> Digest { SHA256.hash(Array(text.utf8)) }

@Suite struct StateProofTests {
    private static func accepts(_ proof: StateProof, _ key: Digest, _ hash: Digest?, _ root: Digest) -> Bool {
        (try? proof.verify(key: key, recordHash: hash, root: root)) != nil
    }

    @Test(arguments: 0..<6)
    func presenceAndAbsenceAreProvenAndNothingElse(seed: Int) throws {
        var random = MerkleGenerator(seed: UInt64(100 + seed))
        let leaves = seed < 3 ? stateCrowdedLeaves(120, &random) : (0..<200).map { stateLeaf($0) }
        var tree = StateTree()
        let root = try tree.update(leaves, source: StateMemoryLeaves())
        var kinds = (presence: 0, empty: 0, witness: 0)
        for leaf in leaves {
            let proof = try tree.prove(leaf.key, source: StateMemoryLeaves())
            #expect(proof.witness == nil)
            #expect(Self.accepts(proof, leaf.key, leaf.recordHash, root))
            #expect(!Self.accepts(proof, leaf.key, nil, root))
            #expect(!Self.accepts(proof, leaf.key, digest("other"), root))
            #expect(try StateProof(cbor: proof.cbor) == proof)
            kinds.presence += 1

            let key = stateNeighbour(of: leaf.key, bits: Int.random(in: 0..<256, using: &random), &random)
            guard try tree.recordHash(of: key, source: StateMemoryLeaves()) == nil else { continue }
            let absence = try tree.prove(key, source: StateMemoryLeaves())
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
        let leaves = stateCrowdedLeaves(60, &random)
        var tree = StateTree()
        let root = try tree.update(leaves, source: StateMemoryLeaves())
        for (leaf, other) in zip(leaves, leaves.dropFirst()) {
            let proof = try tree.prove(leaf.key, source: StateMemoryLeaves())
            let foreign = try tree.prove(other.key, source: StateMemoryLeaves())
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
