import ProvChain

/// Proposes two blocks in the views that it leads: one to the lower half of the validators, one to the upper.
final class Equivocator: Machine {
    override var isHonest: Bool { false }

    override func dispatch(_ message: ConsensusMessage, to peer: UInt64) {
        guard case .proposal(let proposal) = message, peer >= UInt64(world.scenario.validators / 2),
            proposal.header.view == proposal.view
        else { return post(message, to: peer) }
        let honest = proposal.header
        guard
            let other = application.empty(
                on: honest.parent, time: honest.time + 1, view: honest.view, proposer: honest.proposer)
        else { return post(message, to: peer) }
        let vote = world.ballots.vote(
            .notarize, epoch: honest.epoch, view: proposal.view, signer: index,
            parentView: proposal.vote.parentView, block: other.id)
        world.counts[.lies] += 1
        world.counts[.equivocations] += 1
        world.send(
            .proposal(
                Proposal(header: other, vote: vote, certificates: proposal.certificates), leaves: [], ids: []),
            from: self, to: peer)
    }
}
