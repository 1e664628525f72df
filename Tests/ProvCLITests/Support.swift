import Foundation
import ProvChain
import Testing

@testable import provcli

/// A folder that goes away with the test.
final class CLIFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "provcli-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    @discardableResult func write(_ bytes: [UInt8], _ name: String) throws -> String {
        let url = URL(fileURLWithPath: file(name))
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: url)
        return url.path
    }

    @discardableResult func write(_ text: String, _ name: String) throws -> String {
        try write(Array(text.utf8), name)
    }
}

/// Models that other people's tools compressed; see `Tests/Foreign/assets/make_compressed.py`.
struct CompressedModels: Decodable {
    struct Case: Decodable {
        let name: String
        let `extension`: String?
        let glb: Data
        let beside: [String: Data]
    }
    let cases: [Case]

    static func load() throws -> [Case] {
        let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Foreign/assets/vectors/compressed.json")
        let all = try JSONDecoder().decode(CompressedModels.self, from: Data(contentsOf: file)).cases
        return all.filter { $0.beside.isEmpty }
    }
}

extension CLIError {
    /// What `body` fails with; `nil` if it does not fail.
    static func caught<T>(_ body: () throws -> T) -> CLIError? {
        do {
            _ = try body()
            return nil
        } catch { return CLIError(error) }
    }

    static func rule<T>(_ body: () throws -> T) -> String? { caught(body)?.rule }
}

extension Console {
    static let english = Console(json: true, language: .english)
}
