/// Percent-encoding and query strings, read strictly (RFC 3986 section 2.1).
enum Query {
    /// Names and values in the order given; a name without `=` has an empty value. `+` is a space, as forms send it.
    /// - Throws: the piece that is not percent-encoded UTF-8.
    static func parse(_ text: String) throws(Malformed) -> [(name: String, value: String)] {
        var pairs: [(name: String, value: String)] = []
        // By bytes: to a Character, a separator with a combining mark behind it is none.
        for piece in text.utf8.split(separator: UInt8(ascii: "&")) {
            let parts = piece.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? parts[1] : piece[piece.endIndex...]
            guard let name = decode(utf8: parts[0], plusIsSpace: true),
                let value = decode(utf8: value, plusIsSpace: true)
            else { throw Malformed() }
            pairs.append((name, value))
        }
        return pairs
    }

    struct Malformed: Error {}

    /// `nil` if a `%` is not followed by two hexadecimal digits, or if the bytes are not UTF-8.
    static func decode(_ text: Substring, plusIsSpace: Bool = false) -> String? {
        decode(utf8: text.utf8, plusIsSpace: plusIsSpace)
    }

    private static func decode(utf8 text: Substring.UTF8View, plusIsSpace: Bool) -> String? {
        var bytes: [UInt8] = []
        var rest = text
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "%"):
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            case UInt8(ascii: "+") where plusIsSpace: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
