import Foundation
import ProvChain
import Testing

/// Files made to harm a reader: each is refused, with the code that says why.
@Suite struct GLTFAttackTests {
    private func codes(_ json: String, _ binary: [UInt8] = [], budget: Int = 1 << 20) -> Set<IssueCode> {
        let found = readGLTF(AssetFiles.glb(json, binary), budget: budget)
        #expect(found.asset == nil)
        return Set(found.issues.map(\.code))
    }

    private func isOverBudget(_ json: String, _ binary: [UInt8] = [], budget: Int = 1 << 20) -> Bool {
        readGLTF(AssetFiles.glb(json, binary), budget: budget).overBudget
    }

    private func document(_ members: String) -> String { #"{"asset":{"version":"2.0"},"# + members + "}" }

    @Test func thousandsOfAccessorsOverOneBufferRunOutOfBudget() {
        let accessor = #"{"bufferView":0,"componentType":5121,"count":4096,"type":"SCALAR"}"#
        let list = Array(repeating: accessor, count: 1_000).joined(separator: ",")
        let json = document(
            #""buffers":[{"byteLength":4096}],"bufferViews":[{"buffer":0,"byteLength":4096}],"accessors":[\#(list)]"#)
        #expect(isOverBudget(json, Array(repeating: 0, count: 4_096)))
    }

    @Test func aSparseAccessorWithoutABufferViewRunsOutOfBudget() {
        let json = document(
            #""buffers":[{"byteLength":4}],"bufferViews":[{"buffer":0,"byteLength":4}],"accessors":[{"componentType":5126,"count":1000000000,"type":"MAT4","sparse":{"count":1,"indices":{"bufferView":0,"componentType":5121},"values":{"bufferView":0}}}]"#
        )
        // The values do not fit the view, so it is refused before anything is decoded.
        #expect(codes(json, [0, 0, 0, 0]).contains(.accessorTooLong))
        let fitting = json.replacing("\"byteLength\":4", with: "\"byteLength\":64")
        #expect(isOverBudget(fitting, Array(repeating: 0, count: 64)))
    }

    @Test func manyUsesOfOneImageRunOutOfBudget() {
        let image = #"{"bufferView":0,"mimeType":"image/png"}"#
        let list = Array(repeating: image, count: 2_000).joined(separator: ",")
        let json = document(
            #""buffers":[{"byteLength":1024}],"bufferViews":[{"buffer":0,"byteLength":1024}],"images":[\#(list)]"#)
        #expect(isOverBudget(json, Array(repeating: 0, count: 1_024)))
    }

    @Test func manyPrimitivesOverOneIndexAccessorRunOutOfBudget() {
        let primitive = #"{"attributes":{"POSITION":0},"indices":1}"#
        let list = Array(repeating: primitive, count: 1_000).joined(separator: ",")
        let json = document(
            #""buffers":[{"byteLength":3036}],"bufferViews":[{"buffer":0,"byteLength":36},{"buffer":0,"byteOffset":36,"byteLength":3000}],"accessors":[{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3","min":[0,0,0],"max":[0,0,0]},{"bufferView":1,"componentType":5121,"count":3000,"type":"SCALAR"}],"meshes":[{"primitives":[\#(list)]}]"#
        )
        #expect(isOverBudget(json, Array(repeating: 0, count: 3_036)))
    }

    @Test func nodesThatCircleAreRefused() {
        #expect(codes(document(#""nodes":[{"children":[1]},{"children":[0]}]"#)).contains(.nodeLoop))
        #expect(codes(document(#""nodes":[{"children":[0]}]"#)).contains(.nodeLoop))
        #expect(codes(document(#""nodes":[{"children":[2]},{"children":[2]},{}]"#)).contains(.nodeParentOverride))
    }

    @Test func aChainOfManyNodesNeedsNoStack() {
        let count = 20_000
        let nodes = (1..<count).map { "{\"children\":[\($0)]}" }.joined(separator: ",")
        let found = readGLTF(AssetFiles.glb(document("\"nodes\":[\(nodes),{}]")))
        #expect(found.asset != nil)
    }

    @Test func productsThatWrapAroundAreRefused() {
        for count in [1 << 53 - 1, 1 << 52] {
            let json = document(
                #""buffers":[{"byteLength":8}],"bufferViews":[{"buffer":0,"byteLength":8,"byteStride":252}],"accessors":[{"bufferView":0,"componentType":5126,"count":\#(count),"type":"MAT4"}]"#
            )
            #expect(codes(json, [0, 0, 0, 0, 0, 0, 0, 0]).contains(.accessorTooLong))
        }
        let view = document(
            #""buffers":[{"byteLength":8}],"bufferViews":[{"buffer":0,"byteOffset":9007199254740991,"byteLength":9007199254740991}]"#
        )
        #expect(codes(view, [0, 0, 0, 0, 0, 0, 0, 0]).contains(.bufferViewTooLong))
        for number in ["9223372036854775807", "9223372036854775808", "1e300", "-1", "1e999"] {
            let json = document(
                #""buffers":[{"byteLength":8}],"bufferViews":[{"buffer":0,"byteLength":\#(number)}]"#)
            #expect(!codes(json).isDisjoint(with: [.valueNotInRange, .typeMismatch]), "\(number)")
        }
    }

    @Test(arguments: ["indices", "channels/sampler", "nodes"])
    func indicesBeyondEveryIntegerAreRefused(_ place: String) {
        for number in ["-9223372036854775808", "9223372036854775807", "1e18", "0.5"] {
            let json =
                switch place {
                case "indices":
                    document(
                        #""meshes":[{"primitives":[{"attributes":{"POSITION":\#(number)},"indices":\#(number)}]}]"#)
                case "nodes": document(#""nodes":[{"children":[\#(number)],"mesh":\#(number)}]"#)
                default:
                    document(
                        #""animations":[{"samplers":[{"input":\#(number),"output":\#(number)}],"channels":[{"sampler":\#(number),"target":{"path":"rotation","node":\#(number)}}]}]"#
                    )
                }
            #expect(
                !codes(json).isDisjoint(with: [.unresolvedReference, .invalidIndex, .typeMismatch, .valueNotInRange]),
                "\(place) \(number)")
        }
    }

    @Test(arguments: [
        "http://example.com/a.bin", "https://example.com/a.bin", "file:///etc/passwd", "//example.com/a.bin",
        "/etc/passwd",
        "../a.bin", "textures/../../a.bin", "%2e%2e/a.bin", "..%2fa.bin", "a%5c..%5cb", "..\\\\a.bin", "C:/a.bin",
        "%2Fetc", "../\u{301}x", "a/../\u{301}x", "..%2F%CC%81x",
        "a.bin?x", "a.bin#x",
    ])
    func pathsThatLeaveTheFolderAreNeverAsked(_ uri: String) {
        var asked: [String] = []
        let bytes = AssetFiles.glb(document(#""buffers":[{"uri":"\#(uri)","byteLength":1}]"#))
        let found = readGLTF(bytes) { path, _ in
            asked.append(path)
            return [0]
        }
        #expect(found.asset == nil)
        #expect(found.issues.contains { $0.code == .provUriRefused }, "\(found.issues)")
        #expect(asked == [])
    }

    @Test func pathsInsideTheFolderAreAskedPlainly() {
        var asked: [String] = []
        let uris = ["a.bin", "./b.bin", "textures/c%20d.bin", "e//f.bin"]
        let buffers = uris.map { #"{"uri":"\#($0)","byteLength":1}"# }.joined(separator: ",")
        let found = readGLTF(AssetFiles.glb(document("\"buffers\":[\(buffers)]"))) { path, _ in
            asked.append(path)
            return [0]
        }
        #expect(found.asset != nil, "\(found.issues)")
        #expect(asked == ["a.bin", "b.bin", "textures/c d.bin", "e/f.bin"])
    }

    @Test func aBombOfJSONIsRefused() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(codes("{\"a\":" + deep).contains(.provJsonTooDeep))
        #expect(codes(#"{"asset":{"version":"2.0"},"asset":{"version":"2.0"}}"#).contains(.provDuplicateKey))
        #expect(codes(#"{"asset":{"version":"2.0"},"\u0061sset":{"version":"2.0"}}"#).contains(.provDuplicateKey))
        let wide = "[" + Array(repeating: "0", count: 100_000).joined(separator: ",") + "]"
        #expect(isOverBudget(document("\"extras\":" + wide)))
    }

    @Test func verticesThatDoNotExistAreRefused() {
        let positions = AssetFiles.floats([0, 0, 0, 1, 0, 0, 0, 1, 0])
        let json = document(
            #""buffers":[{"byteLength":40}],"bufferViews":[{"buffer":0,"byteLength":36},{"buffer":0,"byteOffset":36,"byteLength":3}],"accessors":[{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3","min":[0,0,0],"max":[1,1,0]},{"bufferView":1,"componentType":5121,"count":3,"type":"SCALAR"}],"meshes":[{"primitives":[{"attributes":{"POSITION":0},"indices":1}]}]"#
        )
        #expect(codes(json, positions + [0, 1, 3, 0]).contains(.accessorIndexOob))
        #expect(codes(json, positions + [0, 1, 255, 0]).contains(.accessorIndexPrimitiveRestart))
        #expect(
            codes(json, AssetFiles.floats([.nan, 0, 0, 1, 0, 0, 0, 1, 0]) + [0, 1, 2, 0]).contains(
                .accessorInvalidFloat))
        #expect(readGLTF(AssetFiles.glb(json, positions + [0, 1, 2, 0])).asset?.meshes.count == 1)
    }

    @Test func unknownAndCompressedGeometryIsMarked() {
        for (name, reason) in [
            ("EXT_unheard_of", GLTFAsset.Unverified.requiredExtension("EXT_unheard_of")),
            ("KHR_draco_mesh_compression", .compressedGeometry("KHR_draco_mesh_compression")),
            ("EXT_meshopt_compression", .compressedGeometry("EXT_meshopt_compression")),
        ] {
            let found = readGLTF(
                AssetFiles.glb(document(#""extensionsUsed":["\#(name)"],"extensionsRequired":["\#(name)"]"#)))
            #expect(found.asset?.structure == .notVerified([reason]))
        }
    }

    @Test func geometryWithoutItsBytesIsMarked() {
        let json = document(
            #""buffers":[{"byteLength":36},{"byteLength":36}],"bufferViews":[{"buffer":1,"byteLength":36}],"accessors":[{"bufferView":0,"componentType":5126,"count":3,"type":"VEC3","min":[0,0,0],"max":[1,1,0]}],"meshes":[{"primitives":[{"attributes":{"POSITION":0}}]}]"#
        )
        let found = readGLTF(AssetFiles.glb(json, Array(repeating: 0, count: 36)))
        #expect(found.asset?.structure == .notVerified([.absentBytes]))
        #expect(found.asset?.meshes == [])
    }
}
