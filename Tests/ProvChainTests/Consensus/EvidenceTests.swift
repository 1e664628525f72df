import Testing

@testable import ProvChain

/// What proves that a validator broke the law, how it is found, and that nothing proves it of one who did not.
@Suite struct EvidenceTests {
    @Test func whatConflicts() {
        let story = ViewStory()
        let (a, b) = (story.header(1), story.header(1, salt: 1))
        func conflict(_ x: SignedVote, _ y: SignedVote) -> Bool { Equivocation.conflict(x, y) }
        let notarize = story.vote(.notarize, 1, by: 2, a)
        #expect(conflict(notarize, story.vote(.notarize, 1, by: 2, b)))
        #expect(conflict(story.vote(.finalize, 1, by: 2, a), story.vote(.finalize, 1, by: 2, b)))
        #expect(conflict(story.vote(.nullify, 1, by: 2), story.vote(.finalize, 1, by: 2, a)))
        #expect(conflict(story.vote(.finalize, 1, by: 2, a), story.vote(.nullify, 1, by: 2)))
        // Legal, or of others, or elsewhere.
        #expect(!conflict(notarize, story.vote(.nullify, 1, by: 2)))
        #expect(!conflict(notarize, story.vote(.finalize, 1, by: 2, b)))
        #expect(!conflict(notarize, story.vote(.notarize, 1, by: 3, b)))
        #expect(!conflict(notarize, story.vote(.notarize, 2, by: 2, b)))
        // The same vote under another signature is the same vote.
        let resigned = SignedVote(
            story.committee.vote(.notarize, view: 1, signer: 2, parentView: 0, block: a.id),
            signature: [UInt8](repeating: 7, count: 64))
        #expect(!conflict(notarize, resigned))
    }

