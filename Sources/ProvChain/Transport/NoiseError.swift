/// Why a Noise message was not taken, or none could be made. Each of them ends the connection.
public enum NoiseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A message of the handshake has one length, since its payload is empty; any message has a bound.
    case wrongLength(expected: ClosedRange<Int>, found: Int)
    /// The peer holds another key, expects another chain or wire version, or bytes were changed on the way.
    case notAuthentic
    /// A public key with which every shared secret is zero, and so known to all.
    case badKey(KeyError)
    /// The last number of a key was used. Reconnecting makes new keys.
    case countersExhausted
    /// Something went wrong before; nothing is read or written after it.
    case failedBefore

    public var description: String {
        switch self {
        case .wrongLength(let expected, let found):
            "a Noise message of \(found) bytes; \(expected.lowerBound) to \(expected.upperBound) are possible here"
        case .notAuthentic:
            "a Noise message does not open: another chain, another wire version, or changed on the way"
        case .badKey(let error): "the peer's key is not usable: \(error)"
        case .countersExhausted: "this connection has sent all messages that its keys allow; connect again"
        case .failedBefore: "this connection failed before; connect again"
        }
    }
}
