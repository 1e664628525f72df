import Foundation
import ProvChain
import Testing

/// Component leaves against an implementation in Python that knows nothing of ours: `Tests/Foreign/assets`.
@Suite struct ComponentVectorTests {
    struct File: Decodable {
        struct Case: Decodable {
            let name: String
            let glb: Data
            let leaves: [[String]]
            let root: String
        }
        let cases: [Case]
    }

    private func fingerprint(_ bytes: [UInt8]) -> AssetFingerprint {
        var budget = AssetBudget(bytes: 1 << 26)
        return AssetFingerprint.read(bytes: bytes, name: "case.glb", budget: &budget)
    }

    @Test func everyLeafTypeIsAsSpecified() throws {
        let cases = try ForeignVectors.decode("assets/vectors/components.json", as: File.self).cases
        var kinds: Set<String> = []
        for example in cases {
            let found = fingerprint([UInt8](example.glb))
            #expect(found.structure == .verified, "\(example.name)")
            let leaves = found.components.map { [$0.kind.rawValue, $0.hash.hex] }
            #expect(leaves == example.leaves, "\(example.name)")
            var tree = CompactTree()
            for component in found.components { tree.append(MerkleHash.leaf(Manifest.leafBytes(component.leaf))) }
            #expect(tree.root.hex == example.root, "\(example.name)")
            kinds.formUnion(leaves.map { $0[0] })
        }
        #expect(kinds == Set(AssetComponent.Kind.allCases.map(\.rawValue)))
        print(
            "vectors: component leaves by Tests/Foreign/assets, \(cases.count) files,",
            "\(cases.reduce(0) { $0 + $1.leaves.count }) leaves of \(kinds.count) types as expected")
    }

    /// Names, generators, extras, unused objects, order, indexing, strides and number types do not matter.
    @Test func aFigureExportedOtherwiseHasTheSameLeaves() throws {
        let cases = try ForeignVectors.decode("assets/vectors/components.json", as: File.self).cases
        let plain = try #require(cases.first { $0.name == "figure" })
        let dressed = try #require(cases.first { $0.name == "figure dressed" })
        let (a, b) = (fingerprint([UInt8](plain.glb)), fingerprint([UInt8](dressed.glb)))
        #expect(plain.glb != dressed.glb)
        #expect(a.components.map(\.leaf) == b.components.map(\.leaf))
        #expect(a.components.first { $0.kind == .geometry }?.name == "figure")
        #expect(b.components.first { $0.kind == .geometry }?.name == "renamed")
    }

    /// The scene that the file shows first: number 1 of three, with one mesh mirrored and flattened.
    @Test func instancesStandWhereTheSceneSays() throws {
        let cases = try ForeignVectors.decode("assets/vectors/components.json", as: File.self).cases
        let found = fingerprint([UInt8](try #require(cases.first { $0.name == "scenes" }).glb))
        #expect(found.components.count { $0.kind == .scene } == 2)
        #expect(found.instances.map(\.mesh) == [0])
        var budget = AssetBudget(bytes: 1 << 20)
        let triangles = try found.worldTriangles(budget: &budget)
        let mesh = found.meshes[0]
        #expect(triangles.count == 9 * mesh.triangles.count)
        let first = mesh.positions[Int(mesh.triangles[0].b)]
        #expect(Array(triangles[3..<6]) == [-first.x, first.y, Float(Double(first.z) * 1e-3)])
    }
}
