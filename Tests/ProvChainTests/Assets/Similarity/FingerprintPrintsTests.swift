import Foundation
import ProvChain
import Testing

/// From the bytes of a file to its prints, and to the hashes worth claiming.
@Suite struct FingerprintPrintsTests {
    /// Nine decimals bring back every f32.
    private static func obj(_ meshes: [Mesh]) -> [UInt8] {
        var text = ""
        var base = 1
        for (number, mesh) in meshes.enumerated() {
            text += "o part\(number)\n"
            for p in mesh.positions { text += "v \(p.x) \(p.y) \(p.z)\n" }
            for t in mesh.triangles { text += "f \(Int(t.a) + base) \(Int(t.b) + base) \(Int(t.c) + base)\n" }
            base += mesh.positions.count
        }
        return Array(text.utf8)
    }

    private func read(_ bytes: [UInt8], _ name: String = "a.obj") -> AssetFingerprint {
        var budget = AssetBudget()
        return AssetFingerprint.read(bytes: bytes, name: name, budget: &budget)
    }

    private func prints(_ fingerprint: AssetFingerprint) throws -> AssetPrints {
        var budget = AssetBudget()
        return try fingerprint.prints(budget: &budget)
    }

    @Test func aFileHasThePrintsOfItsMeshes() throws {
        let meshes = [Mesh.lump(1), Mesh.lump(2).moved { ($0 + 9, $1, $2) }]
        #expect(try prints(read(Self.obj(meshes))) == printsOf(meshes))
    }

    /// As in the glTF specification: a mesh with a skin does not follow its node. A file without nodes shows its
    /// meshes in their own space.
    @Test func nodesPlaceMeshesInGLTF() throws {
        let mesh = Mesh.lump(4)
        let skins = #","skins":[{"joints":[1]}]"#
        let joints = #""JOINTS_0":2,"WEIGHTS_0":3"#
        #expect(try prints(glb(mesh, nodes: "")) == printsOf([mesh]))
        let stretched = #","nodes":[{"mesh":0,"scale":[3,1,1]}],"scenes":[{"nodes":[0]}]"#
        let placement = try #require(MeshPlacement(columns: [3, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1]))
        #expect(try prints(glb(mesh, nodes: stretched)) == printsOf([mesh], placements: [placement]))
        let skinned = #","nodes":[{"mesh":0,"skin":0,"scale":[3,1,1]},{}],"scenes":[{"nodes":[0,1]}]"# + skins
        #expect(try prints(glb(mesh, nodes: skinned, attributes: joints)) == printsOf([mesh]))
    }

    private func glb(_ mesh: Mesh, nodes: String, attributes: String = "") throws -> AssetFingerprint {
        var binary: [UInt8] = []
        binary += AssetFiles.floats(mesh.positions.flatMap { [$0.x, $0.y, $0.z] })
        let indexStart = binary.count
        for corner in mesh.triangles.flatMap({ [$0.a, $0.b, $0.c] }) {
            binary += (0..<4).map { UInt8(truncatingIfNeeded: corner >> (8 * $0)) }
        }
        let jointStart = binary.count
        binary += [UInt8](repeating: 0, count: 4 * mesh.positions.count)
        let weightStart = binary.count
        binary += AssetFiles.floats(mesh.positions.flatMap { _ in [1, 0, 0, 0] })
        let count = mesh.positions.count
        func bounds(_ choose: ([Float]) -> Float?) throws -> String {
            try [mesh.positions.map(\.x), mesh.positions.map(\.y), mesh.positions.map(\.z)]
                .map { "\(try #require(choose($0)))" }.joined(separator: ",")
        }
        let named = attributes.isEmpty ? "" : "," + attributes
        let json = """
            {"asset":{"version":"2.0"},"buffers":[{"byteLength":\(binary.count)}],"bufferViews":[\
            {"buffer":0,"byteOffset":0,"byteLength":\(indexStart)},\
            {"buffer":0,"byteOffset":\(indexStart),"byteLength":\(jointStart - indexStart)},\
            {"buffer":0,"byteOffset":\(jointStart),"byteLength":\(weightStart - jointStart)},\
            {"buffer":0,"byteOffset":\(weightStart),"byteLength":\(binary.count - weightStart)}],"accessors":[\
            {"bufferView":0,"componentType":5126,"count":\(count),"type":"VEC3",\
            "min":[\(try bounds { $0.min() })],"max":[\(try bounds { $0.max() })]},\
            {"bufferView":1,"componentType":5125,"count":\(3 * mesh.triangles.count),"type":"SCALAR"},\
            {"bufferView":2,"componentType":5121,"count":\(count),"type":"VEC4"},\
            {"bufferView":3,"componentType":5126,"count":\(count),"type":"VEC4"}],\
            "meshes":[{"primitives":[{"attributes":{"POSITION":0\(named)},"indices":1}]}]\(nodes)}
            """
        let found = read(AssetFiles.glb(json, binary), "a.glb")
        #expect(found.structure == .verified)
        return found
    }

    @Test func printsArePaidFor() throws {
        let fingerprint = read(Self.obj([.lump(1)]))
        var budget = AssetBudget(bytes: 1_000)
        #expect(throws: AssetError.self) { try fingerprint.prints(budget: &budget) }
        #expect(try prints(read(Array("hello".utf8), "a.txt")).hasPrints == false)
    }

    /// Spheres and boxes are made again by everyone, however many triangles they have.
    @Test func onlyShapesThatSayWhoseTheyAreAreClaimed() throws {
        let lumps = [Mesh.lump(1), Mesh.lump(2, sides: 40, rings: 30)]
        let plain = [
            Shapes.sphere(sides: 64, rings: 32), Shapes.box(1, 1, 1, cells: 12), Shapes.capsule(2), Shapes.box(1, 2, 3),
        ]
        let fingerprint = read(Self.obj(plain + lumps))
        let shapes = fingerprint.distinctiveShapes()
        #expect(shapes.map(\.triangles) == [2_400, 768])
        let geometry = Set(fingerprint.components.filter { $0.kind == .geometry }.map(\.hash))
        #expect(geometry.count == 6 && shapes.allSatisfy { geometry.contains($0.hash) })
        #expect(fingerprint.distinctiveShapes(atMost: 1) == [shapes[0]])
        // What cannot be measured is not taken for a primitive.
        #expect(fingerprint.distinctiveShapes(bytes: 0).count == 5)
    }
}
