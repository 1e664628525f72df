extension Simplex {
    /// False if the vote would change nothing, so that its signature need not be checked: it is of a decided view,
    /// or known. A peer that gives up a view long past needs help, and is heard.
    public func isNews(_ vote: SignedVote, from peer: Peer) -> Bool {
        guard vote.epoch == committee.epoch, vote.signer < UInt64(committee.count) else { return true }
        if vote.kind == .nullify, vote.signer == peer, vote.view < view { return true }
        guard vote.view > finalView else { return false }
        return views[vote.view]?.tally.vote(vote.kind, of: vote.signer)?.subject != vote.subject
    }

    /// True if a quorum stands behind this block of a view, or the view is decided: whether the block may be built on
    /// is no question any more.
    public func hasQuorum(for block: Digest, of view: UInt64) -> Bool {
        view <= finalView || views[view]?.notarization?.block == block
    }

    /// False if a certificate of its view and kind is held already, or the view is decided.
    public func isNews(_ certificate: Certificate) -> Bool {
        guard certificate.epoch == committee.epoch, certificate.view > finalView else { return false }
        return switch certificate.kind {
        case .notarize: views[certificate.view]?.notarization == nil
        case .nullify: views[certificate.view]?.nullification == nil
        case .finalize: true
        }
    }
}

extension Simplex {
    /// This validator's votes in views that are not decided, by view.
    public var ownVotes: [SignedVote] { views.sorted { $0.key < $1.key }.flatMap(\.value.own.all) }
}
