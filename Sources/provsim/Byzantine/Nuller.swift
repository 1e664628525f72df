import ProvChain

/// With each notarize sends a nullify and a finalize of the same view.
final class Nuller: Machine {
    override var isHonest: Bool { false }

    override func dispatch(_ message: ConsensusMessage, to peer: UInt64) {
        post(message, to: peer)
        let notarize: SignedVote
        switch message {
        case .vote(let vote) where vote.kind == .notarize: notarize = vote
        case .proposal(let proposal): notarize = proposal.vote
        case .vote, .certificate, .request, .page, .greeting, .equivocation: return
        }
        world.counts[.lies] += 1
        for kind in [VoteKind.nullify, .finalize] {
            post(
                .vote(
                    world.ballots.vote(
                        kind, epoch: notarize.epoch, view: notarize.view, signer: index, parentView: 0,
                        block: notarize.block)), to: peer)
        }
    }
}
