/// The two chunks of a GLB file (glTF 2.0 section 4.4), or a plain `.gltf` taken as its JSON chunk alone.
struct GLBContainer {
    static let magic: UInt32 = 0x4654_6c67
    static let jsonChunk: UInt32 = 0x4e4f_534a
    static let binaryChunk: UInt32 = 0x004e_4942
    static let headerBytes = 12
    static let chunkHeaderBytes = 8

    /// The file, not copied; `json` and `binary` are ranges of it.
    let bytes: [UInt8]
    private(set) var isBinary = false
    private(set) var json: Range<Int>?
    private(set) var binary: Range<Int>?

    /// A file that starts like a JSON object or array is a `.gltf`, everything else must be a GLB.
    init(_ bytes: [UInt8], issues: inout IssueList) {
        self.bytes = bytes
        let first = bytes.first { $0 != 0x20 && $0 != 0x0a && $0 != 0x0d && $0 != 0x09 }
        if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") || first == 0xef {
            json = 0..<bytes.count
        } else {
            isBinary = true
            readChunks(&issues)
        }
    }

    private func word(_ offset: Int) -> UInt32 {
        precondition(offset >= 0 && bytes.count - offset >= 4, "four bytes at \(offset) of \(bytes.count)")
        return UInt32(bytes[offset]) | UInt32(bytes[offset + 1]) << 8 | UInt32(bytes[offset + 2]) << 16
            | UInt32(bytes[offset + 3]) << 24
    }

    private mutating func readChunks(_ issues: inout IssueList) {
        guard bytes.count >= Self.headerBytes else {
            return issues.add(.glbUnexpectedEndOfHeader, "byte \(bytes.count)")
        }
        guard word(0) == Self.magic else { return issues.add(.glbInvalidMagic, "byte 0") }
        guard word(4) == 2 else { return issues.add(.glbInvalidVersion, "byte 4") }
        let declared = Int(word(8))
        if declared <= Self.headerBytes { issues.add(.glbLengthTooSmall, "byte 8") }
        var position = Self.headerBytes
        var number = 0
        while position < min(bytes.count, max(declared, Self.headerBytes)) {
            guard bytes.count - position >= Self.chunkHeaderBytes else {
                return issues.add(.glbUnexpectedEndOfChunkHeader, "byte \(bytes.count)")
            }
            let length = Int(word(position))
            let start = position + Self.chunkHeaderBytes
            if !length.isMultiple(of: 4) { issues.add(.glbChunkLengthUnaligned, "byte \(position)") }
            if length > declared - start { issues.add(.glbChunkTooBig, "byte \(position)") }
            guard length <= bytes.count - start else {
                return issues.add(.glbUnexpectedEndOfChunkData, "byte \(bytes.count)")
            }
            take(word(position + 4), number: number, at: position, start..<(start + length), &issues)
            position = start + length
            number += 1
        }
        if position != declared { issues.add(.glbLengthMismatch, "byte \(position)") }
        if declared < bytes.count, position <= declared { issues.add(.glbExtraData, "byte \(declared)") }
    }

    private mutating func take(
        _ type: UInt32, number: Int, at position: Int, _ range: Range<Int>, _ issues: inout IssueList
    ) {
        let place = "byte \(position)"
        if number == 0, type != Self.jsonChunk { issues.add(.glbUnexpectedFirstChunk, place) }
        switch type {
        case Self.jsonChunk:
            if range.isEmpty { issues.add(.glbEmptyChunk, place) }
            if json != nil { issues.add(.glbDuplicateChunk, place) } else { json = range }
        case Self.binaryChunk:
            if range.isEmpty { issues.add(.glbEmptyBinChunk, place) }
            if binary != nil {
                issues.add(.glbDuplicateChunk, place)
            } else {
                if number > 1 { issues.add(.glbUnexpectedBinChunk, place) }
                binary = range
            }
        default:
            if number > 0 { issues.add(.glbUnknownChunkType, place) }
        }
    }
}
