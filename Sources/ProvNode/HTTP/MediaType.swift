import ProvChain

/// The media types that the API speaks, and how a client's headers choose among them (RFC 9110 sections 8.3, 12.5.1).
enum MediaType {
    static let json = "application/json"
    static let cbor = "application/cbor"
    static let cose = "application/cose"
    static let octets = "application/octet-stream"
    static let text = "text/plain; charset=utf-8"
    static let html = "text/html; charset=utf-8"
    static let bundle = "application/vnd.provchain.bundle+cbor"

    /// The type without its parameters, in lower case.
    static func essence(_ header: String) -> String {
        lowercased(trimmed(header.utf8.prefix { $0 != UInt8(ascii: ";") }))
    }

    /// True if an `Accept` header names CBOR and does not prefer JSON.
    static func prefersCBOR(_ accept: String) -> Bool {
        var cborWeight = 0
        var jsonWeight = 0
        for range in accept.utf8.split(separator: UInt8(ascii: ",")) {
            let parts = range.split(separator: UInt8(ascii: ";")).map(trimmed)
            let weight = parts.dropFirst().lazy.compactMap(weight).first ?? 1_000
            switch parts.first.map(lowercased) {
            case cbor: cborWeight = weight
            case json: jsonWeight = weight
            default: break
            }
        }
        return cborWeight > jsonWeight
    }

    /// Bytes, not Characters: a separator counts whatever stands behind it, and the Greek question mark, which
    /// is canonically equivalent to a semicolon, is none.
    private typealias Piece = Substring.UTF8View

    /// A `q=0.123` in thousandths; `nil` for any other parameter.
    private static func weight(_ parameter: Piece) -> Int? {
        guard lowercased(parameter.prefix(2)).utf8.elementsEqual("q=".utf8) else { return nil }
        let parts = parameter.dropFirst(2).split(
            separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = Int(Substring(parts[0])), whole == 0 || whole == 1 else { return 0 }
        guard whole == 0, parts.count == 2 else { return whole * 1_000 }
        return Int((Substring(parts[1]) + "000").prefix(3)) ?? 0
    }

    private static func trimmed(_ text: Piece) -> Piece {
        func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        let start = text.drop(while: isSpace)
        guard let end = start.lastIndex(where: { !isSpace($0) }) else { return start.prefix(0) }
        return start[...end]
    }

    /// Only ASCII has a case here.
    private static func lowercased(_ text: Piece) -> String {
        let bytes = text.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        return String(decoding: bytes, as: UTF8.self)
    }
}
