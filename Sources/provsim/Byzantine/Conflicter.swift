import ProvChain

/// With each vote for a block sends the same vote for another.
final class Conflicter: Machine {
    override var isHonest: Bool { false }

    override func dispatch(_ message: ConsensusMessage, to peer: UInt64) {
        if case .vote(let vote) = message, vote.kind != .nullify {
            world.counts[.lies] += 1
            let other = SHA256.hash([UInt8(truncatingIfNeeded: world.random.next())])
            post(
                .vote(
                    world.ballots.vote(
                        vote.kind, epoch: vote.epoch, view: vote.view, signer: index, parentView: vote.parentView,
                        block: other)), to: peer)
        }
        post(message, to: peer)
    }
}
