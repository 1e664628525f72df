import ProvChain

/// Sends old votes and certificates again, also under a later view, where their signatures do not hold.
final class Outdated: Machine {
    override var isHonest: Bool { false }
    private var old: [ConsensusMessage] = []

    override func dispatch(_ message: ConsensusMessage, to peer: UInt64) {
        post(message, to: peer)
        switch message {
        case .vote, .certificate:
            if old.count < 512 { old.append(message) }
        case .proposal, .request, .page, .greeting, .equivocation: return
        }
        let stale = old[world.random.below(old.count)]
        world.counts[.lies] += 1
        post(stale, to: peer)
        if case .certificate(let certificate) = stale, let core {
            post(
                .certificate(
                    Certificate(
                        kind: certificate.kind, epoch: certificate.epoch, view: core.view,
                        parentView: certificate.parentView, block: certificate.block, signers: certificate.signers,
                        signatures: certificate.signatures)), to: peer)
        }
    }
}
