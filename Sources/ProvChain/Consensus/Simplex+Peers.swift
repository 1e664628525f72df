extension Simplex {
    /// Says where this node stands, and what it holds of the other's key.
    mutating func greet(_ peer: Peer) {
        let yours = peer < UInt64(committee.count) ? peers.highestVotes[Int(peer)] : nil
        let greeting = Greeting(epoch: committee.epoch, view: view, finalView: finalView, yours: yours)
        step.effects.append(.send(.greeting(greeting), to: peer))
    }

    mutating func receive(_ greeting: Greeting, from peer: Peer) {
        if let vote = greeting.yours { missFromJournal(vote) }
        if greeting.view < view || greeting.finalView < finalView { sendPosition(to: peer, above: greeting.finalView) }
    }

    /// A validator that gives up a view long over missed its certificate.
    mutating func helpForward(_ signer: UInt64, peer: Peer, view: UInt64) {
        guard signer == peer, signer != configuration.index else { return }
        sendPosition(to: peer, above: view > 0 ? view - 1 : 0)
    }

    /// What takes a peer to this node's view: the best finalization, and the certificates of the latest views.
    private mutating func sendPosition(to peer: Peer, above: UInt64) {
        var page: [Certificate] = []
        if let finality, finality.view > above { page.append(finality) }
        if view > 1, let state = views[view - 1] { page += state.certificates }
        if page.isEmpty, let last = views.filter({ $0.key < view && !$0.value.certificates.isEmpty }).keys.max() {
            page += views[last]?.certificates ?? []
        }
        if !page.isEmpty { step.effects.append(.send(.page(CertificatePage(page)), to: peer)) }
    }

    /// One epoch behind gets the finalization that ends its epoch; one ahead is told where this node stands.
    mutating func receiveForeign(epoch: UInt64, from peer: Peer) {
        guard peers.mayAnswer(peer, at: now) else { return }
        if epoch < committee.epoch {
            if let certificate = configuration.predecessor {
                step.effects.append(.send(.certificate(certificate), to: peer))
            }
        } else if hasEnded == false {
            greet(peer)
        }
    }
}
