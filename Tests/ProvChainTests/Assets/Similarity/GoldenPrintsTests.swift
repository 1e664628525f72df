import Foundation
import ProvChain
import Testing

/// Prints of real models, kept. A debug build, a release build and an implementation in Python give the same bytes.
@Suite struct GoldenPrintsTests {
    private static let golden: URL = {
        var tests = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { tests.deleteLastPathComponent() }
        return tests.appendingPathComponent("Foreign/similarity/golden.json")
    }()

    /// All GLBs, and every fourth OBJ.
    private static func paths() throws -> [String] {
        let objs = try AssetFiles.paths(AssetFiles.models, ".obj").enumerated().filter { $0.offset % 4 == 0 }
        return try AssetFiles.paths(AssetFiles.models, ".glb") + objs.map(\.element)
    }

    private static func measured() throws -> [WrittenPrints] {
        try paths().map { path in
            let model = try ModelFile(AssetFiles.models.appendingPathComponent(path))
            return WrittenPrints(path: path, try model.prints())
        }
    }

    @Test(.enabled(if: AssetFiles.arePresent, PublishedVectors.absence))
    func realModelsHaveThePrintsTheyHad() throws {
        let measured = try Self.measured()
        if ProcessInfo.processInfo.environment["PROV_WRITE_GOLDEN"] == "1" {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try encoder.encode(measured).write(to: Self.golden)
            return
        }
        let kept: [WrittenPrints] = try ForeignVectors.decode("similarity/golden.json")
        #expect(kept.count >= 50)
        #expect(kept.map(\.path) == measured.map(\.path))
        for (old, new) in zip(kept, measured) { #expect(old == new, "\(old.path)") }
        let shapes = measured.reduce(0) { $0 + $1.components.count + 1 }
        print("vectors: similarity \(zip(kept, measured).count { $0 == $1 }) of \(kept.count) models, \(shapes) prints")
    }
}
