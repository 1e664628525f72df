/// Why a connection between nodes was ended.
public enum ChannelError: Error, Hashable, Sendable, CustomStringConvertible {
    case noise(NoiseError)
    /// A frame has at least one byte.
    case frameLength(limit: Int, found: Int)
    /// A complete handshake with somebody whom the chain does not name, or who is not the one dialled.
    case notWelcome(IdentityKey)

    public var description: String {
        switch self {
        case .noise(let error): error.description
        case .frameLength(let limit, let found): "a frame of \(found) bytes; 1 to \(limit) are possible"
        case .notWelcome(let key): "the peer is \(key), which this node does not talk to"
        }
    }
}
