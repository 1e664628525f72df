import ProvChain

/// Proposes blocks whose state root does not follow, and some whose parent was skipped without a nullification.
final class Forger: Machine {
    override var isHonest: Bool { false }

    override func dispatch(_ message: ConsensusMessage, to peer: UInt64) {
        guard case .proposal(let proposal) = message, proposal.header.view == proposal.view else {
            return post(message, to: peer)
        }
        let header = proposal.header
        world.counts[.lies] += 1
        if proposal.view % 2 == 0 || header.height < 3 {
            let forged = BlockHeader(
                chain: header.chain, epoch: header.epoch, height: header.height, view: header.view,
                parent: header.parent, time: header.time, proposer: header.proposer,
                historySize: header.historySize, historyRoot: header.historyRoot,
                stateRoot: SHA256.hash(header.stateRoot.bytes), epochRecord: header.epochRecord,
                nextEpochRecord: header.nextEpochRecord)
            return send(forged, on: proposal.vote.parentView, proposal, to: peer)
        }
        // On the last final block, over whatever was notarized since.
        guard let core, core.final.header.epoch == header.epoch, core.final.block != header.parent,
            let forged = application.empty(
                on: core.final.block, time: header.time, view: header.view, proposer: header.proposer)
        else { return post(message, to: peer) }
        send(forged, on: core.final.view, proposal, to: peer)
    }

    private func send(_ header: BlockHeader, on parentView: UInt64, _ proposal: Proposal, to peer: UInt64) {
        let vote = world.ballots.vote(
            .notarize, epoch: header.epoch, view: proposal.view, signer: index, parentView: parentView,
            block: header.id)
        world.send(
            .proposal(Proposal(header: header, vote: vote, certificates: proposal.certificates), leaves: [], ids: []),
            from: self, to: peer)
    }
}
