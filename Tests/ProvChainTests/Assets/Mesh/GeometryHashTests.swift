import Foundation
import ProvChain
import Testing

@Suite struct GeometryHashTests {
    private func leaf(_ positions: [[Float]], _ triangles: [[UInt32]]) throws -> Digest? {
        var budget = AssetBudget(bytes: 1 << 20)
        return try GeometryHash.leaf(
            of: Mesh(
                positions: positions.map { Mesh.Position($0[0], $0[1], $0[2]) },
                triangles: triangles.map { Mesh.Triangle($0[0], $0[1], $0[2]) }), budget: &budget)
    }

    private let square: [[Float]] = [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]]

    /// By hand: SHA-256 of CBOR ["provchain/geo/1", 1, 36 bytes], the smallest corner first.
    @Test func oneTriangleHashesAsDescribed() throws {
        let one = try hex("0000803f")
        let zero = try hex("00000000")
        let corners = [zero, zero, zero, zero, one, zero, one, zero, zero].flatMap { $0 }
        let tag = Array("provchain/geo/1".utf8)
        let input = [0x83, 0x60 + UInt8(tag.count)] + tag + [0x01, 0x58, 36] + corners
        // (1,0,0) (0,0,0) (0,1,0): turned until (0,0,0) is first.
        #expect(try leaf(square, [[1, 0, 3]]) == SHA256.hash(input))
    }

    @Test func orderIndexingAndTheSignOfZeroDoNotMatter() throws {
        let expected = try leaf(square, [[0, 1, 2], [0, 2, 3]])
        #expect(try leaf(square, [[2, 3, 0], [1, 2, 0]]) == expected)
        #expect(try leaf(square.reversed(), [[3, 2, 1], [3, 1, 0]]) == expected)
        #expect(try leaf(square + square, [[4, 1, 6], [0, 2, 7]]) == expected)
        #expect(
            try leaf([[-0.0, 0, -0.0], [1, 0, 0], [1, 1, 0], [0, 1, -0.0]], [[0, 1, 2], [0, 2, 3]]) == expected)
    }

    @Test func degenerateTrianglesAreDropped() throws {
        let expected = try leaf(square, [[0, 1, 2]])
        #expect(try leaf(square + [[0, 0, -0.0]], [[0, 1, 2], [1, 1, 2], [0, 4, 2]]) == expected)
        #expect(try leaf(square, [[0, 0, 0]]) == nil)
        #expect(try leaf([], []) == nil)
    }

    @Test func windingMultiplicityAndPositionsMatter() throws {
        let expected = try leaf(square, [[0, 1, 2]])
        #expect(try leaf(square, [[0, 2, 1]]) != expected)
        #expect(try leaf(square, [[0, 1, 2], [0, 1, 2]]) != expected)
        var moved = square
        moved[1][0] = Float(1).nextUp
        #expect(try leaf(moved, [[0, 1, 2]]) != expected)
    }

    @Test(arguments: [Float.nan, .infinity, -.infinity])
    func numbersThatAreNoneAreRefused(_ value: Float) {
        #expect(throws: AssetError.invalid([AssetIssue(.provNotFinite, "geometry leaf, POSITION 1")])) {
            try leaf([[1, 0, 0], [0, value, 0], [1, 1, 0]], [[0, 1, 2]])
        }
    }

    @Test func aCopyThatDoesNotFitTheBudgetIsRefused() {
        var budget = AssetBudget(bytes: 71)
        #expect(throws: AssetError.self) {
            try GeometryHash.leaf(
                of: Mesh(positions: [.init(0, 0, 0)], triangles: [.init(0, 0, 0)]), budget: &budget)
        }
    }

    /// Strips and fans of a glTF are the same triangles as a list.
    @Test func stripsAndFansAreExpanded() throws {
        func mesh(_ mode: Int, _ order: [Int]) throws -> Digest? {
            let points = AssetFiles.floats(order.flatMap { square[$0] })
            let json =
                #"{"asset":{"version":"2.0"},"buffers":[{"byteLength":\#(points.count)}],"bufferViews":[{"buffer":0,"byteLength":\#(points.count)}],"accessors":[{"bufferView":0,"componentType":5126,"count":\#(order.count),"type":"VEC3","min":[0,0,0],"max":[1,1,0]}],"meshes":[{"primitives":[{"attributes":{"POSITION":0},"mode":\#(mode)}]}]}"#
            let asset = try #require(readGLTF(AssetFiles.glb(json, points)).asset)
            var budget = AssetBudget(bytes: 1 << 20)
            return try GeometryHash.leaf(of: asset.meshes[0], budget: &budget)
        }
        let list = try leaf(square, [[0, 1, 2], [0, 2, 3]])
        #expect(try mesh(4, [0, 1, 2, 0, 2, 3]) == list)
        #expect(try mesh(6, [0, 1, 2, 3]) == list)
        #expect(try mesh(5, [1, 2, 0, 3]) == list)
    }

    @Test(.enabled(if: AssetFiles.arePresent, PublishedVectors.absence))
    func everyModelIsReadAndHashed() throws {
        var (glbs, objs, pairs, shared, triangles, images) = (0, 0, 0, 0, 0, Set<Digest>())
        var notValid: [IssueCode: Int] = [:]
        var sharedModels: [String] = []
        for path in try AssetFiles.paths(AssetFiles.models, ".glb") {
            let file = AssetFiles.models.appendingPathComponent(path)
            var budget = AssetBudget(bytes: 1 << 26)
            let asset = try GLTFAsset.read(
                bytes: try AssetFiles.bytes(AssetFiles.models, path), resolve: AssetFiles.resolver(file),
                budget: &budget)
            #expect(asset.structure == .verified && !asset.meshes.isEmpty, "\(path)")
            for code in Set(asset.issues.filter { $0.severity == .error }.map(\.code)) {
                notValid[code, default: 0] += 1
            }
            images.formUnion(asset.images.map(\.leaf))
            triangles += asset.meshes.reduce(0) { $0 + $1.triangles.count }
            let leaves = Set(try asset.meshes.compactMap { try GeometryHash.leaf(of: $0, budget: &budget) })
            glbs += 1
            let twin = path.replacing(".gltf.glb", with: ".obj")
            guard twin != path, let bytes = try? AssetFiles.bytes(AssetFiles.models, twin) else { continue }
            let other = try OBJAsset.read(bytes: bytes, budget: &budget)
            objs += 1
            pairs += 1
            let others = Set(try other.meshes.compactMap { try GeometryHash.leaf(of: $0, budget: &budget) })
            #expect(!others.isEmpty, "\(twin)")
            if !leaves.isDisjoint(with: others) {
                shared += 1
                sharedModels.append(twin)
            }
        }
        print(
            "models: \(glbs) GLB and \(objs) OBJ read, \(triangles) triangles in the GLB, \(images.count) images;",
            "\(shared) of \(pairs) GLB/OBJ pairs share a GEO leaf \(sharedModels);",
            "tolerated errors: \(notValid.map { "\($0.key.rawValue) in \($0.value)" }.sorted())")
        #expect(glbs == 83 && objs == 68)
    }
}
