/// Where a URI inside a glTF points: into itself, or to a file beside it. Nothing else is followed.
enum GLTFReference: Equatable {
    case data(mediaType: String, bytes: [UInt8])
    /// A relative path without `.`, `..` and empty parts.
    case file(String)

    enum Failure: Error, Equatable {
        case malformed
        /// Network addresses, absolute paths, paths that climb.
        case refused
    }

    static let maximumPathBytes = 1_024

    init(_ text: JSONText) throws(Failure) {
        let bytes = text.utf8
        if bytes.starts(with: Array("data:".utf8)) {
            self = try Self.data(bytes.dropFirst(5))
        } else {
            self = .file(try Self.path(bytes))
        }
    }

    private static func data(_ bytes: ArraySlice<UInt8>) throws(Failure) -> GLTFReference {
        guard let comma = bytes.firstIndex(of: UInt8(ascii: ",")) else { throw .malformed }
        let head = String(decoding: bytes[..<comma], as: UTF8.self)
        guard head.hasSuffix(";base64"), let decoded = Base64.decode(Array(bytes[(comma + 1)...])) else {
            throw .malformed
        }
        let type = head.dropLast(";base64".count).split(separator: ";", omittingEmptySubsequences: false).first
        return .data(mediaType: String(type ?? ""), bytes: decoded)
    }

    private static func path(_ bytes: [UInt8]) throws(Failure) -> String {
        guard !bytes.isEmpty, bytes.count <= maximumPathBytes else { throw .malformed }
        // A colon before any slash ends a scheme (RFC 3986 section 3.1); a scheme starts with a letter.
        let head = bytes.prefix { $0 != UInt8(ascii: "/") }
        if let colon = head.firstIndex(of: UInt8(ascii: ":")) {
            let first = head.first ?? 0
            guard colon > 0, (0x41...0x5a).contains(first) || (0x61...0x7a).contains(first) else { throw .malformed }
            throw .refused
        }
        var plain: [UInt8] = []
        var position = 0
        while position < bytes.count {
            var byte = bytes[position]
            position += 1
            if byte == UInt8(ascii: "%") {
                guard bytes.count - position >= 2,
                    let pair = Hex.decode(String(decoding: bytes[position..<(position + 2)], as: UTF8.self))
                else { throw .malformed }
                byte = pair[0]
                position += 2
            } else if byte == UInt8(ascii: "?") || byte == UInt8(ascii: "#") {
                throw .refused
            }
            if byte < 0x20 || byte == 0x7f { throw .malformed }
            if byte == UInt8(ascii: "\\") || byte == UInt8(ascii: ":") { throw .refused }
            plain.append(byte)
        }
        guard let whole = String(validating: plain, as: UTF8.self) else { throw .malformed }
        if plain.first == UInt8(ascii: "/") { throw .refused }
        let parts = whole.split(separator: "/").filter { $0 != "." }
        guard !parts.contains(".."), !parts.isEmpty else { throw .refused }
        return parts.joined(separator: "/")
    }
}
