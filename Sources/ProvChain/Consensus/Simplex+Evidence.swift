/// How proof of broken promises is found. A validator that says different things to different others is safe
/// only while these do not compare what they hold; so every vote is compared, however it came.
extension Simplex {
    /// Takes evidence once for each validator: reports it, passes it on, and, if the accused led the view,
    /// never finalizes what it proposed.
    mutating func accuse(_ found: Equivocation) {
        if found.accused == committee.leader(of: found.first.view), found.first.view > finalView,
            found.first.view <= view.addingSaturated(ConsensusTiming.viewsAhead)
        {
            withView(found.first.view) { $0.leaderEquivocated = true }
        }
        guard peers.accused.insert(found.accused).inserted else { return }
        step.effects.append(.report(found))
        step.effects.append(.broadcast(.equivocation(found)))
    }

    /// Compares a certificate's votes with those held, and holds them for later ones. They count for nothing:
    /// what they amount to is the certificate.
    mutating func compare(_ certificate: Certificate) {
        for (signer, signature) in zip(certificate.signers, certificate.signatures)
        where signer != configuration.index {
            let vote = SignedVote(
                committee.vote(
                    certificate.kind, view: certificate.view, signer: signer, parentView: certificate.parentView,
                    block: certificate.block), signature: signature)
            var outcome = VoteTally.Outcome.known
            withView(certificate.view) { outcome = $0.tally.add(vote) }
            if case .conflict(let found) = outcome { accuse(found) }
        }
        if certificate.kind == .notarize { confront(in: certificate.view) }
    }

    /// A leader's vote travels inside its proposal, so nobody sees the one that others got. Whoever notarized
    /// something else than the leader's vote held here is sent that vote, once in a view: if the leader lied,
    /// one of the two now holds both of its votes.
    mutating func confront(in view: UInt64) {
        guard let (vote, others) = confrontation(in: view), !others.isEmpty else { return }
        for other in others { step.effects.append(.send(.vote(vote), to: other)) }
        withView(view) { $0.confronted.formUnion(others) }
    }

    private func confrontation(in view: UInt64) -> (vote: SignedVote, others: [UInt64])? {
        let leader = committee.leader(of: view)
        guard let index = configuration.index, index != leader, let state = views[view],
            let held = state.tally.vote(.notarize, of: leader)
        else { return nil }
        let others = (0..<UInt64(committee.count)).filter { signer in
            guard signer != index, signer != leader, !state.confronted.contains(signer),
                let other = state.tally.vote(.notarize, of: signer)
            else { return false }
            return other.subject != held.subject
        }
        return (held, others)
    }
}
