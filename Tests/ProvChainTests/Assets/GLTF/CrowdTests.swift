import ProvChain
import Testing

/// Many of the same: mistakes that change nothing, primitives at nodes, small files that want to become large ones.
@Suite struct CrowdTests {
    private static let triangle = AssetFiles.floats([0, 0, 0, 1, 0, 0, 0, 1, 0])
    private static let buffer = #""buffers":[{"byteLength":36}],"bufferViews":[{"buffer":0,"byteLength":36}]"#

    private static func repeated(_ text: String, _ count: Int) -> String {
        Array(repeating: text, count: count).joined(separator: ",")
    }

    /// A mistake that changes nothing is no reason to refuse a model, however often it is made; one that does is told.
    @Test func aThousandSmallMistakesAreCutOff() throws {
        let wrong = #"{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3","min":[-1,-1,-1],"max":[9,9,9]}"#
        func read(_ count: Int) -> (asset: GLTFAsset?, issues: [AssetIssue], overBudget: Bool) {
            let last = #"{"bufferView":0,"componentType":5126,"count":\#(count),"type":"VEC3"}"#
            let accessors = Self.repeated(wrong, 300) + "," + last
            let json = #"{"asset":{"version":"2.0"},\#(Self.buffer),"accessors":[\#(accessors)]}"#
            return readGLTF(AssetFiles.glb(json, Self.triangle))
        }
        let asset = try #require(read(3).asset)
        #expect(asset.structure == .verified && !asset.isValid)
        #expect(asset.issues.count == 1_001 && asset.issues.last?.code == .provTooManyIssues)
        let broken = read(300)
        #expect(broken.asset == nil && broken.issues.contains { $0.code == .accessorTooLong })
    }

    /// What blocks is told although the list was full before.
    @Test func whatBlocksIsToldBehindAFullList() throws {
        let names = (0..<1_200).map { "\"x\($0)\":0" }.joined(separator: ",")
        let json = #"{"asset":{"version":"2.0",\#(names)},\#(Self.buffer),"nodes":[{"children":[0]}]}"#
        let found = readGLTF(AssetFiles.glb(json, Self.triangle))
        #expect(found.asset == nil)
        #expect(found.issues.count == 1_002)
        #expect(found.issues.suffix(2).map(\.code) == [.provTooManyIssues, .nodeLoop])
    }

    /// A mesh of many primitives at many nodes is their product.
    @Test func primitivesTimesNodesArePaidFor() throws {
        let accessor =
            #"{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3","min":[0,0,0],"max":[1,1,0]}"#
        let primitives = Self.repeated(#"{"attributes":{"POSITION":0}}"#, 500)
        let nodes = Self.repeated(#"{"mesh":0}"#, 500)
        let numbers = (0..<500).map(String.init).joined(separator: ",")
        let json =
            #"{"asset":{"version":"2.0"},\#(Self.buffer),"accessors":[\#(accessor)],"#
            + #""meshes":[{"primitives":[\#(primitives)]}],"nodes":[\#(nodes)],"scenes":[{"nodes":[\#(numbers)]}]}"#
        let bytes = AssetFiles.glb(json, Self.triangle)
        func read(_ limit: Int) -> AssetFingerprint {
            var budget = AssetBudget(bytes: limit)
            return AssetFingerprint.read(bytes: bytes, name: "a.glb", budget: &budget)
        }
        if case .overBudget = read(16_000_000).structure {
        } else {
            Issue.record("250,000 instances of 64 bytes fit 16 MB")
        }
        let found = read(24_000_000)
        #expect(found.structure == .verified && found.instances.count == 250_000)
        var little = AssetBudget(bytes: 250_000 * 500)
        #expect(throws: AssetError.self) { try found.prints(budget: &little) }
    }

    /// What a file may become depends on its size, and what it names counts as well.
    @Test func aSmallFileGetsASmallBudget() throws {
        #expect(AssetBudget(fileBytes: 0).remaining == AssetBudget.leastBytes)
        #expect(AssetBudget(fileBytes: 1_000).remaining == AssetBudget.leastBytes + 32_000)
        #expect(AssetBudget(fileBytes: .max).remaining == AssetBudget.standardBytes)
        #expect(AssetBudget(fileBytes: 1 << 20, atMost: 100).remaining == 100)
        // A million zeros that nobody stores: 12 MB, and more for each use.
        let accessor = #"{"componentType":5126,"count":1000000,"type":"VEC3","min":[0,0,0],"max":[0,0,0]}"#
        let mesh = #""meshes":[{"primitives":[{"mode":0,"attributes":{"POSITION":0}}]}]"#
        func json(_ uri: String) -> String {
            #"{"asset":{"version":"2.0"},"buffers":[{"byteLength":2000000\#(uri)}],"accessors":[\#(accessor)],\#(mesh)}"#
        }
        var small = AssetBudget(fileBytes: 300)
        let alone = AssetFingerprint.read(bytes: Array(json("").utf8), name: "a.gltf", budget: &small)
        if case .overBudget = alone.structure {
        } else {
            Issue.record("a small file became a large one: \(alone.structure)")
        }
        var grown = AssetBudget(fileBytes: 300)
        let beside = AssetFingerprint.read(
            bytes: Array(json(#","uri":"b.bin""#).utf8), name: "a.gltf",
            resolve: { _, _ in [UInt8](repeating: 0, count: 2_000_000) }, budget: &grown)
        #expect(beside.structure == .verified)
    }
}
