import Foundation

/// What commands print for programs: one JSON document on standard output.
enum Output {
    static func json(_ value: some Encodable) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        // Every value given here is made of texts and numbers, which always encode.
        guard let data = try? encoder.encode(value) else { preconditionFailure("a value that is not JSON") }
        print(String(decoding: data, as: UTF8.self))
    }

    /// A message for people, on standard error.
    static func message(_ text: String) { FileHandle.standardError.write(Data((text + "\n").utf8)) }
}
