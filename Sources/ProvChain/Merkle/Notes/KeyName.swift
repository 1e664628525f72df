/// The name of a key that signs notes, and of a log: a schema-less URL such as `example.com/log`
/// (C2SP signed-note).
///
/// Kept as bytes: two Swift strings are equal if they are canonically equivalent, two names only if every
/// byte is.
public struct KeyName: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// UTF-8, not empty.
    public let bytes: [UInt8]

    public static let maximumByteCount = 255

    /// Throws ``NoteError/malformedName`` for an empty or overlong name, and for one with a space (of any
    /// script), a plus or a control character.
    public init(_ text: String) throws(NoteError) { try self.init(bytes: Array(text.utf8)) }

    public init(bytes: [UInt8]) throws(NoteError) {
        guard !bytes.isEmpty, bytes.count <= Self.maximumByteCount,
            let text = String(validating: bytes, as: UTF8.self),
            text.unicodeScalars.allSatisfy({ !$0.properties.isWhitespace && $0 != "+" && $0.value >= 0x20 })
        else { throw .malformedName }
        self.bytes = bytes
    }

    public var description: String { String(decoding: bytes, as: UTF8.self) }

    public static func < (a: KeyName, b: KeyName) -> Bool { a.bytes.lexicographicallyPrecedes(b.bytes) }
}
