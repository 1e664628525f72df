import Foundation

/// Vectors made by other implementations and kept in this repository, under `Tests/Foreign`, each beside the
/// script that wrote it.
enum ForeignVectors {
    static func decode<T: Decodable>(_ path: String, as type: T.Type = T.self) throws -> T {
        var tests = URL(fileURLWithPath: #filePath)
        for _ in 0..<3 { tests.deleteLastPathComponent() }
        return try JSONDecoder().decode(
            T.self, from: Data(contentsOf: tests.appendingPathComponent("Foreign/" + path)))
    }
}
