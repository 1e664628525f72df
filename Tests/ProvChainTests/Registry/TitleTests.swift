@testable import ProvChain
import Testing

@Suite struct TitleTests {
    /// Invariant 10: nothing moves until the recipient accepts.
    @Test func aShareMovesWhenTheRecipientAccepts() throws {
        var chain = try TestChain()
        let scene = try Scene(&chain)
        let offer = try scene.offer(&chain)
        let titleURN = URN.title(work: scene.work, right: .copyright)
        #expect(try chain.record(TitleRecord.self, titleURN).share(of: scene.bob.id) == 0)
        #expect(try chain.record(OfferRecord.self, .offer(offer)).status == .open)
        try chain.append([chain.sign(.acceptTitle(AnswerOffer()), .offer(offer), by: scene.bob)])
        let title = try chain.record(TitleRecord.self, titleURN)
        #expect(title.share(of: scene.alice.id) == 7_500 && title.share(of: scene.bob.id) == 2_500)
        #expect(try chain.record(OfferRecord.self, .offer(offer)).status == .accepted)
    }

    @Test func aWholeTitleMovesAndTheWorkKeepsItsClaimant() throws {
        var chain = try TestChain()
        let scene = try Scene(&chain)
        let offer = try scene.offer(&chain, share: Limits.wholeTitle)
        try chain.append([chain.sign(.acceptTitle(AnswerOffer()), .offer(offer), by: scene.bob)])
        let title = try chain.record(TitleRecord.self, .title(work: scene.work, right: .copyright))
        #expect(title.holders.map(\.party) == [scene.bob.id], "whoever has nothing left is no holder")
        #expect(try chain.record(WorkRecord.self, .work(scene.work)).claimant == scene.alice.id)
    }

    @Test func declinedAndCancelledOffersMoveNothingAndStayClosed() throws {
        for isDeclined in [true, false] {
            var chain = try TestChain()
            let scene = try Scene(&chain)
            let offer = try scene.offer(&chain)
            let answer =
                isDeclined
                ? try chain.sign(.declineTitle(AnswerOffer()), .offer(offer), by: scene.bob)
                : try chain.sign(.cancelTitle(AnswerOffer()), .offer(offer), by: scene.alice)
            try chain.append([answer])
            #expect(try chain.record(OfferRecord.self, .offer(offer)).status == (isDeclined ? .declined : .cancelled))
            let title = try chain.record(TitleRecord.self, .title(work: scene.work, right: .copyright))
            #expect(title.share(of: scene.alice.id) == Limits.wholeTitle)
            for late in [
                try chain.sign(.acceptTitle(AnswerOffer()), .offer(offer), by: scene.bob),
                try chain.sign(.declineTitle(AnswerOffer()), .offer(offer), by: scene.bob),
                try chain.sign(.cancelTitle(AnswerOffer()), .offer(offer), by: scene.alice),
            ] {
                #expect(try chain.rule(refusing: late) == .offerClosed)
            }
        }
    }

    @Test func theDeadlineIsJudgedByTheTimeOfTheBlock() throws {
        var chain = try TestChain()
        let scene = try Scene(&chain)
        let offer = try scene.offer(&chain, seconds: 60)
        let deadline = try chain.record(OfferRecord.self, .offer(offer)).offer.deadline * 1_000
        let acceptance = try chain.sign(.acceptTitle(AnswerOffer()), .offer(offer), by: scene.bob)
        #expect(try chain.rule(refusing: acceptance, at: deadline) == .deadlinePassed)
        #expect(try chain.rule(refusing: acceptance, at: deadline - 1) == nil)
        // What time alone changes is never stored: after the deadline the record still says open, and may be closed.
        try chain.append([], seconds: 120)
        #expect(try chain.record(OfferRecord.self, .offer(offer)).status == .open)
        try chain.append([chain.sign(.cancelTitle(AnswerOffer()), .offer(offer), by: scene.alice)])
    }

    @Test func theLatestDeadlineIsAYearAfterTheBlock() throws {
        var chain = try TestChain()
        let scene = try Scene(&chain)
        let statement = try chain.offer(
            1, of: scene.work, from: scene.alice, to: scene.bob, seconds: Limits.offerLifetimeSeconds + 1
        ).statement
        #expect(try chain.rule(refusing: statement, at: chain.now + 1_000) == nil)
        #expect(try chain.rule(refusing: statement, at: chain.now + 999) == .deadlineTooFar)
    }

    /// Two offers of the same share: whichever is accepted first moves it, the other finds too little.
    @Test func offersOfTheSameShareRace() throws {
        var chain = try TestChain()
        let scene = try Scene(&chain)
        let carol = try chain.enrol("carol")
        let (first, toBob) = try chain.offer(6_000, of: scene.work, from: scene.alice, to: scene.bob)
        let (second, toCarol) = try chain.offer(6_000, of: scene.work, from: scene.alice, to: carol)
        try chain.append([first, second])
        let bobs = try chain.sign(.acceptTitle(AnswerOffer()), .offer(toBob), by: scene.bob)
        let carols = try chain.sign(.acceptTitle(AnswerOffer()), .offer(toCarol), by: carol)
        let assembly = try chain.assemble([carols, bobs])
        #expect(assembly.refused.map(\.refusal.rule) == [.insufficientShare])
        try chain.commit(assembly.block)
        let title = try chain.record(TitleRecord.self, .title(work: scene.work, right: .copyright))
        #expect(title.share(of: carol.id) == 6_000 && title.share(of: scene.alice.id) == 4_000)
        // The losing offer stays open: it can be accepted once the offerer has enough again.
        #expect(try chain.record(OfferRecord.self, .offer(toBob)).status == .open)
        let (returning, offer) = try chain.offer(2_000, of: scene.work, from: carol, to: scene.alice)
        try chain.append([returning])
        try chain.append([chain.sign(.acceptTitle(AnswerOffer()), .offer(offer), by: scene.alice)])
        try chain.append([bobs])
        let last = try chain.record(TitleRecord.self, .title(work: scene.work, right: .copyright))
        #expect(last.share(of: scene.bob.id) == 6_000 && last.share(of: carol.id) == 4_000)
    }

    @Test func theHistoryOfAWorkHoldsEveryStatementAboutItsTitle() throws {
        var chain = try TestChain()
        let scene = try Scene(&chain)
        let first = try scene.offer(&chain)
        try chain.append([chain.sign(.acceptTitle(AnswerOffer()), .offer(first), by: scene.bob)])
        let second = try scene.offer(&chain)
        try chain.append([chain.sign(.declineTitle(AnswerOffer()), .offer(second), by: scene.bob)])
        let third = try scene.offer(&chain)
        try chain.append([chain.sign(.cancelTitle(AnswerOffer()), .offer(third), by: scene.alice)])
        let source = chain.state
        #expect(try chain.ledger.record(.work(scene.work), source: source)?.history.count == 7)
        let title = URN.title(work: scene.work, right: .copyright)
        #expect(try chain.ledger.record(title, source: source)?.history.count == 5, "offers, one transfer, creation")
        #expect(try chain.ledger.record(.offer(first), source: source)?.history.count == 2)
    }
}
