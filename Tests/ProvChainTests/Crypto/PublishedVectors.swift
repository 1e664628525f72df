import Foundation
import ProvChain
import Testing

/// Published test vectors, kept outside the package: in the folder that `PROV_SHARED` names, else in
/// `../shared` beside it.
enum PublishedVectors {
    static let root: URL = {
        if let path = ProcessInfo.processInfo.environment["PROV_SHARED"] { return URL(fileURLWithPath: path) }
        var package = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { package.deleteLastPathComponent() }
        return package.deletingLastPathComponent().appendingPathComponent("shared")
    }()

    static let arePresent = FileManager.default.fileExists(atPath: root.appendingPathComponent("vectors").path)

    static let absence: Comment = "the published vectors are not here; set PROV_SHARED to their folder"

    static func data(_ path: String) throws -> Data {
        try Data(contentsOf: root.appendingPathComponent("vectors/" + path))
    }

    static func bytes(_ path: String) throws -> [UInt8] { [UInt8](try data(path)) }

    static func decode<T: Decodable>(_ path: String, as type: T.Type = T.self) throws -> T {
        try JSONDecoder().decode(T.self, from: data(path))
    }

    static func files(_ folder: String) throws -> [String] {
        let url = root.appendingPathComponent("vectors/" + folder)
        return try FileManager.default.contentsOfDirectory(atPath: url.path).filter { $0.hasSuffix(".json") }.sorted()
            .map { folder + "/" + $0 }
    }
}

/// Bytes of a literal; a mistake in the literal fails the test.
func hex(_ text: String) throws -> [UInt8] {
    try #require(Hex.decode(text.filter { !$0.isWhitespace }), "not hexadecimal: \(text)")
}
