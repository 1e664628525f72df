@testable import ProvChain
import Testing

@Suite struct ManifestTests {
    private func file(_ path: String, _ content: String, size: UInt64 = 10) -> Manifest.File {
        Manifest.File(path: path, mediaType: "model/gltf-binary", size: size, sha256: TestChain.hash(content))
    }

    /// The root is about content: not about names, order, sizes or prints.
    @Test func theRootIgnoresPathsAndOrder() {
        let parts = ["a", "b", "c"].map { Manifest.Leaf(type: "GEO", hash: TestChain.hash($0)) }
        let manifest = Manifest(files: [file("x.glb", "x"), file("y.glb", "y")], components: parts)
        let shuffled = Manifest(
            files: [file("folder/other.glb", "y", size: 99), file("z.bin", "x")], components: parts.reversed(),
            prints: [.init(algorithm: "p", leaf: 0, bytes: [1])], codes: [.init(scheme: "iscc", value: "v")])
        #expect(manifest.root == shuffled.root)
        #expect(manifest.cbor != shuffled.cbor, "the bytes commit to the rest")
    }

    @Test func theRootCountsEveryLeafWithItsType() {
        let base = Manifest(files: [file("x.glb", "x")], components: [.init(type: "GEO", hash: TestChain.hash("a"))])
        let others = [
            Manifest(files: [file("x.glb", "x")]),
            Manifest(files: [file("x.glb", "x")], components: base.components + base.components),
            Manifest(files: [file("x.glb", "x")], components: [.init(type: "IMG", hash: TestChain.hash("a"))]),
            Manifest(files: [file("x.glb", "y")], components: base.components),
            Manifest(files: [file("x.glb", "x"), file("y.glb", "x")], components: base.components),
        ]
        #expect(Set((others + [base]).map(\.root)).count == others.count + 1)
    }

    /// By hand: one leaf is SHA-256(0x00 ‖ ["provchain/manifest-leaf/1", "FILE", hash]); two are a node.
    @Test func theRootIsThatOfRFC9162() {
        func leaf(_ type: String, _ name: String) -> [UInt8] {
            let tag = Array("provchain/manifest-leaf/1".utf8)
            let bytes: [UInt8] = [0x83, 0x78, UInt8(tag.count)] + tag + [0x60 + UInt8(type.utf8.count)]
            return SHA256.hash([0] + bytes + Array(type.utf8) + [0x58, 32] + TestChain.hash(name).bytes).bytes
        }
        #expect(Manifest(files: [file("x.glb", "x")]).root.bytes == leaf("FILE", "x"))
        let two = Manifest(files: [file("x.glb", "x")], components: [.init(type: "GEO", hash: TestChain.hash("a"))])
        #expect(two.root == SHA256.hash([1] + leaf("FILE", "x") + leaf("GEO", "a")), "FILE sorts before GEO")
    }

    /// One leaf can be shown to be part of a scene without the scene.
    @Test func aComponentIsProvenUnderTheRoot() throws {
        let parts = (0..<7).map { Manifest.Leaf(type: "GEO", hash: TestChain.hash("part \($0)")) }
        let manifest = Manifest(files: [file("x.glb", "x")], components: parts)
        let hashes = manifest.leaves.map { MerkleHash.leaf(Manifest.leafBytes($0)) }
        // Eight leaves: a perfect tree, whose path is easy to write down.
        let pairs = stride(from: 0, to: 8, by: 2).map { MerkleHash.node(hashes[$0], hashes[$0 + 1]) }
        let right = MerkleHash.node(pairs[2], pairs[3])
        let proof = InclusionProof(leafIndex: 2, treeSize: 8, path: [hashes[3], pairs[0], right])
        try proof.verify(leafHash: hashes[2], root: manifest.root)
    }

    private func encoded(_ change: (inout [CBORValue.Pair]) -> Void) throws -> [UInt8] {
        guard case .map(var pairs) = try CBORValue(cbor: GoldenVectors.manifest.cbor) else { return [] }
        change(&pairs)
        return CBORValue.map(pairs).cbor
    }

