extension Simplex {
    /// Takes a certificate, made here or received: keeps it, passes it on once, and enters the next view if
    /// its view is not over yet. Nothing else enters a view.
    mutating func absorb(_ certificate: Certificate) {
        guard certificate.epoch == committee.epoch, certificate.view > finalView, !hasEnded else { return }
        compare(certificate)
        switch certificate.kind {
        case .notarize:
            guard views[certificate.view]?.notarization == nil else { return }
            withView(certificate.view) { $0.notarization = certificate }
            highestNotarized = max(highestNotarized, certificate.view)
            finalizable.insert(certificate.view)
            for validator in voices(of: certificate.view) { peers.tookPart(validator, at: now) }
            want(certificate.block, from: certificate.signers)
        case .nullify:
            guard views[certificate.view]?.nullification == nil else { return }
            withView(certificate.view) { $0.nullification = certificate }
        case .finalize:
            noteForgotten(in: certificate)
            finality = certificate
            clock.lastFinal = now
            forget(through: certificate.view)
        }
        noteForgotten(in: certificate)
        if !decidesAlone {
            step.effects.append(.retain(certificate))
            step.effects.append(.broadcast(.certificate(certificate)))
        }
        if certificate.kind != .nullify, blocks[certificate.block]?.status == .invalid {
            fallSilent(.divergence(view: certificate.view, block: certificate.block))
        }
        if view > 0, certificate.view >= view { enter(certificate.view + 1) }
    }

    /// A certificate that holds a vote of this key which the journal lacks tells as much as the vote itself.
    private mutating func noteForgotten(in certificate: Certificate) {
        guard let index = configuration.index, let position = certificate.signers.firstIndex(of: index) else { return }
        let vote = SignedVote(
            committee.vote(
                certificate.kind, view: certificate.view, signer: index, parentView: certificate.parentView,
                block: certificate.block), signature: certificate.signatures[position])
        missFromJournal(vote)
    }

    /// Drops what a finalization makes idle.
    mutating func forget(through view: UInt64) {
        views = views.filter { $0.key > view }
        finalizable = finalizable.filter { $0 > view }
    }

    mutating func enter(_ next: UInt64) {
        precondition(next > view, "view \(next) after view \(view)")
        leave()
        view = next
        clock.entered = now
        clock.armed = nil
        clock.isGivenUp = false
        leading = Leading()
        lookup = nil
        let leader = committee.leader(of: next)
        if leader != configuration.index, peers.isSilent(leader, at: now, delta: timing.delta) {
            clock.isGivenUp = true
        }
        sayAgain()
    }

    /// Silence counts only in views with armed timers, and only beside a quorum that spoke. Who says something else
    /// than the quorum, say a nullify in each view, keeps nobody waiting either.
    private mutating func leave() {
        let voices = voices(of: view)
        guard clock.armed != nil, voices.count >= committee.quorum else { return }
        for validator in 0..<UInt64(committee.count) where !voices.contains(validator) {
            peers.missed(validator)
        }
    }

    /// Who voted for what was notarized in a view; if nothing was, who voted at all.
    private func voices(of view: UInt64) -> [UInt64] {
        guard let state = views[view] else { return [] }
        guard let notarization = state.notarization else { return state.tally.voices }
        return (0..<UInt64(committee.count)).filter {
            state.tally.vote(.notarize, of: $0)?.block == notarization.block
        }
    }

    // MARK: Commit

    /// Once the finalized block and all its ancestors are executed here, they go into the log together.
    mutating func commitWhatIsFinal() {
        guard let finality, finality.view > final.view else { return }
        if finality.block == final.block {
            // The last block of an epoch, or one that the node reached by itself.
            return finish(final.header, finality, chain: [])
        }
        var chain: [Digest] = []
        var cursor = finality.block
        while cursor != final.block {
            guard let block = blocks[cursor], block.header.height > final.header.height else {
                return catchUp(finality)
            }
            if block.status == .invalid {
                return fallSilent(.divergence(view: finality.view, block: cursor))
            }
            chain.append(cursor)
            cursor = block.header.parent
        }
        guard chain.allSatisfy({ blocks[$0]?.status == .valid }), let header = blocks[finality.block]?.header else {
            return want(finality.block, from: finality.signers)
        }
        finish(header, finality, chain: chain.reversed())
    }

    private mutating func finish(_ header: BlockHeader, _ certificate: Certificate, chain: [Digest]) {
        final = FinalPoint(header: header, view: certificate.view)
        catchingUp = nil
        // Whatever else was proposed below that view leads nowhere: to skip it takes a nullification of it.
        blocks = blocks.filter { $0.value.header.height > header.height && $0.value.header.view > certificate.view }
        fetches = fetches.filter { blocks[$0.key] == nil && $0.value.view > certificate.view }
        if !chain.isEmpty { step.effects.append(.commit(chain, certificate)) }
        if decidesAlone { step.effects.append(.broadcast(.certificate(certificate))) }
        step.effects.append(.compact(through: certificate.view))
        endIfLast()
    }

    private mutating func endIfLast() {
        guard final.header.nextEpochRecord != nil, final.header.epoch == committee.epoch, let finality else { return }
        hasEnded = true
        step.effects.append(.epochEnded(finality))
    }

    private mutating func catchUp(_ certificate: Certificate) {
        guard catchingUp != certificate.view else { return }
        catchingUp = certificate.view
        step.effects.append(.catchUp(certificate))
    }

    /// The node fetched and committed on its own; consensus goes on from there.
    mutating func synced(_ point: FinalPoint, _ certificate: Certificate) {
        guard point.header.height > final.header.height, point.header.epoch == committee.epoch else { return }
        precondition(certificate.kind == .finalize && certificate.block == point.block, "not its finalization")
        if certificate.view > finalView {
            finality = certificate
            forget(through: certificate.view)
            clock.lastFinal = now
        }
        final = point
        catchingUp = nil
        blocks = blocks.filter { $0.value.header.height > point.header.height && $0.value.header.view > point.view }
        fetches = fetches.filter { $0.value.view > point.view }
        step.effects.append(.compact(through: point.view))
        if view > 0, certificate.view >= view { enter(certificate.view + 1) }
        if finalView == point.view { endIfLast() }
        // What was held waits for execution on top of the new tip.
        for view in views.keys.sorted() {
            if let notarization = views[view]?.notarization {
                want(notarization.block, from: notarization.signers)
            }
        }
    }
}
