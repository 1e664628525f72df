extension Simplex {
    // MARK: When patience counts

    /// True if nothing is to be done: what would be built on is final, and nothing waits.
    var isIdle: Bool { !statementsWait && !hasNotarizedBlock }

    /// A block above the last final one that leaders have to build on.
    var hasNotarizedBlock: Bool { highestNotarized > finalView }

    /// When an idle chain makes an empty block.
    var idleTick: Instant { max(clock.entered, clock.lastFinal).advanced(by: timing.idleInterval) }

    /// Views entered since the last finality, beyond the one whose votes are under way.
    var stalledViews: UInt64 { view > finalView + 2 ? view - finalView - 2 : 0 }

    /// Arms the view's timers, unless the chain idles; disarms them when it turns idle. A proposal, or votes of
    /// more validators than can be faulty, show that others do not idle.
    mutating func updateClock() {
        let state = views[view]
        let isActive =
            !isIdle || now >= idleTick || state?.proposal != nil
            || (state?.tally.voices.count ?? 0) > committee.faults
        switch (isActive, clock.armed) {
        case (true, nil): clock.armed = now
        case (false, .some): clock.armed = nil
        case (true, .some), (false, nil): break
        }
    }

    private var leaderDeadline: Instant? {
        guard let armed = clock.armed, views[view]?.proposal == nil else { return nil }
        return clock.isGivenUp ? armed : armed.advanced(by: timing.leader(stalled: stalledViews))
    }

    private var advanceDeadline: Instant? {
        clock.armed.map { $0.advanced(by: timing.advance(stalled: stalledViews)) }
    }

    /// Gives up a view whose timers ran out.
    mutating func expire() {
        guard mayVote, views[view]?.own.nullify == nil else { return }
        for deadline in [leaderDeadline, advanceDeadline] {
            if let deadline, deadline <= now { return nullify() }
        }
    }

    // MARK: Standstill

    private var standstill: Instant {
        max(
            clock.lastFinal.advanced(by: ConsensusTiming.standstill),
            clock.lastRetry.advanced(by: ConsensusTiming.retryInterval))
    }

    /// Everything that comes again by itself: fetches, lookups, and, when nothing was final for long, all that
    /// others may have missed.
    mutating func retry() {
        let due = fetches.filter { $0.value.due <= now }.sorted { $0.key < $1.key }
        let next = now.advanced(by: timing.delta)
        for (block, fetch) in due {
            fetches[block]?.due = next
            step.effects.append(.fetch(block, from: fetch.holders))
        }
        guard committee.count > 1, standstill <= now else { return }
        clock.lastRetry = now
        catchingUp = nil
        sendAgain()
    }

    /// The best finalization, own votes of undecided views with an own proposal, and certificates above the
    /// final view, the latest first, up to a page.
    private mutating func sendAgain() {
        if let finality { step.effects.append(.broadcast(.certificate(finality))) }
        if let proposal = views[view]?.proposal, proposal.vote.signer == configuration.index {
            step.effects.append(.broadcast(.proposal(proposal)))
        }
        var room = ConsensusTiming.pageBytes
        var certificates: [Certificate] = []
        for view in views.keys.sorted(by: >) {
            guard let state = views[view] else { continue }
            let bytes = state.certificates.reduce(0) { $0 + $1.byteBound }
            guard bytes <= room else { break }
            room -= bytes
            certificates += state.certificates
            for vote in state.own.all where silence == nil { step.effects.append(.broadcast(.vote(vote))) }
        }
        if !certificates.isEmpty { step.effects.append(.broadcast(.page(CertificatePage(certificates)))) }
        if let finality, finality.view > final.view { step.effects.append(.catchUp(finality)) }
    }

    /// The first moment at which something happens by itself.
    var nextDeadline: Instant? {
        guard view > 0, !hasEnded else { return nil }
        var deadlines = fetches.values.map(\.due)
        if committee.count > 1 { deadlines.append(standstill) }
        if let lookup, lookup.isOpen { deadlines.append(lookup.due) }
        if mayVote, views[view]?.own.nullify == nil {
            if decidesAlone {
                deadlines.append(leading.resumes)
            } else {
                deadlines += [leaderDeadline, advanceDeadline].compactMap { $0 }
            }
            if clock.armed == nil { deadlines.append(idleTick) }
            if let moment = emptyBlockDue { deadlines.append(moment) }
        }
        // What is past was looked at in this step; if something else held it up, that comes as an input.
        return deadlines.filter { $0 > now }.min()
    }
}
