import Foundation
import ProvChain
import Testing

/// The leaves of public models, kept in `golden.json`; debug and release builds, and the Python implementation in
/// `Tests/Foreign/assets`, give the same. Rewritten by running this test with `PROV_WRITE_GOLDEN=1`.
@Suite(.enabled(if: AssetFiles.arePresent, PublishedVectors.absence))
struct GoldenLeavesTests {
    struct Golden: Codable, Equatable {
        struct Model: Codable, Equatable {
            let path: String
            let leaves: [[String]]
        }
        let models: [Model]
        /// Of those test files of the Khronos validator that have components.
        let validator: [Model]
    }

    static let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("golden.json")

    private func model(_ folder: URL, _ path: String) throws -> (AssetFingerprint, Golden.Model) {
        var budget = AssetBudget(bytes: 1 << 26)
        let found = AssetFingerprint.read(
            bytes: try AssetFiles.bytes(folder, path), name: path,
            resolve: AssetFiles.resolver(folder.appendingPathComponent(path)), budget: &budget)
        return (found, .init(path: path, leaves: found.components.map { [$0.kind.rawValue, $0.hash.hex] }))
    }

    @Test func everyModelHasItsLeaves() throws {
        var models: [Golden.Model] = []
        let paths = try AssetFiles.paths(AssetFiles.models, ".glb") + AssetFiles.paths(AssetFiles.models, ".obj")
        for path in paths {
            let (found, model) = try model(AssetFiles.models, path)
            #expect(found.structure == .verified, "\(path)")
            models.append(model)
        }
        let tests = try AssetFiles.paths(AssetFiles.validator, ".gltf") + AssetFiles.paths(AssetFiles.validator, ".glb")
        let validator = try tests.map { try model(AssetFiles.validator, $0).1 }.filter { !$0.leaves.isEmpty }
        let golden = Golden(models: models, validator: validator)
        if ProcessInfo.processInfo.environment["PROV_WRITE_GOLDEN"] == "1" {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try encoder.encode(golden).write(to: Self.file)
        }
        let kept = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: Self.file))
        #expect(golden == kept)
        let all = models + validator
        print("golden: \(all.count) models, \(all.reduce(0) { $0 + $1.leaves.count }) leaves as kept")
    }
}