    @Test func evidenceIsReportedOnceAndPassedOn() throws {
        var story = ViewStory()
        _ = try story.hear(story.vote(.finalize, 1, by: 2, story.header(1)))
        #expect(
            try story.hear(story.vote(.nullify, 1, by: 2)).deeds == ["report 2", "broadcast evidence against 2"])
        #expect(try story.hear(story.vote(.finalize, 1, by: 2, story.header(1, salt: 1))).deeds == [])
    }

    // MARK: A leader that sends different proposals to different validators

    /// Two of seven validators, each with another proposal of leader 1. Nobody notarizes enough for either.
    @Test func twoWhoVotedForDifferentProposalsFindOutByTheirVotes() throws {
        var (first, second) = (ViewStory(index: 0, of: 7), ViewStory(index: 5, of: 7))
        let (a, b) = (first.header(1), first.header(1, salt: 1))
        _ = try first.accept(a, parentView: 0)
        _ = try second.accept(b, parentView: 0)
        // Its vote names another block than the leader's vote here: it is sent that vote.
        #expect(try first.hear(first.vote(.notarize, 1, by: 5, b)).deeds == ["send notarize 1 to 5"])
        let shown = first.vote(.notarize, 1, by: 1, a)
        let effects = second.feed(.vote(try second.committee.verify(shown), from: 0)).deeds
        #expect(effects == ["report 1", "broadcast evidence against 1"])
        // Whatever comes of the view, it does not finalize what the liar proposed.
        #expect(second.core.views[1]?.leaderEquivocated == true)
    }

    @Test func theOrderInWhichVotesAndProposalComeDoesNotMatter() throws {
        var story = ViewStory(index: 0, of: 7)
        let (a, b) = (story.header(1), story.header(1, salt: 1))
        #expect(try story.hear(story.vote(.notarize, 1, by: 5, b)).deeds == [])
        #expect(try story.hear(story.vote(.notarize, 1, by: 6, b)).deeds == [])
        let effects = try story.hear(story.proposal(a, parentView: 0)).deeds
        #expect(effects.contains("send notarize 1 to 5") && effects.contains("send notarize 1 to 6"))
    }

    /// A liar that notarizes whatever it likes makes others send one vote in each view.
    @Test func theLeadersVoteIsSentOnceInAView() throws {
        var story = ViewStory(index: 0, of: 7)
        let (a, b, c) = (story.header(1), story.header(1, salt: 1), story.header(1, salt: 2))
        _ = try story.accept(a, parentView: 0)
        #expect(try story.hear(story.vote(.notarize, 1, by: 5, b)).deeds.filter { $0.hasPrefix("send") }.count == 1)
        for block in [b, c] {
            #expect(!(try story.hear(story.vote(.notarize, 1, by: 5, block)).contains { $0.hasPrefix("send") }))
        }
        #expect(!(try story.hear(story.vote(.notarize, 1, by: 4, a)).contains { $0.hasPrefix("send") }))
    }

    /// Three of four notarized another block, with the leader's own vote among theirs.
    @Test func aVoteInsideACertificateIsComparedWithTheOneHeld() throws {
        var story = ViewStory()
        let (a, b) = (story.header(1), story.header(1, salt: 1))
        _ = try story.accept(a, parentView: 0)
        let effects = try story.hear(story.certificate(.notarize, 1, b)).deeds
        #expect(effects.contains("report 1") && effects.contains("broadcast evidence against 1"))
        // And the other way round: the certificate first, the proposal after it.
        var late = ViewStory()
        _ = try late.hear(late.certificate(.notarize, 1, b))
        #expect(try late.hear(late.proposal(a, parentView: 0)).contains("report 1"))
    }

    /// The leader gave its vote for that block to nobody outside the quorum: its signers hold it.
    @Test func theSignersOfACertificateForAnotherBlockAreSentTheLeadersVote() throws {
        var story = ViewStory(index: 0, of: 7)
        let (a, b) = (story.header(1), story.header(1, salt: 1))
        _ = try story.accept(a, parentView: 0)
        let effects = try story.hear(story.certificate(.notarize, 1, b, by: [2, 3, 4, 5, 6])).deeds
        #expect((2...6).allSatisfy { effects.contains("send notarize 1 to \($0)") })
    }

    @Test func aFinalizationIsComparedWithTheNullifiesHeld() throws {
        var story = ViewStory()
        _ = try story.hear(story.vote(.nullify, 1, by: 2))
        #expect(try story.hear(story.certificate(.finalize, 1, story.header(1))).contains("report 2"))
    }

    @Test func aSecondCertificateOfTheSameKindIsComparedToo() throws {
        var story = ViewStory(index: 0, of: 7)
        let (a, b) = (story.header(1), story.header(1, salt: 1))
        _ = try story.hear(story.certificate(.notarize, 1, b, by: [2, 3, 4, 5, 6]))
        _ = try story.hear(story.proposal(a, parentView: 0))
        #expect(try story.hear(story.certificate(.notarize, 1, b, by: [1, 2, 3, 4, 5])).contains("report 1"))
    }

    // MARK: Nobody is framed

    /// An honest validator that notarized one block may finalize another, or give the view up: no evidence.
    @Test func legalVotesInCertificatesAreNoEvidence() throws {
        var story = ViewStory(of: 7)
        let (a, b) = (story.header(1), story.header(1, salt: 1))
        _ = try story.hear(story.vote(.notarize, 1, by: 2, a))
        _ = try story.hear(story.vote(.nullify, 1, by: 3))
        for certificate in [
            story.certificate(.notarize, 1, a, by: [1, 2, 3, 4, 5]),
            story.certificate(.nullify, 1, by: [1, 3, 4, 5, 6]),
        ] {
            #expect(!(try story.hear(certificate).contains { $0.hasPrefix("report") }))
        }
        #expect(!(try story.hear(story.vote(.finalize, 1, by: 2, b)).contains { $0.hasPrefix("report") }))
        #expect(story.core.peers.accused.isEmpty)
    }

    @Test func evidenceWithASignatureOfSomethingElseIsRefused() {
        let story = ViewStory()
        let given = story.vote(.finalize, 1, by: 2, story.header(1))
        let other = story.committee.vote(
            .finalize, view: 1, signer: 2, parentView: 0, block: story.header(1, salt: 1).id)
        let forged = Equivocation(given, SignedVote(other, signature: given.signature))
        #expect(throws: VoteFault.badSignature(signer: 2)) { try story.committee.verify(forged) }
    }

    /// Views start again in each epoch; a vote of another epoch is a vote for something else.
    @Test func votesOfDifferentEpochsAreNoEvidence() {
        let (now, before) = (ViewStory(epoch: 1), ViewStory())
        let votes = [before.vote(.finalize, 1, by: 2, before.header(1)), now.vote(.nullify, 1, by: 2)]
        #expect(!Equivocation.conflict(votes[0], votes[1]))
    }
}
