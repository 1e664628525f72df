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
        var head = String(decoding: bytes[..<comma], as: UTF8.self)
            .split(separator: ";", omittingEmptySubsequences: false)
        let isBase64 = head.count > 1 && head.last == "base64"
        if isBase64 { head.removeLast() }
        // Parameters are `name=value` (RFC 2397).
        guard let type = head.first, head.dropFirst().allSatisfy({ $0.contains("=") }) else { throw .malformed }
        let content = Array(bytes[(comma + 1)...])
        guard let decoded = isBase64 ? Base64.decode(content) : percentDecoded(content) else { throw .malformed }
        return .data(mediaType: String(type), bytes: decoded)
    }

    /// `nil` if a percent sign is not followed by two hexadecimal digits.
    private static func percentDecoded(_ bytes: [UInt8]) -> [UInt8]? {
        var plain: [UInt8] = []
        var position = 0
        while position < bytes.count {
            guard bytes[position] == UInt8(ascii: "%") else {
                plain.append(bytes[position])
                position += 1
                continue
            }
            guard bytes.count - position >= 3, let high = Hex.value(bytes[position + 1]),
                let low = Hex.value(bytes[position + 2])
            else { return nil }
            plain.append(high << 4 | low)
            position += 3
        }
        return plain
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
        guard !bytes.contains(UInt8(ascii: "?")), !bytes.contains(UInt8(ascii: "#")) else { throw .refused }
        guard let plain = percentDecoded(bytes), !plain.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
            throw .malformed
        }
        // Where other systems separate folders and drives.
        guard !plain.contains(UInt8(ascii: "\\")), !plain.contains(UInt8(ascii: ":")) else { throw .refused }
        guard let whole = String(validating: plain, as: UTF8.self) else { throw .malformed }
        if plain.first == UInt8(ascii: "/") { throw .refused }
        // By bytes, as a file system cuts it: to `String`, a slash with a mark after it is no slash.
        let parts = whole.utf8.split(separator: UInt8(ascii: "/")).map(Array.init).filter { $0 != Array(".".utf8) }
        guard !parts.contains(Array("..".utf8)), !parts.isEmpty else { throw .refused }
        return String(decoding: Array(parts.joined(separator: [UInt8(ascii: "/")])), as: UTF8.self)
    }
}
