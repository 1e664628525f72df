extension Simplex {
    // MARK: Own votes

    /// Gives a vote: journaled in this step, counted here at once, sent after the sync. Returns it, for a
    /// proposal to carry; `isAnnounced` says that it goes out by itself.
    @discardableResult
    mutating func cast(
        _ kind: VoteKind, view: UInt64, parentView: UInt64 = 0, block: Digest = .zero, isAnnounced: Bool = true
    ) -> SignedVote {
        let vote = give(kind, view: view, parentView: parentView, block: block)
        if kind != .nullify { keep(block) }
        step.durable.append(.vote(vote))
        if isAnnounced { step.effects.append(.broadcast(.vote(vote))) }
        return vote
    }

    /// Signs a vote that the law allows, and remembers it.
    mutating func give(_ kind: VoteKind, view: UInt64, parentView: UInt64, block: Digest) -> SignedVote {
        guard let index = configuration.index, mayVote else { preconditionFailure("a node without a vote") }
        precondition(view > finalView, "a vote for view \(view), which is decided")
        let content = committee.vote(kind, view: view, signer: index, parentView: parentView, block: block)
        let vote = SignedVote(content, signature: configuration.sign(committee.message(of: content)))
        withView(view) { $0.own.record(vote) }
        return vote
    }

    /// A vote for a block promises its bytes, and those of its ancestors that are not final.
    private mutating func keep(_ block: Digest) {
        var missing: [Durable] = []
        var cursor = block
        while let held = blocks[cursor], !held.isDurable {
            blocks[cursor]?.isDurable = true
            missing.append(.block(cursor))
            cursor = held.header.parent
        }
        step.durable += missing.reversed()
    }

    /// Gives up the current view. A validator that decides alone never does: nobody would lead the next instead.
    mutating func nullify() {
        guard mayVote, !decidesAlone, view > finalView, views[view]?.own.allow(.nullify) ?? true else { return }
        count(cast(.nullify, view: view))
    }

    /// A vote for finality once a view is notarized: never after a nullify, never if the leader equivocated,
    /// and only for a block that was executed here and whose bytes are durable in the same step.
    mutating func considerFinalizing() {
        guard mayVote else { return }
        for view in finalizable.sorted() where view > finalView {
            guard let state = views[view], let block = state.notarization?.block else { continue }
            guard state.own.allow(.finalize), !state.leaderEquivocated else {
                finalizable.remove(view)
                continue
            }
            guard blocks[block]?.status == .valid else { continue }
            finalizable.remove(view)
            count(cast(.finalize, view: view, block: block))
            if hasEnded || !mayVote { return }
        }
    }

    // MARK: Others' votes

    mutating func receive(_ vote: SignedVote, from peer: Peer) {
        peers.heard(vote)
        if vote.view < view, vote.kind == .nullify { helpForward(vote.signer, peer: peer, view: vote.view) }
        guard vote.view > finalView, vote.view <= view.addingSaturated(ConsensusTiming.viewsAhead) else { return }
        if vote.signer == configuration.index { return missFromJournal(vote) }
        count(vote)
        // A leader that gives up its own view spares the others the wait.
        if vote.kind == .nullify, vote.view == view, vote.signer == committee.leader(of: view) { nullify() }
    }

    /// Others cannot make this signature: either the journal has it, or the journal lost it.
    func isForgotten(_ vote: SignedVote) -> Bool {
        vote.signer == configuration.index && vote.view > finalView && views[vote.view]?.own.contains(vote) != true
    }

    mutating func missFromJournal(_ vote: SignedVote) {
        if configuration.watchesOwnKey, isForgotten(vote) { fallSilent(.journalLost) }
    }

    /// Once silent, a validator stays so until its key is rotated or the node replaced.
    mutating func fallSilent(_ reason: Silence) {
        guard silence == nil else { return }
        silence = reason
        step.effects.append(.stopVoting(reason))
    }

    mutating func count(_ vote: SignedVote) {
        guard vote.view > finalView else { return }
        var outcome = VoteTally.Outcome.known
        withView(vote.view) { outcome = $0.tally.add(vote) }
        switch outcome {
        case .known:
            if !Planted.has(.signerCountedTwice) { return }
        case .conflict(let found):
            accuse(found)
            if found.second.kind == found.first.kind { return }
        case .added:
            if vote.kind == .notarize { confront(in: vote.view) }
            if vote.kind != .nullify, vote.block == views[vote.view]?.notarization?.block {
                peers.tookPart(vote.signer, at: now)
            }
        }
        let size = committee.quorum
        if let votes = views[vote.view]?.tally.quorum(vote.kind, vote.subject, of: size) {
            absorb(Certificate(votes: votes))
        }
    }
}

extension UInt64 {
    public func addingSaturated(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
