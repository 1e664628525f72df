/// Why bytes are not a key.
public enum KeyError: Error, Hashable, Sendable, CustomStringConvertible {
    case wrongLength(expected: [Int], found: Int)
    /// The coordinates do not satisfy the curve's equation.
    case notOnCurve
    /// An Ed25519 coordinate of 2²⁵⁵-19 or more: a second spelling of another key.
    case notCanonical
    /// A point of order 1, 2, 4 or 8: signatures by it verify for many messages, or a shared secret is zero.
    case smallOrder
    /// A secp256k1 secret of zero, or not below the order of the group.
    case secretOutOfRange
    /// A text that is not a `did:key` of a curve known here.
    case notADIDKey(String)

    public var description: String {
        switch self {
        case .wrongLength(let expected, let found):
            "a key of \(found) bytes; expected \(expected.map(String.init).joined(separator: " or "))"
        case .notOnCurve: "the point is not on the curve"
        case .notCanonical: "the coordinate is not in its canonical form"
        case .smallOrder: "the point is of small order and identifies nobody"
        case .secretOutOfRange: "the secret is zero or not below the order of the group; draw another"
        case .notADIDKey(let reason): "not a did:key of secp256k1, Ed25519 or X25519: \(reason)"
        }
    }
}