    private func file(_ fields: CBORValue...) -> CBORValue.Pair {
        .init(.unsigned(2), .array([.array(fields)]))
    }

    @Test func pathsStayInsideTheFolder() throws {
        let hash = CBORValue.bytes(TestChain.hash("x").bytes)
        for path in [
            "", "/a", "a/", "a//b", ".", "..", "a/../b", "./a", "a\\b", "a\0b", String(repeating: "x", count: 1_025),
            // To `String`, a slash and the mark after it are one character, and no separator.
            "../\u{301}x", "a/../\u{301}x", "/\u{301}x", "a/\u{301}/../b", "./\u{fe0f}x",
        ] {
            let bytes = try encoded { $0[1] = file(.text(path), .text("image/png"), .unsigned(1), hash) }
            #expect(throws: CBORError.self, "\(path.debugDescription)") { try Manifest(cbor: bytes) }
        }
        for path in ["a", "a/b/c.glb", "..a", "花/瓶.png", String(repeating: "x", count: 1_024)] {
            let bytes = try encoded { $0[1] = file(.text(path), .text("image/png"), .unsigned(1), hash) }
            #expect(try Manifest(cbor: bytes).files.map(\.path) == [path])
        }
    }

    @Test func mediaTypesHaveTwoParts() throws {
        let hash = CBORValue.bytes(TestChain.hash("x").bytes)
        for type in ["", "image", "image/", "/png", "/", "a/b/c", "image/\u{e9}", "image/\n"] {
            let bytes = try encoded { $0[1] = file(.text("x"), .text(type), .unsigned(1), hash) }
            #expect(throws: CBORError.self, "\(type.debugDescription)") { try Manifest(cbor: bytes) }
        }
    }

    @Test func aManifestIsReadStrictly() throws {
        let hash = CBORValue.bytes(TestChain.hash("x").bytes)
        let one = CBORValue.array([.text("x"), .text("image/png"), .unsigned(1), hash])
        let large = CBORValue.array([.text("y"), .text("image/png"), .unsigned(Limits.exactInteger), hash])
        let bad: [(String, [UInt8])] = [
            ("no file", try encoded { $0[1] = .init(.unsigned(2), .array([])) }),
            ("a path twice", try encoded { $0[1] = .init(.unsigned(2), .array([one, one])) }),
            ("more than 2^53 bytes", try encoded { $0[1] = .init(.unsigned(2), .array([one, large])) }),
            ("another format", try encoded { $0[0] = .init(.unsigned(1), .text("manifest/2")) }),
            ("an unknown key", try encoded { $0.append(.init(.unsigned(6), .null)) }),
            (
                "components out of order",
                try encoded { pairs in
                    guard case .array(let items) = pairs[2].value else { return }
                    pairs[2] = .init(.unsigned(3), .array(items.reversed()))
                }
            ),
            (
                "a file among the components",
                try encoded {
                    $0[2] = .init(
                        .unsigned(3), .array([.array([.text("FILE"), hash]), .array([.text("GEO"), hash])]))
                }
            ),
            (
                "a lower-case type",
                try encoded {
                    $0[2] = .init(.unsigned(3), .array([.array([.text("geo"), hash]), .array([.text("img"), hash])]))
                }
            ),
            (
                "a print of no component",
                try encoded {
                    $0[3] = .init(.unsigned(4), .array([.array([.text("p"), .unsigned(2), .bytes([1])])]))
                }
            ),
        ]
        for (name, bytes) in bad {
            #expect(throws: CBORError.self, "\(name)") { try Manifest(cbor: bytes) }
        }
        #expect(try Manifest(cbor: encoded { _ in }) == GoldenVectors.manifest)
    }

    /// One value, one encoding: an empty list is left out, and nobody can write it.
    @Test func emptyListsAreLeftOut() throws {
        for index in 2...4 {
            let bytes = try encoded { pairs in
                pairs[index] = .init(.unsigned(UInt64(index + 1)), .array([]))
                // Prints name components.
                if index == 2 { pairs.removeSubrange(3...4) }
            }
            #expect(throws: CBORError.self, "key \(index + 1)") { try Manifest(cbor: bytes) }
        }
    }
}
