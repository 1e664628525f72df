/// The size and root of a log under its name (C2SP tlog-checkpoint): the text
/// `origin\nsize\nbase64(root)\n`, to be signed as a note.
///
/// This chain writes no extension lines. Those of other logs are kept as they are.
public struct Checkpoint: Hashable, Sendable {
    /// The log's name, which is also the name of the keys that sign for it.
    public let origin: KeyName
    public let size: UInt64
    public let root: Digest
    /// Lines after the root, without their newlines; none is empty.
    public let extensionLines: [[UInt8]]

    public init(origin: KeyName, size: UInt64, root: Digest) {
        precondition(size <= HistoryTree.maximumSize, "a checkpoint of \(size) leaves")
        self.origin = origin
        self.size = size
        self.root = root
        extensionLines = []
    }

    /// From the text of a note. Throws ``NoteError/malformedCheckpoint(line:)``.
    public init(text: [UInt8]) throws(NoteError) {
        guard text.last == 0x0a else { throw .invalidText }
        let lines = text.dropLast().split(separator: 0x0a, omittingEmptySubsequences: false).map(Array.init)
        guard let origin = try? KeyName(bytes: lines[0]) else { throw .malformedCheckpoint(line: 0) }
        guard lines.count > 1, let size = Self.size(lines[1]) else { throw .malformedCheckpoint(line: 1) }
        guard lines.count > 2, let bytes = Base64.decode(lines[2]), let root = Digest(bytes) else {
            throw .malformedCheckpoint(line: 2)
        }
        if let empty = lines.dropFirst(3).firstIndex(of: []) { throw .malformedCheckpoint(line: empty) }
        self.origin = origin
        self.size = size
        self.root = root
        extensionLines = Array(lines.dropFirst(3))
    }

    /// The text of the note.
    public var text: [UInt8] {
        var text = origin.bytes
        text.append(contentsOf: "\n\(size)\n\(root.withBytes { Base64.encode($0) })\n".utf8)
        for line in extensionLines { text.append(contentsOf: line + [0x0a]) }
        return text
    }

    /// A decimal number without sign or leading zeros, at most 2^63 - 1.
    private static func size(_ digits: [UInt8]) -> UInt64? {
        guard let first = digits.first, digits.count == 1 || first != 0x30,
            digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let size = UInt64(String(decoding: digits, as: UTF8.self)), size <= HistoryTree.maximumSize
        else { return nil }
        return size
    }
}
