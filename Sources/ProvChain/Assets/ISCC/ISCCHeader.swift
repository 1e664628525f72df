/// The four fields of a header and what follows it.
struct ISCCHeader {
    static let byteCount = 2

    let mainType: UInt8
    let subType: UInt8
    let version: UInt8
    let length: UInt8
    let body: [UInt8]

    init(text: String) throws(ISCCError) {
        // Bytes, not characters: a mark after the colon is one character with it and would be dropped.
        let hasPrefix = text.utf8.starts(with: ISCCUnit.textPrefix.utf8)
        let code = hasPrefix ? text.utf8.dropFirst(ISCCUnit.textPrefix.utf8.count) : text.utf8[...]
        guard let bytes = Base32.decode(code) else { throw .notBase32 }
        guard bytes.count >= ISCCHeader.byteCount else { throw .truncated(byteCount: bytes.count) }
        mainType = bytes[0] >> 4
        subType = bytes[0] & 15
        version = bytes[1] >> 4
        length = bytes[1] & 15
        body = Array(bytes[ISCCHeader.byteCount...])
    }

    var unknown: ISCCError {
        .unknownHeader(mainType: mainType, subType: subType, version: version, length: length)
    }
}
