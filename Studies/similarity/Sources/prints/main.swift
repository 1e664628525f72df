import Foundation
import ProvChain

// Reads paths, one on each line, and prints a line of JSON for each: hashes, exact geometry leaves, prints.

struct Line: Encodable {
    var path: String
    var sha256: String?
    var geometry: [String] = []
    var triangles = 0
    var prints: WrittenPrints?
    var seconds = 0.0
    var error: String?
}

let encoder = JSONEncoder()
encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
while let path = readLine() {
    var line = Line(path: path)
    do {
        let url = URL(fileURLWithPath: path)
        line.sha256 = SHA256.hash([UInt8](try Data(contentsOf: url))).hex
        let model = try ModelFile(url)
        line.triangles = model.meshes.reduce(0) { $0 + $1.triangles.count }
        line.geometry = try model.geometry().map(\.hex)
        let start = ContinuousClock.now
        line.prints = WrittenPrints(path: path, try model.prints())
        line.seconds = (ContinuousClock.now - start) / .seconds(1)
    } catch {
        line.error = "\(error)".prefix(200).description
    }
    print(String(decoding: try encoder.encode(line), as: UTF8.self))
}
