import Testing

@testable import ProvChain

/// One test for each sentence of the protocol.
@Suite struct SimplexTests {
    /// The life of a view, as one would read it in a log.
    @Test func aViewFromProposalToFinality() throws {
        var story = ViewStory()
        let block = story.header(1)
        #expect(try story.hear(story.proposal(block, parentView: 0)).deeds == ["execute"])
        #expect(
            story.feed(.executed(block.id, isValid: true)).deeds
                == ["persist block, notarize 1", "broadcast notarize 1"])
        #expect(
            try story.hear(story.vote(.notarize, 1, by: 2, block)).deeds
                == [
                    "persist finalize 1", "retain notarization 1", "broadcast notarization 1", "broadcast finalize 1",
                ])
        #expect(story.core.view == 2)
        #expect(try story.hear(story.vote(.finalize, 1, by: 1, block)).deeds == [])
        #expect(
            try story.hear(story.vote(.finalize, 1, by: 3, block)).deeds
                == [
                    "retain finalization 1", "broadcast finalization 1", "commit 1 by view 1", "compact 1",
                ])
        #expect(story.core.final.header == block)
    }

    @Test func theLeaderVotesInsideItsProposal() {
        var story = ViewStory(index: 1)
        #expect(story.feed(.statements(waiting: true)).deeds == ["build 1 statements"])
        #expect(
            story.feed(.built(story.header(1), view: 1)).deeds
                == ["persist block, notarize 1", "broadcast proposal 1 with 0"])
    }

    // MARK: Idling

    @Test func anIdleChainNeitherBuildsNorNullifiesUntilTheTick() {
        var (leader, follower) = (ViewStory(index: 1), ViewStory(index: 0))
        #expect(leader.tick(at: 9_999).deeds == [] && follower.tick(at: 9_999).deeds == [])
        #expect(leader.tick(at: 10_000).contains("build 1 statements empty"))
        #expect(!follower.tick(at: 10_000).contains("persist nullify 1"))
        #expect(follower.tick(at: 10_600).contains("persist nullify 1"))
    }

    @Test func aStatementArmsTheTimers() {
        var story = ViewStory()
        story.tick(at: 5_000)
        #expect(story.feed(.statements(waiting: true)) == ["wake 5600"])
        #expect(story.tick(at: 5_600).first == "persist nullify 1")
    }

    @Test func aLeaderWithoutStatementsGivesFinalityTheTimeOfDelta() throws {
        var story = ViewStory(index: 2)
        let block = story.header(1)
        _ = try story.accept(block, parentView: 0)
        _ = try story.hear(story.certificate(.notarize, 1, block, by: [0, 1, 3]))
        #expect(story.core.view == 2)
        var late = story
        #expect(late.tick(at: 300).deeds == ["build 2 statements empty"])
        // Finality in time: the chain idles again.
        _ = try story.hear(story.certificate(.finalize, 1, block, by: [0, 1, 3]))
        #expect(story.tick(at: 300).deeds == [] && story.tick(at: 2_000).deeds == [])
    }

    @Test func votesOfMoreThanTheFaultyShowThatOthersDoNotIdle() throws {
        var story = ViewStory()
        _ = try story.hear(story.vote(.nullify, 1, by: 2))
        #expect(story.tick(at: 5_000).deeds == [])
        #expect(try story.hear(story.vote(.nullify, 1, by: 3)).contains("wake 5600"))
    }

    // MARK: Nullify

    @Test func noProposalAtTheLeadersDeadlineNoCertificateAtTheViews() throws {
        var (without, with) = (ViewStory(), ViewStory())
        without.feed(.statements(waiting: true))
        with.feed(.statements(waiting: true))
        _ = try with.hear(with.proposal(with.header(1), parentView: 0))
        #expect(without.tick(at: 600).deeds.first == "persist nullify 1")
        #expect(with.tick(at: 600).deeds == [])
        #expect(with.tick(at: 900).deeds.first == "persist nullify 1")
    }

    @Test func theLeadersOwnNullifySparesTheWait() throws {
        var story = ViewStory()
        #expect(try story.hear(story.vote(.nullify, 1, by: 2)).deeds == [])
        #expect(try story.hear(story.vote(.nullify, 1, by: 1)).deeds.first == "persist nullify 1")
    }

    @Test func anInvalidBlockIsNullifiedAtOnceAMissingParentIsNot() throws {
        var story = ViewStory()
        let block = story.header(1)
        _ = try story.hear(story.proposal(block, parentView: 0))
        #expect(story.feed(.executed(block.id, isValid: false)).deeds.first == "persist nullify 1")

        story = ViewStory()
        _ = try story.hear(story.certificate(.notarize, 1, block))
        let effects = try story.hear(story.proposal(story.header(2, on: block), parentView: 1)).deeds
        #expect(!effects.contains { $0.contains("nullify") })
        #expect(story.tick(at: 75).deeds == ["fetch from [1, 2, 3]"])
    }

    @Test func whoCannotProposeNullifies() {
        var story = ViewStory(index: 1)
        story.feed(.statements(waiting: true))
        #expect(story.feed(.cannotBuild(view: 1)).deeds.first == "persist nullify 1")
    }

    @Test func aHeaderThatDoesNotFollowIsInvalid() throws {
        var story = ViewStory()
        let good = story.header(1)
        let wrong = BlockHeader(
            chain: good.chain, epoch: 0, height: 2, view: 1, parent: good.parent, time: good.time, proposer: 1,
            historySize: 2, historyRoot: .zero, stateRoot: .zero, epochRecord: good.epochRecord,
            nextEpochRecord: nil)
        #expect(try story.hear(story.proposal(wrong, parentView: 0)).deeds.first == "persist nullify 1")
    }

    // MARK: Views

    @Test func anyCertificateEntersTheNextViewAndNothingElseDoes() throws {
        for kind in VoteKind.allCases {
            var story = ViewStory()
            let block = kind == .nullify ? nil : story.header(40)
            _ = try story.hear(story.certificate(kind, 40, block))
            #expect(story.core.view == 41, "\(kind)")
            _ = try story.hear(story.certificate(.nullify, 7))
            #expect(story.core.view == 41)
        }
        var story = ViewStory()
        for signer: UInt64 in 1...3 {
            _ = try story.hear(story.vote(.nullify, 1 << 60, by: signer))
            _ = try story.hear(story.vote(.nullify, 1 + ConsensusTiming.viewsAhead + 1, by: signer))
        }
        #expect(story.core.view == 1 && story.core.views.count <= 1)
        for signer: UInt64 in 1...3 {
            _ = try story.hear(story.vote(.nullify, 1 + ConsensusTiming.viewsAhead, by: signer))
        }
        #expect(story.core.view == 2 + ConsensusTiming.viewsAhead)
    }

    @Test func eachNewCertificateIsBroadcastOnce() throws {
        var story = ViewStory()
        let certificate = story.certificate(.nullify, 1)
        #expect(try story.hear(certificate).deeds == ["retain nullification 1", "broadcast nullification 1"])
        #expect(try story.hear(certificate).deeds == [])
        #expect(try story.hear(story.certificate(.nullify, 1, by: [0, 1, 2])).deeds == [])
    }

    @Test func finalityMayComeWhileLaterViewsFail() throws {
        var story = ViewStory()
        let block = story.header(1)
        _ = try story.accept(block, parentView: 0)
        _ = try story.hear(story.vote(.notarize, 1, by: 2, block))
        for view: UInt64 in 2...9 { _ = try story.hear(story.certificate(.nullify, view)) }
        #expect(story.core.view == 10)
        _ = try story.hear(story.vote(.finalize, 1, by: 1, block))
        #expect(try story.hear(story.vote(.finalize, 1, by: 2, block)).contains("commit 1 by view 1"))
        #expect(story.core.view == 10)
    }

    // MARK: Justification

    @Test func everySkippedViewNeedsItsNullification() throws {
        var story = ViewStory()
        let block = story.header(3)
        _ = try story.hear(story.certificate(.nullify, 2))
        #expect(try story.hear(story.proposal(block, parentView: 0)).deeds == ["send request 1...1 to 3"])
        #expect(
            story.feed(.page(try story.committee.verify(CertificatePage([story.certificate(.nullify, 1)])), from: 3))
                .contains("execute"))
    }

    @Test func certificatesInTheProposalJustifyIt() throws {
        var story = ViewStory()
        let skipped = [story.certificate(.nullify, 2), story.certificate(.nullify, 1)]
        #expect(
            try story.hear(story.proposal(story.header(3), parentView: 0, certificates: skipped)).contains("execute"))
    }

    @Test func nothingSkipsAFinalizedView() throws {
        var story = ViewStory()
        let block = story.header(1)
        _ = try story.accept(block, parentView: 0)
        _ = try story.hear(story.certificate(.finalize, 1, block))
        #expect(try story.hear(story.proposal(story.header(2), parentView: 0)).deeds.first == "persist nullify 2")
    }

    @Test func theLeaderExtendsTheHighestNotarizedBlockOverNullifiedViews() throws {
        var story = ViewStory(index: 0)
        let block = story.header(1)
        _ = try story.accept(block, parentView: 0)
        _ = try story.hear(story.certificate(.notarize, 1, block))
        _ = try story.hear(story.certificate(.nullify, 3))
        story.feed(.statements(waiting: true))
        #expect(story.core.view == 4)
        let effects = try story.hear(story.certificate(.nullify, 2)).deeds
        #expect(effects.contains("build 4 statements"))
        let next = story.header(4, on: block)
        #expect(story.feed(.built(next, view: 4)).deeds.contains("broadcast proposal 4 with 3"))
    }

    @Test func moreThanSixteenDeepBlocksAreEmpty() throws {
        var story = ViewStory(index: 2)
        var parent = ViewStory.genesis
        for view: UInt64 in 1...17 {
            let block = story.header(view, on: parent)
            if story.committee.leader(of: view) == 2 {
                // Its own views go by without it.
                story.core.blocks[block.id] = PendingBlock(header: block, status: .valid)
            } else {
                _ = try story.hear(story.proposal(block, parentView: view - 1))
                story.feed(.executed(block.id, isValid: true))
            }
            _ = try story.hear(story.certificate(.notarize, view, parentView: view - 1, block, by: [0, 1, 3]))
            parent = block
        }
        #expect(story.core.view == 18)
        story.feed(.statements(waiting: true))
        #expect(story.tick(at: 300).deeds == ["build 18 empty"])
    }

    // MARK: Finalize

    @Test func noFinalizeAfterANullify() throws {
        var story = ViewStory()
        let block = story.header(1)
        _ = try story.accept(block, parentView: 0)
        story.tick(at: 900)
        let effects = try story.hear(story.certificate(.notarize, 1, block)).deeds
        #expect(story.core.view == 2 && !effects.contains { $0.contains("finalize") })
    }

    @Test func noFinalizeForALeaderThatEquivocated() throws {
        var story = ViewStory()
        let block = story.header(1)
        _ = try story.accept(block, parentView: 0)
        let effects = try story.hear(story.vote(.notarize, 1, by: 1, story.header(1, salt: 5))).deeds
        #expect(effects == ["report 1", "broadcast evidence against 1"])
        #expect(!(try story.hear(story.certificate(.notarize, 1, block)).contains { $0.contains("finalize") }))
    }

    @Test func noFinalizeBeforeTheBlockIsExecutedHere() throws {
        var story = ViewStory()
        let block = story.header(1)
        #expect(!(try story.hear(story.certificate(.notarize, 1, block)).contains { $0.contains("finalize") }))
        story.tick(at: 75)
        #expect(story.feed(.obtained(block)).deeds == ["execute"])
        #expect(
            story.feed(.executed(block.id, isValid: true)).deeds
                == ["persist block, finalize 1", "broadcast finalize 1"])
    }

    @Test(arguments: VoteKind.allCases, VoteKind.allCases)
    func theVotingLaw(_ first: VoteKind, _ second: VoteKind) {
        let story = ViewStory()
        var own = OwnVotes()
        own.record(story.vote(first, 1, by: 0, first == .nullify ? nil : story.header(1)))
        let legal: Set<[VoteKind]> = [[.notarize, .nullify], [.notarize, .finalize], [.finalize, .notarize]]
        #expect(own.allow(second) == legal.contains([first, second]))
    }
}
