@testable import ProvChain
import Testing

@Suite struct ManifestProofTests {
    private func leaf(_ name: String, _ type: String = "GEO") -> Manifest.Leaf {
        Manifest.Leaf(type: type, hash: TestChain.hash(name))
    }

    private func manifest(_ count: Int) -> Manifest {
        Manifest(
            files: [
                Manifest.File(path: "x.glb", mediaType: "model/gltf-binary", size: 1, sha256: TestChain.hash("x"))
            ], components: (0..<count).map { leaf("part \($0 / 2)", $0.isMultiple(of: 3) ? "GEO" : "IMG") })
    }

    @Test(arguments: [0, 1, 2, 3, 6, 7, 8, 21])
    func everyLeafIsProvenPresent(_ count: Int) throws {
        let manifest = manifest(count)
        for leaf in manifest.leaves {
            let presence = try #require(manifest.presence(of: leaf))
            try presence.verify(root: manifest.root)
            #expect(manifest.absence(of: leaf) == nil)
            #expect(try ManifestPresence(cbor: presence.cbor) == presence)
            #expect(throws: MerkleError.self) { try presence.verify(root: TestChain.hash("other")) }
            let other = ManifestPresence(leaf: self.leaf("other"), proof: presence.proof)
            #expect(throws: MerkleError.self) { try other.verify(root: manifest.root) }
        }
    }

    @Test(arguments: [0, 1, 2, 3, 6, 7, 8, 21])
    func everyOtherLeafIsProvenAbsent(_ count: Int) throws {
        let manifest = manifest(count)
        let strangers =
            [leaf("a", "AAA"), leaf("z", "ZZZ"), leaf("x", "GEO")] + (0..<20).map { leaf("stranger \($0)") }
        for stranger in strangers {
            let absence = try #require(manifest.absence(of: stranger))
            #expect(manifest.presence(of: stranger) == nil)
            try absence.verify(root: manifest.root)
            #expect(try ManifestAbsence(cbor: absence.cbor) == absence)
        }
        #expect(manifest.absence(of: strangers[0])?.before == nil)
        #expect(manifest.absence(of: strangers[1])?.after == nil)
    }

    /// Neighbours that are none, and leaves that are there, cannot be passed off.
    @Test func absenceCannotBeFeigned() throws {
        let manifest = manifest(8)
        let leaves = manifest.leaves
        let shown = leaves.map { manifest.presence(of: $0) }
        func failure(_ leaf: Manifest.Leaf, _ before: Int?, _ after: Int?) -> ManifestAbsence.Failure? {
            let claim = ManifestAbsence(
                leaf: leaf, before: before.flatMap { shown[$0] }, after: after.flatMap { shown[$0] })
            do throws(ManifestAbsence.Failure) {
                try claim.verify(root: manifest.root)
                return nil
            } catch {
                return error
            }
        }
        let there = leaves[1]
        #expect(failure(there, 0, 2) == .notAdjacent)
        #expect(failure(there, nil, 2) == .notAdjacent)
        #expect(failure(there, 0, nil) == .notAdjacent)
        #expect(failure(there, nil, nil) == .notAdjacent)
        #expect(failure(there, 1, 2) == .notBetween)
        #expect(failure(leaf("z", "ZZZ"), 0, 1) == .notBetween)
        #expect(failure(leaf("a", "AAA"), 0, 1) == .notBetween)
        let alien = try #require(self.manifest(3).presence(of: leaves[0]))
        let mixed = ManifestAbsence(leaf: there, before: alien, after: shown[2])
        #expect(throws: ManifestAbsence.Failure.self) { try mixed.verify(root: manifest.root) }
    }

    @Test func theEncodingIsAsDocumented() throws {
        let manifest = manifest(1)
        let presence = try #require(manifest.presence(of: manifest.components[0]))
        let sibling = MerkleHash.leaf(Manifest.leafBytes(manifest.leaves[0])).bytes
        let text = Array("manifest-presence/1".utf8)
        let leaf = [0x82, 0x63] + Array("GEO".utf8) + [0x58, 0x20] + manifest.components[0].hash.bytes
        #expect(
            presence.cbor == [0xa3, 0x01, 0x73] + text + [0x02] + leaf
                + [0x03, 0x83, 0x02, 0x01, 0x81, 0x58, 0x20] + sibling)
        let none = try #require(manifest.absence(of: self.leaf("a", "AAA")))
        let name = Array("manifest-absence/1".utf8)
        let stranger = [0x82, 0x63] + Array("AAA".utf8) + [0x58, 0x20] + TestChain.hash("a").bytes
        let start: [UInt8] = [0xa3, 0x01, 0x72] + name + [0x02] + stranger + [0x04]
        #expect(none.cbor == start + (none.after?.cbor ?? []))
        #expect(throws: CBORError.self) { try ManifestAbsence(cbor: [0xa2, 0x01, 0x72] + name + [0x02] + stranger) }
    }
}
