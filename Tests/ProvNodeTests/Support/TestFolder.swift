import Foundation

/// A folder that goes away with the test.
final class TestFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "provnode-storage-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { path + "/" + name }

    func read(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: file(name))) }

    func write(_ bytes: Data, _ name: String) throws { try bytes.write(to: URL(fileURLWithPath: file(name))) }
}
