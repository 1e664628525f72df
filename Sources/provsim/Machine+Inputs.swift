import ProvChain

/// What comes to a machine: packets, and the results of its own work.
extension Machine {
    func feed(_ input: Simplex.Input) {
        guard core != nil, let effects = core?.handle(input, now: instant) else { return }
        let life = self.life
        for effect in effects {
            // A crash in the middle of a step: what comes after it never happened.
            guard self.life == life else { return }
            perform(effect)
        }
    }

    /// The alarm clock rings, unless it was set anew.
    func wake(_ moment: UInt64) {
        guard wakeAt == moment else { return }
        wakeAt = nil
        feed(.tick)
    }

    func later(_ delay: UInt64, _ input: Simplex.Input) {
        world.at(delay, .machine(number, life, .input(input)))
    }

    func receive(_ packet: Packet, from sender: Machine) {
        guard core != nil else { return }
        switch packet {
        case .consensus(let message): receive(message, from: sender.index)
        case .proposal(let proposal, let leaves, let ids): receive(proposal, leaves, ids, from: sender)
        case .entry(let entry): admit(entry)
        case .blockRequest(let id):
            if let block = bodies[id] ?? disk.log.last(where: { $0.block.header.id == id })?.block {
                world.send(.block(block), from: self, to: sender.index)
            }
        case .block(let block): receive(block, from: sender)
        case .rangeRequest(let height): answerRange(from: height, to: sender)
        case .range(let blocks, let certificate): receive(blocks, certificate)
        }
    }

    func receive(_ message: ConsensusMessage, from peer: UInt64) {
        if let epoch = message.epoch, epoch != self.epoch { return receiveForeign(epoch, from: peer) }
        // Without its body a proposal is of no use; the fetch of a notarized block gets both.
        if case .proposal(let proposal) = message, bodies[proposal.block] == nil { return }
        do throws(VoteFault) {
            switch message {
            case .vote(let vote):
                guard takesNewsOnly == false || core?.isNews(vote, from: peer) == true else { return }
                feed(.vote(try committee.verify(vote), from: peer))
            case .certificate(let certificate):
                guard takesNewsOnly == false || core?.isNews(certificate) == true else { return }
                feed(.certificate(try committee.verify(certificate), from: peer))
            case .proposal(let proposal):
                guard takesNewsOnly, let core else {
                    return feed(.proposal(try committee.verify(proposal), from: peer))
                }
                guard core.isNews(proposal) else { return }
                feed(.proposal(try committee.verify(core.news(of: proposal)), from: peer))
            case .request(let request): feed(.request(request, from: peer))
            case .page(let page):
                let news = page.certificates.filter { takesNewsOnly == false || core?.isNews($0) == true }
                feed(.page(try committee.verify(CertificatePage(news)), from: peer))
            case .greeting(let greeting): feed(.greeting(try committee.verify(greeting), from: peer))
            case .equivocation(let found):
                guard takesNewsOnly == false || core?.isNews(found) == true else { return }
                feed(.equivocation(try committee.verify(found)))
            }
        } catch {
            world.counts[.refusedMessages] += 1
            if world.machines.contains(where: { $0.index == peer && $0.isHonest }) {
                world.checker.fail("honest messages verify", "node \(number) of \(peer): \(error)")
            }
        }
    }

    /// Half of the machines spare themselves the check of what would change nothing, as a real node does.
    private var takesNewsOnly: Bool { number % 2 == 1 }

    var epoch: UInt64 {
        application.tip.header.nextEpochRecord == nil
            ? application.tip.header.epoch : application.tip.header.epoch + 1
    }

    /// A compact proposal: the entries are here, or the block is asked for.
    func receive(_ proposal: Proposal, _ leaves: [Digest], _ ids: [UInt64], from sender: Machine) {
        guard proposal.vote.epoch == epoch else { return receiveForeign(proposal.vote.epoch, from: sender.index) }
        if proposal.header.height > height, bodies[proposal.block] == nil {
            var known: [Digest: Entry] = [:]
            var byID: [UInt64: Entry] = [:]
            for entry in pool {
                known[entry.leaf] = entry
                byID[entry.id] = entry
            }
            let body =
                Planted.has(.shortIDOfStatement)
                ? ids.compactMap { byID[$0] } : leaves.compactMap { known[$0] }
            guard body.count == leaves.count else {
                compactHints[proposal.block] = (proposal, leaves, ids)
                return world.send(.blockRequest(proposal.block), from: self, to: sender.index)
            }
            bodies[proposal.block] = Block(header: proposal.header, body: body)
        }
        receive(.proposal(proposal), from: sender.index)
    }

    /// More than an epoch behind, no certificate of the others can be checked: blocks come first.
    func receiveForeign(_ epoch: UInt64, from peer: UInt64) {
        feed(.foreign(epoch: epoch, from: peer))
        guard epoch > self.epoch, world.time >= lastRangeRequest + 500_000 else { return }
        lastRangeRequest = world.time
        world.send(.rangeRequest(from: height + 1), from: self, to: peer)
    }

    func receive(_ block: Block, from sender: Machine) {
        let id = block.header.id
        guard block.header.height > height else { return }
        let leaves = SHA256.hash(block.body.flatMap { $0.leaf.bytes })
        if let known = bodies[id], SHA256.hash(known.body.flatMap { $0.leaf.bytes }) != leaves { return }
        bodies[id] = block
        if let hint = compactHints.removeValue(forKey: id) { receive(.proposal(hint.proposal), from: sender.index) }
        feed(.obtained(block.header))
    }

    func admit(_ entry: Entry) {
        guard core != nil, !application.hasApplied(entry.id), !pool.contains(where: { $0.id == entry.id })
        else { return }
        pool.append(entry)
        feed(.statements(waiting: true))
    }

    var hasWork: Bool { !pool.isEmpty || wallClock >= application.epochStart + application.epochLength }
}
