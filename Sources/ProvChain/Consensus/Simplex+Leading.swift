extension Simplex {
    /// What this node has done about a view that it leads.
    struct Leading: Sendable {
        var isBuilding = false
        /// Asked for a block of statements, there was none to make.
        var foundNothing = false
        /// After a failed build, the next one's moment.
        var resumes = Instant(milliseconds: 0)
    }

    private var isLeader: Bool { committee.leader(of: view) == configuration.index }

    /// The leader extends the highest notarized block whose skipped views are all nullified.
    private enum Parent {
        case found(view: UInt64, block: Digest)
        case missing(first: UInt64, last: UInt64)
    }

    private var parent: Parent {
        var cursor = view - 1
        var gap: ClosedRange<UInt64>?
        while cursor > finalView {
            if let notarization = views[cursor]?.notarization {
                return gap.map { .missing(first: $0.lowerBound, last: $0.upperBound) }
                    ?? .found(view: cursor, block: notarization.block)
            }
            if views[cursor]?.nullification == nil { gap = cursor...(gap?.upperBound ?? cursor) }
            cursor -= 1
        }
        return gap.map { .missing(first: $0.lowerBound, last: $0.upperBound) }
            ?? .found(view: finalView, block: finalBlock)
    }

    mutating func considerLeading() {
        guard mayVote, isLeader, view > finalView, !leading.isBuilding, leading.resumes <= now,
            views[view]?.own.allow(.notarize) ?? true
        else { return }
        switch parent {
        case .missing(let first, let last):
            look(for: first, last, at: (view + 1) % UInt64(committee.count))
        case .found(let parentView, let block):
            lookup?.isOpen = false
            guard isExecuted(block), let header = header(of: block) else {
                return want(block, from: views[parentView]?.notarization?.signers ?? [])
            }
            if header.nextEpochRecord != nil, header.epoch == committee.epoch {
                return propose(header, parentView: parentView)
            }
            requestBlock(on: header, block)
        }
    }

    /// Statements are built into a block at once. Without any, the leader idles like everybody else; if the
    /// parent is not final yet, it gives finality the time of Δ to come before it makes an empty block for it.
    private mutating func requestBlock(on parent: BlockHeader, _ block: Digest) {
        let isDeep = parent.height + 1 > final.header.height + ConsensusTiming.deepestPending
        let wantsStatements = statementsWait && !leading.foundNothing && !isDeep
        let isDue = emptyBlockDue.map { $0 <= now } ?? false
        guard wantsStatements || isDue else { return }
        leading.isBuilding = true
        step.effects.append(
            .build(Build(view: view, parent: block, allowsStatements: !isDeep, allowsEmpty: isDue)))
    }

    /// When this node, as the leader, makes an empty block.
    var emptyBlockDue: Instant? {
        guard isLeader, !leading.isBuilding, views[view]?.own.allow(.notarize) ?? true else { return nil }
        return hasNotarizedBlock ? clock.entered.advanced(by: timing.delta) : idleTick
    }

    mutating func foundNothing(view: UInt64) {
        guard view == self.view else { return }
        leading.isBuilding = false
        leading.foundNothing = true
        statementsWait = false
    }

    mutating func built(_ header: BlockHeader, view: UInt64) {
        guard view == self.view, mayVote, leading.isBuilding, views[view]?.own.allow(.notarize) ?? true,
            case .found(let parentView, let block) = parent, header.parent == block
        else { return }
        precondition(header.view == view && header.proposer == configuration.index, "not a block of view \(view)")
        let id = header.id
        hold(header, id)
        blocks[id]?.status = .valid
        if decidesAlone { decide(id) } else { propose(header, parentView: parentView) }
    }

    /// Others get the view over with; a validator that decides alone tries again.
    mutating func couldNotBuild(view: UInt64) {
        guard view == self.view else { return }
        guard decidesAlone else { return nullify() }
        leading.isBuilding = false
        leading.resumes = now.advanced(by: timing.delta)
    }

    /// The leader's vote travels inside its proposal.
    private mutating func propose(_ header: BlockHeader, parentView: UInt64) {
        leading.isBuilding = true
        let vote = cast(.notarize, view: view, parentView: parentView, block: header.id, isAnnounced: false)
        let proposal = Proposal(
            header: header, vote: vote, certificates: justification(from: parentView))
        withView(view) { $0.proposal = proposal }
        step.effects.append(.broadcast(.proposal(proposal)))
        count(vote)
    }

    /// The parent's certificate, then nullifications of the skipped views, the latest first: they are what
    /// others most probably lack. What does not fit is asked for.
    func justification(from parentView: UInt64) -> [Certificate] {
        var certificates: [Certificate] = []
        if parentView == finalView {
            if let finality, finality.view == parentView { certificates.append(finality) }
        } else if let notarization = views[parentView]?.notarization {
            certificates.append(notarization)
        }
        var room = ConsensusTiming.pageBytes
        var skipped = view - 1
        while skipped > parentView, let nullification = views[skipped]?.nullification {
            room -= nullification.byteBound
            guard room >= 0, certificates.count < Proposal.maximumCertificates else { break }
            certificates.append(nullification)
            skipped -= 1
        }
        return certificates
    }
}
