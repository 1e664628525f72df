/// A string of a JSON document, compared byte for byte.
///
/// Swift's `String` compares by canonical equivalence, under which the Kelvin sign U+212A equals `K`:
/// two readers could then disagree about which member an object has.
public struct JSONText: Hashable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    /// Well-formed UTF-8.
    public let utf8: [UInt8]

    public init(utf8: [UInt8]) { self.utf8 = utf8 }

    public init(stringLiteral value: String) { utf8 = Array(value.utf8) }

    public var description: String { String(decoding: utf8, as: UTF8.self) }

    /// As one token of a JSON pointer (RFC 6901 section 3).
    public var pointerToken: String {
        var token: [UInt8] = []
        for byte in utf8 {
            switch byte {
            case UInt8(ascii: "~"): token += Array("~0".utf8)
            case UInt8(ascii: "/"): token += Array("~1".utf8)
            default: token.append(byte)
            }
        }
        return String(decoding: token, as: UTF8.self)
    }
}
