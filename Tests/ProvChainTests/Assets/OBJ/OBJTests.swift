import ProvChain
import Testing

@Suite struct OBJTests {
    private func read(_ text: String, budget: Int = 1 << 20) throws(AssetError) -> OBJAsset {
        var budget = AssetBudget(bytes: budget)
        return try OBJAsset.read(bytes: Array(text.utf8), budget: &budget)
    }

    @Test func polygonsAreFannedAndPartsSplit() throws {
        let asset = try read(
            """
            # a square and a triangle
            mtllib one.mtl
            o square
            v 0 0 0
            v 1 0 0
            v 1 1 0
            v 0 1 0 1.0
            vt 0 0
            vn 0 0 1
            usemtl red
            f 1/1/1 2/1/1 3/1/1 4/1/1
            usemtl blue
            f -4//-1 -3//-1 -2//-1
            o again
            f 1 \\
              2 3
            """)
        #expect(asset.materialLibraries == ["one.mtl"])
        #expect(asset.meshes.map(\.material) == ["red", "blue", "blue"])
        #expect(asset.meshes[0].triangles == [Mesh.Triangle(0, 1, 2), Mesh.Triangle(0, 2, 3)])
        #expect(asset.meshes[0].attributes.map(\.name) == ["TEXCOORD_0", "NORMAL"])
        #expect(asset.meshes[1].triangles == [Mesh.Triangle(0, 1, 2)])
        #expect(asset.meshes[1].attributes.map(\.name) == ["NORMAL"])
        #expect(asset.meshes[2].triangles == [Mesh.Triangle(0, 1, 2)])
    }

    @Test(arguments: [
        ("v 0 0", IssueCode.provSyntax), ("v 0 0 x", .provSyntax), ("v 0 0 nan", .provNotFinite),
        ("v 0 0 1e99", .provNotFinite), ("v 0 0 0x1p3", .provSyntax), ("v 0 0 0\nf 1 1 2", .provIndexOutOfRange),
        ("v 0 0 0\nf 1 1 0", .provIndexOutOfRange), ("v 0 0 0\nf -1 -1 -2", .provIndexOutOfRange),
        ("v 0 0 0\nf 1 1", .provSyntax), ("v 0 0 0\nf 1/2 1/2 1/2", .provIndexOutOfRange),
        ("v 0 0 0\nf 1/1/1/1 1 1", .provSyntax), ("v 0 0 0\nf 1 1 -9223372036854775808", .provIndexOutOfRange),
        ("v 0 0 0\nf 1 1 99999999999999999999", .provSyntax),
    ])
    func mistakesAreRefusedAtTheirLine(_ text: String, _ code: IssueCode) {
        let line = text.split(separator: "\n").count
        #expect(throws: AssetError.invalid([AssetIssue(code, "line \(line)")])) { try read(text) }
    }

    @Test func hugePolygonsRunOutOfBudget() {
        let text = "v 0 0 0\nf" + String(repeating: " 1", count: 10_000)
        #expect(throws: AssetError.self) { try read(text, budget: 10_000) }
    }
}
