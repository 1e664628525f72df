extension Simplex {
    /// What the journal remembers of this epoch, above the final view.
    public struct Recovered: Hashable, Sendable {
        public var votes: [SignedVote]
        public var certificates: [Certificate]
        /// Their bodies are at hand.
        public var blocks: [BlockHeader]
        /// The journal is lost: this key never votes again.
        public var isLost: Bool
        /// A divergence that nobody has settled.
        public var divergence: Divergence?

        public init(
            votes: [SignedVote] = [], certificates: [Certificate] = [], blocks: [BlockHeader] = [],
            isLost: Bool = false, divergence: Divergence? = nil
        ) {
            self.votes = votes
            self.certificates = certificates
            self.blocks = blocks
            self.isLost = isLost
            self.divergence = divergence
        }
    }

    /// A block behind which a quorum stands, and which was found invalid here.
    public struct Divergence: Hashable, Sendable {
        public let view: UInt64
        public let block: Digest

        public init(view: UInt64, block: Digest) {
            self.view = view
            self.block = block
        }
    }

    mutating func restore(_ recovered: Recovered) {
        // All that a committee of one ever said is in its log.
        if decidesAlone { return }
        for certificate in recovered.certificates where certificate.epoch == committee.epoch {
            restore(certificate)
        }
        for vote in recovered.votes where vote.epoch == committee.epoch && vote.view > finalView {
            precondition(vote.signer == configuration.index, "the journal of another validator")
            withView(vote.view) {
                // The journal may hold a vote twice, if a repair met a crash.
                guard !$0.own.contains(vote) else { return }
                $0.own.record(vote)
                _ = $0.tally.add(vote)
            }
        }
        for header in recovered.blocks {
            let id = header.id
            hold(header, id)
            blocks[id]?.isDurable = true
        }
    }

    private mutating func restore(_ certificate: Certificate) {
        guard certificate.view > finalView else { return }
        switch certificate.kind {
        case .notarize:
            withView(certificate.view) { $0.notarization = certificate }
            highestNotarized = max(highestNotarized, certificate.view)
            finalizable.insert(certificate.view)
        case .nullify: withView(certificate.view) { $0.nullification = certificate }
        case .finalize:
            finality = certificate
            forget(through: certificate.view)
        }
    }

    /// Resumes in the view after the highest certified one.
    mutating func start() {
        precondition(view == 0, "started twice")
        clock.lastFinal = now
        clock.lastRetry = now
        let certified = views.filter { !$0.value.certificates.isEmpty }.keys.max() ?? 0
        enter(max(finalView, certified) + 1)
        if final.header.epoch == committee.epoch { endIfLastAtStart() }
        for (_, state) in views.sorted(by: { $0.key < $1.key }) {
            if let notarization = state.notarization { want(notarization.block, from: notarization.signers) }
        }
    }

    /// Own votes in a view that is only now entered are the journal's. They may never have left, so they are said
    /// again; a certificate that was not synced may have left the view itself behind the journal.
    mutating func sayAgain() {
        guard silence == nil, let own = views[view]?.own else { return }
        if let vote = own.notarize, let header = header(of: vote.block), committee.leader(of: view) == vote.signer {
            let proposal = Proposal(header: header, vote: vote, certificates: justification(from: vote.parentView))
            withView(view) { $0.proposal = proposal }
            step.effects.append(.broadcast(.proposal(proposal)))
        }
        for vote in own.all { step.effects.append(.broadcast(.vote(vote))) }
    }

    private mutating func endIfLastAtStart() {
        precondition(final.header.nextEpochRecord == nil, "the epoch that ended at height \(final.header.height)")
    }
}
