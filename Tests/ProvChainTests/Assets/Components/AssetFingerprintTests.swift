import Foundation
import ProvChain
import Testing

@Suite struct AssetFingerprintTests {
    private func read(
        _ bytes: [UInt8], _ name: String, budget: Int = 1 << 22
    ) -> (found: AssetFingerprint, remaining: Int) {
        var budget = AssetBudget(bytes: budget)
        let found = AssetFingerprint.read(bytes: bytes, name: name, budget: &budget)
        return (found, budget.remaining)
    }

    private func kinds(_ found: AssetFingerprint) -> [String] { found.components.map(\.kind.rawValue) }

    private let square = """
        v 0 0 0
        v 1 0 0
        v 1 1 0
        v 0 1 -0
        vt 0 0
        vt 1 1
        vn 0 0 1
        f 1/1/1 2/1/1 3/2/1
        f 1/1/1 3/2/1 4/2/1
        """

    @Test func whatIsNoModelIsRegisteredByItsBytes() {
        let text = read(Array("hello".utf8), "notes.txt").found
        #expect(text.format == nil && text.structure == .unknownFormat && text.components == [])
        let broken = read(Array("hello".utf8), "chair.glb").found
        #expect(broken.format == .gltf && broken.components == [])
        guard case .invalid(let issues) = broken.structure else {
            Issue.record("\(broken.structure)")
            return
        }
        #expect(!issues.isEmpty)
        guard case .overBudget = read(Array(square.utf8), "a.obj", budget: 100).found.structure else {
            Issue.record("a small budget was enough")
            return
        }
    }

    @Test func unreadableExtensionsAreMarked() {
        let json =
            #"{"asset":{"version":"2.0"},"extensionsUsed":["KHR_draco_mesh_compression"],"extensionsRequired":["KHR_draco_mesh_compression"]}"#
        let found = read(AssetFiles.glb(json), "a.glb").found
        #expect(found.structure == .notVerified([.compressedGeometry("KHR_draco_mesh_compression")]))
        #expect(found.components == [])
    }

    /// The same square as OBJ and as STL: one shape, in formats with and without texture coordinates.
    @Test func shapesMeetAcrossFormats() throws {
        let obj = read(Array(square.utf8), "a.obj").found
        #expect(kinds(obj) == ["GEO", "NORM", "PRIM"])
        let facet = { (corners: [String]) in
            "facet normal 0 0 1\nouter loop\n" + corners.map { "vertex \($0)\n" }.joined() + "endloop\nendfacet\n"
        }
        let stl = read(
            Array(
                ("solid x\n" + facet(["1 1 0", "0 1 0", "0 0 0"]) + facet(["0 0 0", "1 0 0", "1 1 0"])
                    + "endsolid x\n").utf8), "a.STL"
        ).found
        #expect(kinds(stl) == ["GEO", "PRIM"])
        #expect(obj.components[0].hash == stl.components[0].hash)
        #expect(obj.components[2].hash != stl.components[1].hash)
        #expect(obj.components[0].mesh == 0 && obj.instances.map(\.mesh) == [0])
    }

    /// Texture coordinates and normals of an OBJ have indices of their own: how they are shared does not matter.
    @Test func sharingValuesInAnOBJDoesNotMatter() {
        let apart = """
            v 0 1 -0
            v 1 1 0
            v 1 0 0
            v 0 0 0
            vn 0 0 1
            vn 0 0 1
            vt 1 1
            vt 0 0
            vt 0 0
            f 3/3/2 2/1/2 4/2/1
            f 2/1/1 1/1/1 4/3/1
            """
        #expect(
            read(Array(square.utf8), "a.obj").found.components.map(\.leaf)
                == read(Array(apart.utf8), "b.obj").found.components.map(\.leaf))
    }

    /// A change of one kind reaches the leaves that speak of it, and no others.
    @Test(arguments: [
        ("vt 1 1", "vt 1 0.5", ["PRIM"]), ("vn 0 0 1", "vn 0 1 0", ["NORM"]),
        ("v 1 1 0", "v 1 1 0.25", ["GEO", "NORM", "PRIM"]),
    ])
    func leavesChangeWithWhatTheySpeakOf(_ old: String, _ new: String, _ changed: [String]) {
        let before = read(Array(square.utf8), "a.obj").found.components
        let after = read(Array(square.replacing(old, with: new).utf8), "a.obj").found.components
        let differing = zip(before, after).filter { $0.hash != $1.hash }.map(\.0.kind.rawValue)
        #expect(differing == changed)
    }

    /// Many parts of a file over one list of positions cost what they use, not what the list holds.
    @Test func partsOfALargeFileArePaidForAlone() {
        var text = (0..<3_000).map { "v \($0) \($0 * $0 % 97) \($0 % 7)\n" }.joined()
        for part in 0..<990 {
            text += "o part\(part)\nf \(part + 1) \(part + 1_002) \(part + 2_003)\n"
        }
        let (found, remaining) = read(Array(text.utf8), "a.obj", budget: 1 << 24)
        #expect(found.structure == .verified && found.components.count == 2 * 990)
        #expect(remaining > 1 << 23)
    }

    /// A scene that thousands of scenes repeat is paid for each time.
    @Test func repeatedScenesAreOverBudget() {
        let nodes = Array(repeating: "{}", count: 2_000).joined(separator: ",")
        let scene = "{\"nodes\":[" + (0..<2_000).map(String.init).joined(separator: ",") + "]}"
        let scenes = Array(repeating: scene, count: 20).joined(separator: ",")
        let json = #"{"asset":{"version":"2.0"},"nodes":[\#(nodes)],"scenes":[\#(scenes)]}"#
        guard case .overBudget = read(AssetFiles.glb(json), "a.glb", budget: 10_000_000).found.structure else {
            Issue.record("twenty scenes of two thousand nodes were within the budget")
            return
        }
    }
}
