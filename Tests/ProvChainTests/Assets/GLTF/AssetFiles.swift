import Foundation
import ProvChain
import Testing

/// Published models and test files of other projects, beside the package like the vectors.
enum AssetFiles {
    static let models = PublishedVectors.root.appendingPathComponent("models")
    static let validator = PublishedVectors.root.appendingPathComponent("vectors/gltf-validator/test/base/data")

    static let arePresent = FileManager.default.fileExists(atPath: models.path)

    static func paths(_ folder: URL, _ suffix: String) throws -> [String] {
        try FileManager.default.subpathsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(suffix) }.sorted()
    }

    /// Files beside `file`.
    static func resolver(_ file: URL) -> GLTFAsset.Resolver {
        { path, maximum in
            let url = file.deletingLastPathComponent().appendingPathComponent(path)
            guard let data = try? Data(contentsOf: url), data.count <= maximum else { return nil }
            return [UInt8](data)
        }
    }

    static func bytes(_ folder: URL, _ path: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: folder.appendingPathComponent(path)))
    }

    /// A GLB around the given JSON.
    static func glb(_ json: String, _ binary: [UInt8] = []) -> [UInt8] {
        func word(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
        let text = Array(json.utf8) + Array(repeating: 0x20, count: (4 - json.utf8.count % 4) % 4)
        let rest = binary + Array(repeating: 0, count: (4 - binary.count % 4) % 4)
        let tail = binary.isEmpty ? [] : word(rest.count) + word(0x004e_4942) + rest
        return word(0x4654_6c67) + word(2) + word(20 + text.count + tail.count) + word(text.count)
            + word(0x4e4f_534a) + text + tail
    }

    /// Four bytes of each number.
    static func floats(_ values: [Float]) -> [UInt8] {
        values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } }
    }
}

/// What reading gives, without throwing.
func readGLTF(
    _ bytes: [UInt8], budget: Int = 1 << 26, resolve: GLTFAsset.Resolver = { _, _ in nil }
) -> (asset: GLTFAsset?, issues: [AssetIssue], overBudget: Bool) {
    var budget = AssetBudget(bytes: budget)
    do {
        let asset = try GLTFAsset.read(bytes: bytes, resolve: resolve, budget: &budget)
        return (asset, asset.issues, false)
    } catch {
        switch error {
        case .invalid(let issues): return (nil, issues, false)
        case .overBudget: return (nil, [], true)
        }
    }
}
