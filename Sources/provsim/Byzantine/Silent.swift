import ProvChain

/// Says nothing, ever.
final class Silent: Machine {
    override var isHonest: Bool { false }
    override func dispatch(_ message: ConsensusMessage, to peer: UInt64) {}
}
