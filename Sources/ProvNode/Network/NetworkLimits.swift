import NIOCore
import ProvChain

/// How long a connection may take for what.
struct NetworkTimeouts: Sendable {
    /// To make a TCP connection.
    var connect = TimeAmount.seconds(5)
    /// From the connection to the end of the handshake.
    var handshake = TimeAmount.milliseconds(Int64(Wire.handshakeMilliseconds))
    /// Without a byte from a peer that says every ``NetworkLimits/beatSeconds`` that it is there.
    var silence = TimeAmount.seconds(15)
    /// Between two connections to one peer that count as dialled at the same moment, in milliseconds.
    var tie = PeerLinks.tieMilliseconds
}

enum NetworkLimits {
    /// Bytes of messages from one peer that the node has not taken in; then it reads no further.
    static let untakenBytes = 4 << 20
    /// What a message counts for besides its bytes: many small ones take time and memory, too. About 250 of one peer
    /// wait at most.
    static let messageBytes = 16 << 10
    /// Bytes of a peer's messages that are worked on before it is the next peer's turn, with ``messageBytes`` for each.
    static let turnBytes = 64 << 10
    /// The same of an observer: validators come first.
    static let observerTurnBytes = 8 << 10
    /// Happenings handed to the node together; what comes meanwhile waits for so many at most before its turn.
    static let batchEvents = 256
    /// Connections whose handshake is not complete; further ones are closed at once.
    static let strangers = 64
    /// Calls of one peer that are answered. Whoever lost a connection waits 100 ms, then longer; after a call there are
    /// greetings and offers to send, so who calls and hangs up all day is let wait.
    static let calls = TokenBucket.Rate(perSecond: 1, burst: 15)
    /// Connections that wait to be accepted.
    static let backlog: Int32 = 128
    /// From one ``Beat`` to the next.
    static let beatSeconds = 5
}

/// Why this node ended a connection.
enum NetworkError: Error, CustomStringConvertible {
    case handshakeTimeout
    case silent
    case tooManyStrangers
    case blocked(IdentityKey)
    case callsTooOften(IdentityKey)

    var description: String {
        switch self {
        case .handshakeTimeout: "the handshake took too long"
        case .silent: "nothing came for too long"
        case .tooManyStrangers: "\(NetworkLimits.strangers) connections have not said who they are"
        case .blocked(let key): "\(key) misbehaved and is not let in yet"
        case .callsTooOften(let key): "\(key) called more than \(NetworkLimits.calls.burst) times in a short while"
        }
    }
}
