import ProvChain
import Testing

@Suite struct STLTests {
    @Test func evenEmptySolidsArePaidFor() {
        let text = Array(String(repeating: "solid\nendsolid\n", count: 1_000).utf8)
        var enough = AssetBudget(bytes: 128_000)
        var little = AssetBudget(bytes: 127_999)
        #expect(throws: Never.self) { try STLAsset.read(bytes: text, budget: &enough) }
        #expect(throws: AssetError.self) { try STLAsset.read(bytes: text, budget: &little) }
    }

    private let ascii = """
        solid one
         facet normal 0 0 1
          outer loop
           vertex 0 0 0
           vertex 1 0 0
           vertex 0 1e0 0
          endloop
         endfacet
        endsolid one

        """

    private func binary(_ corners: [Float], header: String = "solid but binary") -> [UInt8] {
        Array(header.utf8) + Array(repeating: 0, count: 80 - header.utf8.count) + [1, 0, 0, 0]
            + AssetFiles.floats([0, 0, 1] + corners) + [0, 0]
    }

    private func read(_ bytes: [UInt8]) throws(AssetError) -> STLAsset {
        var budget = AssetBudget(bytes: 1 << 16)
        return try STLAsset.read(bytes: bytes, budget: &budget)
    }

    @Test func bothFormsHoldTheSameTriangle() throws {
        let text = try read(Array(ascii.utf8))
        let bytes = try read(binary([0, 0, 0, 1, 0, 0, 0, 1, 0]))
        #expect(!text.isBinary && bytes.isBinary)
        #expect(text.meshes == bytes.meshes)
        #expect(text.meshes[0].positions == [.init(0, 0, 0), .init(1, 0, 0), .init(0, 1, 0)])
        #expect(text.meshes[0].triangles == [.init(0, 1, 2)])
    }

    @Test func damageIsRefused() {
        #expect(throws: AssetError.invalid([AssetIssue(.provNotFinite, "byte 96")])) {
            try read(binary([.nan, 0, 0, 1, 0, 0, 0, 1, 0]))
        }
        #expect(throws: AssetError.self) {
            try read(binary([0, 0, 0, 1, 0, 0, 0, 1, 0], header: "x").dropLast(1) + [])
        }
        #expect(throws: AssetError.self) { try read([]) }
        for (word, other) in [
            ("vertex 1 0 0\n", ""), ("endloop", ""), ("1e0", "one"), ("endsolid one", ""), ("outer", "x"),
        ] {
            #expect(throws: AssetError.self, "\(word)") { try read(Array(ascii.replacing(word, with: other).utf8)) }
        }
    }

    @Test func aDeclaredCountThatIsNotThereIsRefused() {
        var bytes = binary([0, 0, 0, 1, 0, 0, 0, 1, 0], header: "x")
        bytes.replaceSubrange(80..<84, with: [0xff, 0xff, 0xff, 0xff])
        #expect(throws: AssetError.invalid([AssetIssue(.provTruncated, "byte 134")])) { try read(bytes) }
    }
}
