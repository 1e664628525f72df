extension Simplex {
    /// False if the vote would change nothing, so that its signature need not be checked: it is of a decided view,
    /// known, or of a view so far ahead that it is not held. A peer that gives up a view long past needs help, and is
    /// heard; and the highest vote of each key is remembered, however high it is.
    public func isNews(_ vote: SignedVote, from peer: Peer) -> Bool {
        guard vote.epoch == committee.epoch, vote.signer < UInt64(committee.count) else { return true }
        if asksForHelp(vote, from: peer) { return true }
        guard vote.view > finalView else { return false }
        if vote.view > view.addingSaturated(ConsensusTiming.viewsAhead) { return peers.isHighest(vote) }
        return views[vote.view]?.tally.vote(vote.kind, of: vote.signer)?.subject != vote.subject
    }

    /// True if a vote is answered with what its view came to.
    public func asksForHelp(_ vote: SignedVote, from peer: Peer) -> Bool {
        vote.kind == .nullify && vote.signer == peer && vote.view < view
    }

    /// The same proposal without certificates that are known here.
    public func news(of proposal: Proposal) -> Proposal {
        let news = proposal.certificates.filter(isNews)
        guard news.count < proposal.certificates.count else { return proposal }
        return Proposal(header: proposal.header, vote: proposal.vote, certificates: news)
    }

    /// False if the proposal is held, and brings no certificate that is not. Only then is its block at hand, or asked
    /// for.
    public func isNews(_ proposal: Proposal) -> Bool {
        guard proposal.vote.epoch == committee.epoch, proposal.view > finalView else { return true }
        return views[proposal.view]?.proposal?.vote.subject != proposal.vote.subject
            || proposal.certificates.contains(where: isNews)
    }

    /// False if this validator is known to contradict itself, and in this view too if it led it.
    public func isNews(_ found: Equivocation) -> Bool {
        guard found.first.epoch == committee.epoch, peers.accused.contains(found.accused) else { return true }
        let view = found.first.view
        guard found.accused == committee.leader(of: view), view > finalView,
            view <= self.view.addingSaturated(ConsensusTiming.viewsAhead)
        else { return false }
        return views[view]?.leaderEquivocated != true
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
