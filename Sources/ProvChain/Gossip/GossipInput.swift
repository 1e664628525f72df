/// What happens to ``Gossip``.
public enum GossipInput: Sendable {
    /// A handshake was completed. A validator is pushed statements to; an observer asks for what it wants.
    case connected(IdentityKey, isValidator: Bool)
    case disconnected(IdentityKey)
    /// A message came, in a frame of so many bytes. Whoever reads frames parses them, beside other work; what is
    /// no message is ``PeerFault/malformed(_:)``.
    case received(WireMessage, from: IdentityKey, bytes: Int)
    /// What the last ``GossipDirective/write(_:frames:)`` gave was handed to the system; more can follow.
    case written(IdentityKey)
    /// A statement that came here first, and was verified here. What came from a peer is not pushed again.
    case submitted([UInt8])
    /// A message of consensus, synchronisation or the like, to all validators or to some peers.
    case send(WireMessage, to: Recipients)
    /// Something is lacking; whoever is likely to have it comes first, and nobody means everybody.
    case want([FetchItem], at: [IdentityKey])
    /// It came another way.
    case forget(FetchItem)
    /// What a peer sent was found to be wrong, provably.
    case proved(PeerFault, of: IdentityKey)
    /// What a peer said of consensus had so many signatures checked, and asked for so many answers.
    case spent(signatures: Int, questions: Int, by: IdentityKey)
    /// Time has passed; `random` is fresh. At least every ``Gossip/tickMilliseconds``.
    case tick(random: UInt64)

    public enum Recipients: Hashable, Sendable {
        case validators
        case observers
        case peers([IdentityKey])
    }
}

/// What is to be done, in this order.
public enum GossipDirective: Hashable, Sendable {
    /// Hand these frames to the connection, and report ``GossipInput/written(_:)`` when it has taken them.
    case write(IdentityKey, frames: [[UInt8]])
    /// Parse, verify and keep these statements.
    case verify([[UInt8]], from: IdentityKey)
    /// A message of consensus, synchronisation or the like.
    case deliver(WireMessage, from: IdentityKey)
    /// Look these up and send a ``WireMessage/fetched(_:)`` with the same number. The peer's next question comes after
    /// that, as after the ``WireMessage/ranged(_:)`` with which a delivered ``WireMessage/range(_:)`` is answered.
    case serve(FetchRequest, to: IdentityKey)
    case found(FetchItem, [UInt8], from: IdentityKey)
    /// Nobody who could be asked has it.
    case missing(FetchItem)
    /// Send what waits here by leaf hash (``LeafHashes``).
    case offer(to: IdentityKey, wantsAnswer: Bool)
    /// Of these, ``GossipInput/want(_:at:)`` what is unknown here.
    case compare([Digest], from: IdentityKey)
    /// Read nothing from this peer for so long.
    case pause(IdentityKey, milliseconds: UInt64)
    /// Close the connection, and make no other one with it for a while.
    case block(IdentityKey, PeerFault)
}

/// What a peer can provably do wrong. Being slow, silent or behind is none of it.
public enum PeerFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// A frame that is not one canonical message.
    case malformed(CBORError)
    /// Beyond a bound of the connection, such as an oversized frame.
    case channel(ChannelError)
    case badSignature
    /// Two votes of which an honest validator casts one.
    case equivocation
    /// Other bytes than those whose hash was asked for.
    case wrongItem(FetchItem)

    public var description: String {
        switch self {
        case .malformed(let error): "it sent a message that is none: \(error)"
        case .channel(let error): error.description
        case .badSignature: "it sent a signature that does not verify"
        case .equivocation: "it voted twice for different things"
        case .wrongItem(let item): "it answered something else than \(item)"
        }
    }
}
