extension Simplex {
    /// Certificates asked for, of views between a proposal and its parent.
    struct Lookup: Sendable {
        var first: UInt64
        var last: UInt64
        var due: Instant
        var asked: UInt64 = 0
        /// A page came: what is still missing may be asked for at once.
        var mayAskAgain = false
        var isOpen = true
    }

    mutating func receive(_ proposal: Proposal, from peer: Peer) {
        for certificate in proposal.certificates { absorb(certificate) }
        let view = proposal.view
        receive(proposal.vote, from: peer)
        let block = proposal.block
        let isMissing = fetches[block] != nil || finality?.block == block
        guard !hasEnded, view >= self.view && view > finalView || isMissing,
            view <= self.view.addingSaturated(ConsensusTiming.viewsAhead)
        else { return }
        if view > finalView, views[view]?.proposal == nil { withView(view) { $0.proposal = proposal } }
        hold(proposal.header, block)
        fetches[block] = nil
        if isMissing { want(block, from: [proposal.vote.signer]) }
    }

    /// What the certificates held say of a proposal.
    enum Justification: Hashable {
        case justified
        case missing(first: UInt64, last: UInt64)
        /// The parent is not here yet.
        case waiting(for: Digest)
        /// Whatever comes, it will not be justified, or its header does not follow from the parent's.
        case invalid
    }

    /// Decides on the current view's proposal as soon as everything it stands on is here.
    mutating func considerProposal() {
        guard mayVote, view > finalView, let state = views[view], let proposal = state.proposal,
            state.own.allow(.notarize), proposal.vote.signer != configuration.index
        else { return }
        switch justify(proposal) {
        case .invalid: nullify()
        case .missing(let first, let last): look(for: first, last, at: proposal.vote.signer)
        case .waiting(let parent): want(parent, from: [proposal.vote.signer])
        case .justified:
            lookup?.isOpen = false
            if proposal.block == final.block { return vote(for: proposal) }
            guard let block = blocks[proposal.block] else { return }
            switch block.status {
            case .held: want(proposal.block, from: [proposal.vote.signer])
            case .executing: break
            case .invalid: nullify()
            case .valid: vote(for: proposal)
            }
        }
    }

    private mutating func vote(for proposal: Proposal) {
        count(
            cast(.notarize, view: view, parentView: proposal.vote.parentView, block: proposal.block))
    }

    /// A parent that is notarized in the view that the proposal names, or final, and every view in between
    /// nullified; a header that follows from the parent's.
    func justify(_ proposal: Proposal) -> Justification {
        let (parentView, header) = (proposal.vote.parentView, proposal.header)
        let parent = proposal.isRepeated ? proposal.block : header.parent
        if Planted.has(.ancestryUnchecked) {
            guard isExecuted(header.parent) else { return .waiting(for: header.parent) }
            return .justified
        }
        // A finalized view is never nullified, so nothing skips it.
        guard parentView >= finalView else { return .invalid }
        if parentView == finalView {
            guard parent == finalBlock else { return .invalid }
        } else if let notarization = views[parentView]?.notarization {
            guard notarization.block == parent else { return .invalid }
        }
        if let gap = missing(above: parentView) { return gap }
        guard let above = self.header(of: parent) else { return .waiting(for: parent) }
        if proposal.isRepeated { return above.nextEpochRecord == nil ? .invalid : .justified }
        let opensEpoch = above.epoch != header.epoch
        guard header.height == above.height + 1, header.time > above.time, opensEpoch || above.nextEpochRecord == nil
        else { return .invalid }
        return isExecuted(parent) ? .justified : .waiting(for: parent)
    }

    /// The views from a parent's to the current one whose certificates are not here.
    private func missing(above parentView: UInt64) -> Justification? {
        var first = parentView
        if parentView == finalView || views[parentView]?.notarization != nil { first += 1 }
        while first < view, first > parentView, views[first]?.nullification != nil { first += 1 }
        guard first < view else { return nil }
        var last = view - 1
        while last > first, views[last]?.nullification != nil { last -= 1 }
        return .missing(first: first, last: last)
    }

    /// Asks the proposer first: it must have what its proposal stands on. Then the others in turn.
    mutating func look(for first: UInt64, _ last: UInt64, at holder: UInt64) {
        if var open = lookup, open.isOpen, open.due > now {
            let isNew = open.first != first || open.last != last
            guard isNew, open.mayAskAgain else { return }
            open.mayAskAgain = false
            lookup = open
        }
        let asked = lookup?.asked ?? 0
        var peer = (holder + asked) % UInt64(committee.count)
        if peer == configuration.index { peer = (peer + 1) % UInt64(committee.count) }
        let isRetry = lookup.map { $0.due <= now } ?? false
        lookup = Lookup(
            first: first, last: last, due: now.advanced(by: timing.delta), asked: isRetry ? asked + 1 : asked)
        let request = CertificateRequest(epoch: committee.epoch, first: first, last: last)
        step.effects.append(.send(.request(request), to: peer))
    }

    /// Answers with all that is held, of either kind: what does not settle the question may settle another.
    mutating func answer(_ request: CertificateRequest, to peer: Peer) {
        guard request.epoch == committee.epoch else { return receiveForeign(epoch: request.epoch, from: peer) }
        var room = ConsensusTiming.pageBytes
        var page: [Certificate] = []
        if let finality, finality.view >= request.first {
            page.append(finality)
            room -= finality.byteBound
        }
        for view in views.keys.filter({ $0 >= request.first && $0 <= request.last }).sorted() {
            guard let certificates = views[view]?.certificates else { continue }
            room -= certificates.reduce(0) { $0 + $1.byteBound }
            guard room >= 0, page.count + 2 <= Proposal.maximumCertificates else { break }
            page += certificates
        }
        if !page.isEmpty { step.effects.append(.send(.page(CertificatePage(page)), to: peer)) }
    }
}
