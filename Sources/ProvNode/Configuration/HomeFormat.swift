import Foundation
import ProvChain

/// The version of everything in a home that has no version of its own: which files there are, and what the
/// configuration means. It is one line of text in the file `format`.
///
/// Homes from before the file existed have format 1. A newer one is refused before anything is read.
enum HomeFormat {
    static let version = 1
    private static let name = "provnode-home"
    private static let maximumBytes = 64

    static func file(_ home: NodeHome) -> String { home.path + "/format" }

    /// What the file says.
    static var line: String { "\(name) \(version)\n" }

    /// Refuses a home that this program does not know.
    static func check(_ home: NodeHome) throws {
        let file = file(home)
        guard let data = FileManager.default.contents(atPath: file) else { return }
        let words = String(decoding: data.prefix(maximumBytes), as: UTF8.self).split(whereSeparator: \.isWhitespace)
        guard words.count == 2, words[0] == name, let found = Int(words[1]), found > 0 else {
            throw HomeError.badFile(
                file,
                reason: Phrase(
                    "expected one line \"\(name) \(version)\"; restore it or remove it",
                    "应为一行“\(name) \(version)”；请恢复该文件或将其移除"))
        }
        guard found <= version else { throw HomeError.newerFormat(file, found: found, known: version) }
    }

    /// Writes the file unless it is there.
    static func note(in home: NodeHome) throws {
        guard !FileManager.default.fileExists(atPath: file(home)) else { return }
        try FileBytes.create(file(home), Array(line.utf8))
    }
}
