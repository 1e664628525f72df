import Testing

@testable import ProvChain

/// Timers, evidence, lost journals, epochs, and what follows an outage.
@Suite struct SimplexFaultTests {
    @Test func timersGrowByHalfAndAreCapped() {
        let timing = ConsensusTiming()
        #expect(
            (0...7).map { timing.advance(stalled: $0) } == [900, 1_350, 2_025, 3_037, 4_555, 6_832, 10_000, 10_000])
        #expect(timing.advance(stalled: .max) == ConsensusTiming.longestWait)
        #expect(timing.leader(stalled: 0) == 600)
        #expect(ConsensusTiming(delta: 60_000).advance(stalled: 0) == 10_000)
    }

    @Test func finalityResetsTheTimers() throws {
        var story = ViewStory()
        for view: UInt64 in 1...20 { _ = try story.hear(story.certificate(.nullify, view)) }
        #expect(story.core.stalledViews == 19)
        let block = story.header(21)
        _ = try story.hear(story.certificate(.finalize, 21, block))
        #expect(story.core.stalledViews == 0)
    }

    @Test func aLeaderSilentWhileAQuorumSpokeIsGivenUpAtOnce() throws {
        var story = ViewStory()
        story.feed(.statements(waiting: true))
        var moment: UInt64 = 0
        // Validator 3 says nothing; views 3 and 7 are its own.
        for view: UInt64 in 1...6 {
            moment += 10_000
            story.tick(at: moment)
            for signer: UInt64 in 1...2 { _ = try story.hear(story.vote(.nullify, view, by: signer)) }
        }
        #expect(story.core.view == 7)
        #expect(story.core.views[7]?.own.nullify != nil)
    }

    /// That somebody can sign is no sign that it would lead: not with votes long past or far ahead, for what nobody else
    /// votes for, or for giving up each view. Taking part in what a quorum notarizes is.
    @Test(arguments: [true, false]) func whoeverTakesNoPartIsNotWaitedForWhateverItSigns(takesPart: Bool) throws {
        var story = ViewStory(index: nil)
        story.feed(.statements(waiting: true))
        var parent = ViewStory.genesis
        // Validator 3 leads views 3 and 7.
        for view: UInt64 in 1...6 {
            story.tick(at: view * 1_000)
            for vote in [
                story.vote(.nullify, view, by: 3), story.vote(.nullify, 1_000 + view, by: 3),
                story.vote(.nullify, 1, by: 3),
            ] { _ = try story.hear(vote) }
            guard view != 3 else {
                _ = try story.hear(story.certificate(.nullify, view, by: [0, 1, 2]))
                continue
            }
            let block = story.header(view, on: parent)
            let voted = takesPart ? block : story.header(view, on: parent, salt: 1)
            _ = try story.hear(story.vote(.notarize, view, by: 3, parentView: parent.view, voted))
            _ = try story.hear(
                story.certificate(.notarize, view, parentView: parent.view, block, by: [0, 1, 2]))
            parent = block
        }
        #expect(story.core.view == 7 && story.core.clock.isGivenUp == !takesPart)
    }

    @Test func silenceInIdleViewsDoesNotCount() throws {
        var story = ViewStory()
        for view: UInt64 in 1...6 {
            story.tick(at: view * 5_000)
            _ = try story.hear(story.certificate(.nullify, view))
        }
        #expect(story.core.view == 7 && story.core.views[7]?.own.nullify == nil)
    }

    @Test func afterTenSecondsWithoutFinalityEverythingIsSentAgain() throws {
        var story = ViewStory()
        story.feed(.statements(waiting: true))
        _ = try story.hear(story.certificate(.nullify, 1))
        story.tick(at: 1_000)
        let effects = story.tick(at: 10_000).deeds
        #expect(effects.contains("broadcast nullify 2") && effects.contains("broadcast page of nullification 1"))
        #expect(!story.tick(at: 11_999).contains("broadcast nullify 2"))
        #expect(story.tick(at: 12_000).contains("broadcast nullify 2"))
    }

    @Test func whoGivesUpAnOldViewIsToldOfTheNewOne() throws {
        var story = ViewStory()
        for view: UInt64 in 1...5 { _ = try story.hear(story.certificate(.nullify, view)) }
        #expect(try story.hear(story.vote(.nullify, 2, by: 3)).deeds == ["send page of nullification 5 to 3"])
    }

    // MARK: Votes

    @Test func aSignerCountsOnce() throws {
        var story = ViewStory()
        let block = story.header(1)
        for _ in 0..<5 { _ = try story.hear(story.vote(.notarize, 1, by: 2, block)) }
        _ = try story.hear(story.vote(.notarize, 1, by: 3, block))
        #expect(story.core.view == 1)
    }

    // MARK: Silence

    @Test func aBlockInvalidHereBehindWhichAQuorumStandsStopsTheVoting() throws {
        var story = ViewStory()
        let block = story.header(1)
        _ = try story.hear(story.proposal(block, parentView: 0))
        story.feed(.executed(block.id, isValid: false))
        #expect(try story.hear(story.certificate(.notarize, 1, block)).contains("stop: divergence in view 1"))
        #expect(story.core.view == 2 && story.core.silence != nil)
        story.feed(.statements(waiting: true))
        #expect(story.tick(at: 5_000).deeds == [])
    }

    @Test func theOtherWayRoundToo() throws {
        var story = ViewStory()
        let block = story.header(1)
        _ = try story.hear(story.proposal(block, parentView: 0))
        _ = try story.hear(story.certificate(.notarize, 1, block))
        #expect(story.feed(.executed(block.id, isValid: false)).contains("stop: divergence in view 1"))
    }

    @Test func aGreetingReturnsTheHighestVoteOfTheOthersKey() throws {
        var story = ViewStory()
        _ = try story.hear(story.vote(.nullify, 3, by: 2))
        _ = try story.hear(story.vote(.notarize, 1, by: 2, story.header(1)))
        #expect(story.feed(.connected(2)) == ["send greeting in view 1, yours nullify 3 to 2"])
        #expect(story.feed(.connected(3)) == ["send greeting in view 1 to 3"])
    }

    @Test func aVoteThatTheJournalLacksMeansThatItIsLost() throws {
        for way in 0..<3 {
            var story = ViewStory()
            let forgotten = story.vote(.notarize, 4, by: 0, story.header(4))
            let effects: [String]
            switch way {
            case 0:
                let greeting = Greeting(epoch: 0, view: 5, finalView: 0, yours: forgotten)
                effects = story.feed(.greeting(try story.committee.verify(greeting), from: 2))
            case 1: effects = try story.hear(forgotten)
            default: effects = try story.hear(story.certificate(.notarize, 4, story.header(4), by: [0, 1, 2]))
            }
            #expect(effects.contains("stop: journal lost"), "way \(way)")
            story.feed(.statements(waiting: true))
            #expect(!story.tick(at: 9_000).contains { $0.contains("persist") })
        }
    }

    @Test func ownVotesThatTheJournalHasComeBackUnharmed() throws {
        var story = ViewStory()
        let block = story.header(1)
        _ = try story.accept(block, parentView: 0)
        let own = story.vote(.notarize, 1, by: 0, block)
        let greeting = Greeting(epoch: 0, view: 1, finalView: 0, yours: own)
        #expect(story.feed(.greeting(try story.committee.verify(greeting), from: 2)).deeds == [])
    }

    @Test func anObserverFollowsAndNeverVotes() throws {
        var story = ViewStory(index: nil)
        let block = story.header(1)
        #expect(try story.accept(block, parentView: 0).deeds == [])
        _ = try story.hear(story.certificate(.notarize, 1, block))
        let effects =
            story.feed(.executed(block.id, isValid: true))
            + (try story.hear(story.certificate(.finalize, 1, block)))
        #expect(effects.contains("commit 1 by view 1") && !effects.contains { $0.contains("persist") })
    }

    // MARK: Epochs

    @Test func theLastBlockOfAnEpochIsProposedAgainUntilItIsFinal() throws {
        var story = ViewStory(index: 2)
        let last = story.header(1, ends: true)
        _ = try story.accept(last, parentView: 0)
        let effects = try story.hear(story.certificate(.notarize, 1, last, by: [0, 1, 3])).deeds
        #expect(effects.contains("broadcast proposal 2 with 1"))
        // Nothing may be appended to it.
        var other = ViewStory(index: 0)
        _ = try other.accept(last, parentView: 0)
        _ = try other.hear(other.certificate(.notarize, 1, last))
        var wrong = other
        #expect(
            try wrong.hear(wrong.proposal(wrong.header(2, on: last), parentView: 1)).contains("persist nullify 2"))
        let again = other.proposal(last, view: 2, parentView: 1)
        #expect(try other.hear(again).contains("persist notarize 2"))
        _ = try other.hear(other.certificate(.notarize, 2, parentView: 1, last))
        #expect(try other.hear(other.certificate(.finalize, 2, last)).contains("epoch ended"))
        #expect(try other.hear(other.certificate(.nullify, 3)).deeds == [])
    }

    @Test func theNextEpochStartsInViewOneOnTheLastBlock() throws {
        let last = ViewStory().header(7, ends: true)
        let predecessor = ViewStory().certificate(.finalize, 7, last)
        var story = ViewStory(
            index: 0, epoch: 1, final: FinalPoint(header: last, view: 0), predecessor: predecessor)
        #expect(story.core.view == 1)
        let block = BlockHeader(
            chain: last.chain, epoch: 1, height: last.height + 1, view: 1, parent: last.id, time: last.time + 1,
            proposer: story.committee.leader(of: 1), historySize: 9, historyRoot: .zero, stateRoot: .zero,
            epochRecord: ViewStory.record(1), nextEpochRecord: nil)
        #expect(try story.hear(story.proposal(block, parentView: 0)).contains("execute"))
        // Those who are left behind get the finalization that ended their epoch, once a second.
        #expect(story.feed(.foreign(epoch: 0, from: 3)) == ["send finalization 7 to 3"])
        #expect(story.feed(.foreign(epoch: 0, from: 3)) == [])
    }

    // MARK: Restart

    @Test func aRestartResumesAfterTheHighestCertifiedViewAndSaysItsVotesAgain() throws {
        var before = ViewStory()
        let own = before.vote(.nullify, 6, by: 0)
        let recovered = Simplex.Recovered(votes: [own], certificates: [before.certificate(.nullify, 5)])
        before = ViewStory(recovered: recovered, isStarted: false)
        #expect(before.feed(.start).contains("broadcast nullify 6"))
        #expect(before.core.view == 6)
        // The law holds across the restart.
        let block = before.header(6)
        let page = (1...4).map { before.certificate(.nullify, $0) }
        _ = before.feed(.page(try before.committee.verify(CertificatePage(page)), from: 1))
        #expect(!(try before.accept(block, parentView: 0).contains { $0.contains("notarize") }))
    }

    /// The vote was synced and the certificate that led to its view was not: the restart is one view lower.
    @Test func aVoteOfALaterViewThanTheRestartsIsSaidOnEnteringIt() throws {
        let before = ViewStory()
        let block = before.header(6)
        let recovered = Simplex.Recovered(
            votes: [before.vote(.notarize, 6, by: 0, block)], certificates: [before.certificate(.nullify, 4)],
            blocks: [block])
        var story = ViewStory(recovered: recovered, isStarted: false)
        #expect(!story.feed(.start).contains { $0.contains("notarize") } && story.core.view == 5)
        #expect(try story.hear(story.certificate(.nullify, 5)).contains("broadcast notarize 6"))
        // Given before it, so before it is said.
        story.feed(.statements(waiting: true))
        #expect(story.tick(at: 60_000).contains("persist nullify 6"))
    }

    /// A divergence is not forgotten by a restart, and one that the node met while it caught up counts as much.
    @Test func whoeverDivergedStaysSilent() throws {
        let found = Simplex.Divergence(view: 3, block: SHA256.hash([3]))
        let silence = Simplex.Silence.divergence(view: 3, block: SHA256.hash([3]))
        var again = ViewStory(recovered: Simplex.Recovered(divergence: found))
        #expect(again.core.silence == silence)
        again.feed(.statements(waiting: true))
        #expect(!again.tick(at: 60_000).contains { $0.hasPrefix("persist") })
        // What was lost before comes first: that key never votes again, whatever else is settled.
        let lost = ViewStory(recovered: Simplex.Recovered(isLost: true, divergence: found))
        #expect(lost.core.silence == .journalLost)
        var caughtUp = ViewStory()
        #expect(caughtUp.core.silence == nil)
        #expect(
            caughtUp.core.handle(.diverged(view: 3, block: found.block), now: Instant(milliseconds: 1))
                .contains(.stopVoting(silence)))
        #expect(caughtUp.core.silence == silence)
    }

    @Test func aLeaderThatComesBackProposesTheSameBlock() throws {
        let story = ViewStory(index: 1)
        let block = story.header(1)
        let recovered = Simplex.Recovered(votes: [story.vote(.notarize, 1, by: 1, block)], blocks: [block])
        var again = ViewStory(index: 1, recovered: recovered, isStarted: false)
        #expect(again.feed(.start).contains("broadcast proposal 1 with 0"))
        again.feed(.statements(waiting: true))
        #expect(!again.tick(at: 100).contains { $0.hasPrefix("build") })
    }
}
