@testable import ProvChain
import Testing

/// Random statements about titles, held against a model that knows nothing of records: who has how much.
@Suite struct TitlePropertyTests {
    private struct Offer {
        let work: Int, from: Int, to: Int
        let share: UInt64, deadline: UInt64
        let identifier: Digest
        var isOpen = true
    }

    private struct Model {
        /// Shares by work and party.
        var shares: [[UInt64]]
        var offers: [Offer] = []
    }

    private enum Move { case offer, accept, decline, cancel }

    /// Invariant 1: the shares of every (work, right) add up to 10,000 after every statement.
    @Test(arguments: [1, 2, 3] as [UInt64]) func sharesAlwaysAddUp(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var chain = try TestChain()
        let parties = try chain.enrolCrowd(5)
        var works: [Digest] = []
        for index in 0..<3 { works.append(try chain.register(TestChain.content("work \(index)"), by: parties[index])) }
        var model = Model(shares: (0..<3).map { work in (0..<5).map { $0 == work ? 10_000 : 0 } })
        var applied = 0
        var refused = 0
        for _ in 0..<1_200 {
            let seconds = UInt64.random(in: 1...20, using: &random)
            let time = chain.now / 1_000 + seconds
            let (statement, expected) = try step(&chain, &model, parties, works, time: time, &random)
            let assembly = try chain.assemble([statement], at: time * 1_000)
            #expect(assembly.refused.map(\.refusal.rule) == expected.map { [$0] } ?? [], "seed \(seed)")
            try checkShares(in: assembly.block)
            try chain.commit(assembly.block)
            if assembly.refused.isEmpty { applied += 1 } else { refused += 1 }
            if UInt64.random(in: 0..<50, using: &random) == 0 { chain.flush() }
        }
        for (index, work) in works.enumerated() {
            let title = try chain.record(TitleRecord.self, .title(work: work, right: .copyright))
            #expect(parties.map { title.share(of: $0.id) } == model.shares[index])
        }
        #expect(applied > 100 && refused > 100, "\(applied) applied, \(refused) refused")
    }

    /// Reads the title records of a block's effects byte by byte.
    private func checkShares(in block: ExecutedBlock) throws {
        for effect in block.execution.applied.flatMap(\.effects) {
            guard case .title = effect.urn else { continue }
            let value = try CBORValue(cbor: effect.record.body)
            guard case .map(let pairs) = value, case .array(let holders)? = pairs.first?.value else {
                Issue.record("a title record is {1: [holder, …]}")
                return
            }
            let sum = holders.reduce(0 as UInt64) { sum, holder in
                guard case .array(let fields) = holder, case .unsigned(let share) = fields[1] else { return sum }
                return sum + share
            }
            #expect(sum == 10_000)
        }
    }

    /// Draws a statement, and foretells which rule refuses it.
    private func step(
        _ chain: inout TestChain, _ model: inout Model, _ parties: [TestParty], _ works: [Digest], time: UInt64,
        _ random: inout SeededGenerator
    ) throws -> (Statement, Rule?) {
        let moves: [Move] = [.offer, .offer, .accept, .accept, .accept, .decline, .cancel]
        let move = moves[Int.random(in: 0..<moves.count, using: &random)]
        let actor = Int.random(in: 0..<parties.count, using: &random)
        guard move != .offer, !model.offers.isEmpty else {
            return try offer(&chain, &model, parties, works, actor: actor, time: time, &random)
        }
        let index = Int.random(in: max(0, model.offers.count - 12)..<model.offers.count, using: &random)
        let offer = model.offers[index]
        let signer = UInt64.random(in: 0..<8, using: &random) == 0 ? actor : (move == .cancel ? offer.from : offer.to)
        let urn = URN.offer(offer.identifier)
        let held = model.shares[offer.work][offer.from]
        switch move {
        case .accept:
            let statement = try chain.sign(.acceptTitle(AnswerOffer()), urn, by: parties[signer])
            if !offer.isOpen { return (statement, .offerClosed) }
            if signer != offer.to { return (statement, .notRecipient) }
            if time >= offer.deadline { return (statement, .deadlinePassed) }
            if held < offer.share { return (statement, .insufficientShare) }
            model.shares[offer.work][offer.from] -= offer.share
            model.shares[offer.work][offer.to] += offer.share
            model.offers[index].isOpen = false
            return (statement, nil)
        case .decline:
            let statement = try chain.sign(.declineTitle(AnswerOffer()), urn, by: parties[signer])
            if !offer.isOpen { return (statement, .offerClosed) }
            if signer != offer.to { return (statement, .notRecipient) }
            model.offers[index].isOpen = false
            return (statement, nil)
        case .cancel, .offer:
            let statement = try chain.sign(.cancelTitle(AnswerOffer()), urn, by: parties[signer])
            if !offer.isOpen { return (statement, .offerClosed) }
            if signer != offer.from { return (statement, .notOfferer) }
            model.offers[index].isOpen = false
            return (statement, nil)
        }
    }

    private func offer(
        _ chain: inout TestChain, _ model: inout Model, _ parties: [TestParty], _ works: [Digest], actor: Int,
        time: UInt64, _ random: inout SeededGenerator
    ) throws -> (Statement, Rule?) {
        let work = Int.random(in: 0..<works.count, using: &random)
        let recipient = Int.random(in: 0..<parties.count, using: &random)
        let held = model.shares[work][actor]
        let most = UInt64.random(in: 0..<4, using: &random) == 0 ? 10_000 : max(1, held)
        let share = UInt64.random(in: 1...most, using: &random)
        let seconds = UInt64.random(in: 1...200, using: &random)
        let deadline = chain.now / 1_000 + seconds
        let (statement, identifier) = try chain.offer(
            share, of: works[work], from: parties[actor], to: parties[recipient], seconds: seconds)
        if recipient == actor { return (statement, .selfTransfer) }
        if held < share { return (statement, .insufficientShare) }
        if time >= deadline { return (statement, .deadlinePassed) }
        model.offers.append(
            Offer(work: work, from: actor, to: recipient, share: share, deadline: deadline, identifier: identifier))
        return (statement, nil)
    }
}
