import Foundation
import ProvChain
import Testing

/// Models as Draco and meshopt compress them, by the tools that people use: `Tests/Foreign/assets/make_compressed.py`.
/// They are registered by their bytes, and everything says so.
@Suite struct CompressedModelTests {
    struct File: Decodable {
        struct Case: Decodable {
            let name: String
            let `extension`: String?
            let glb: Data
            let beside: [String: Data]
        }
        let cases: [Case]
    }

    private static func cases() throws -> [File.Case] {
        try ForeignVectors.decode("assets/vectors/compressed.json", as: File.self).cases
    }

    private func read(_ example: File.Case, withFilesBeside: Bool = true) -> AssetFingerprint {
        var budget = AssetBudget(bytes: 1 << 24)
        return AssetFingerprint.read(
            bytes: [UInt8](example.glb), name: "knot.glb",
            resolve: { path, _ in withFilesBeside ? example.beside[path].map { [UInt8]($0) } : nil }, budget: &budget)
    }

    @Test func theMeshItselfHasComponentsAndAPrint() throws {
        let plain = try #require(try Self.cases().first { $0.extension == nil })
        let found = read(plain)
        #expect(found.structure == .verified)
        #expect(found.components.map(\.kind.rawValue) == ["GEO", "MAT", "PRIM", "SCENE"])
        var budget = AssetBudget(bytes: 1 << 26)
        let prints = try found.prints(budget: &budget)
        #expect(prints.whole?.triangles == 960 && prints.whole?.isDistinctive == true)
    }

    @Test func compressedOnesAreMarkedWithTheExtension() throws {
        let compressed = try Self.cases().filter { $0.extension != nil }
        #expect(Set(compressed.compactMap(\.extension)) == ["KHR_draco_mesh_compression", "EXT_meshopt_compression"])
        #expect(compressed.count == 4)
        for example in compressed {
            let found = read(example)
            let name = try #require(example.extension)
            guard case .notVerified(let reasons) = found.structure else {
                Issue.record("\(example.name): \(found.structure)")
                continue
            }
            // Where meshopt leaves no fallback, the plain buffer is absent as well.
            #expect(reasons.first == .compressedGeometry(name), "\(example.name)")
            #expect(reasons.dropFirst().allSatisfy { $0 == .absentBytes }, "\(example.name)")
            #expect(found.components == [] && found.meshes == [] && found.instances == [], "\(example.name)")
            #expect(found.distinctiveShapes() == [], "\(example.name)")
            var budget = AssetBudget(bytes: 1 << 24)
            let prints = try found.prints(budget: &budget)
            #expect(prints.whole == nil && prints.components == [], "\(example.name)")
            // What its manifest then says: the file, and nothing of what is inside.
            let manifest = Manifest(
                files: [
                    .init(
                        path: "knot.glb", mediaType: "model/gltf-binary", size: UInt64(example.glb.count),
                        sha256: SHA256.hash([UInt8](example.glb)))
                ], components: found.components.map(\.leaf), prints: Manifest.prints(of: [prints]))
            #expect(manifest.leaves.map(\.type) == [Manifest.Leaf.file] && manifest.prints == [], "\(example.name)")
        }
    }

    /// A reader that knows the extension shows what it decodes to; that the plain buffer holds the same, nobody says.
    @Test func aFallbackBesideCompressedDataIsNotTrusted() throws {
        let example = try #require(try Self.cases().first { !$0.beside.isEmpty })
        let reason = GLTFAsset.Unverified.compressedGeometry("EXT_meshopt_compression")
        #expect(read(example).structure == .notVerified([reason]))
        // Without the file beside it, the model is as incomplete as any other.
        guard case .invalid(let issues) = read(example, withFilesBeside: false).structure else {
            Issue.record("\(read(example, withFilesBeside: false).structure)")
            return
        }
        #expect(issues.contains { $0.code == .ioError })
    }
}
