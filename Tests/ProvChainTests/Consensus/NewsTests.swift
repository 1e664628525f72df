import Testing

@testable import ProvChain

/// What is worth the check of its signatures.
@Suite struct NewsTests {
    @Test func aVoteIsNewsOnce() throws {
        var story = ViewStory()
        let vote = story.vote(.notarize, 1, by: 2, story.header(1))
        #expect(story.core.isNews(vote, from: 2))
        _ = try story.hear(vote)
        #expect(!story.core.isNews(vote, from: 2))
        // Of the same view and kind, for something else: evidence.
        #expect(story.core.isNews(story.vote(.notarize, 1, by: 2, story.header(1, salt: 1)), from: 2))
    }

    /// What is not held is checked only if it is the highest of its key, which a greeting will return.
    @Test func votesFarAheadAreNewsOnlyWhileTheyRise() throws {
        var story = ViewStory()
        let far = story.vote(.nullify, 1_000, by: 2)
        #expect(story.core.isNews(far, from: 2))
        _ = try story.hear(far)
        for view: UInt64 in [1_000, 999, 18] {
            #expect(!story.core.isNews(story.vote(.nullify, view, by: 2), from: 2), "view \(view)")
        }
        #expect(story.core.isNews(story.vote(.nullify, 17, by: 2), from: 2), "it is held")
        #expect(story.core.isNews(story.vote(.nullify, 1_001, by: 2), from: 2))
    }

    /// Whoever gives up an old view is heard, and charged for the answer.
    @Test func whoAsksForHelpIsHeard() throws {
        var story = ViewStory()
        for view: UInt64 in 1...5 { _ = try story.hear(story.certificate(.nullify, view)) }
        let old = story.vote(.nullify, 2, by: 3)
        #expect(story.core.asksForHelp(old, from: 3) && story.core.isNews(old, from: 3))
        #expect(!story.core.asksForHelp(old, from: 2), "it is passed on")
        #expect(!story.core.asksForHelp(story.vote(.nullify, 6, by: 3), from: 3))
    }

    @Test func aProposalIsNewsUntilItIsHeldAndWithEachNewCertificate() throws {
        var story = ViewStory()
        let block = story.header(1)
        let proposal = story.proposal(block, parentView: 0)
        #expect(story.core.isNews(proposal))
        _ = try story.hear(proposal)
        #expect(!story.core.isNews(proposal))
        let more = story.proposal(block, parentView: 0, certificates: [story.certificate(.nullify, 2)])
        #expect(story.core.isNews(more))
        _ = try story.hear(more)
        #expect(!story.core.isNews(more))
        let other = story.proposal(story.header(1, salt: 1), parentView: 0)
        #expect(story.core.isNews(other), "a second block is evidence")
    }

    /// A certificate that is known need not be checked again because a proposal stands on it.
    @Test func ofAProposalsCertificatesOnlyTheNewOnesAreChecked() throws {
        var story = ViewStory()
        let block = story.header(1)
        let (known, new) = (story.certificate(.notarize, 1, block), story.certificate(.nullify, 2))
        _ = try story.hear(known)
        let proposal = story.proposal(story.header(3, on: block), parentView: 1, certificates: [known, new])
        #expect(story.core.news(of: proposal).certificates == [new])
        let other = story.proposal(story.header(3, on: block), parentView: 1, certificates: [new])
        #expect(story.core.news(of: other) == other)
        let verified = try story.committee.verify(proposal)
        #expect(story.committee.vote(of: verified).content == proposal.vote)
    }

    @Test func evidenceIsNewsOnceForEachValidatorAndViewThatItLed() throws {
        var story = ViewStory()
        func evidence(in view: UInt64) -> Equivocation {
            let blocks = [story.header(view), story.header(view, salt: 1)]
            return Equivocation(
                story.vote(.notarize, view, by: 2, blocks[0]), story.vote(.notarize, view, by: 2, blocks[1]))
        }
        let (led, followed, later) = (evidence(in: 2), evidence(in: 3), evidence(in: 6))
        #expect(story.core.isNews(led) && story.core.isNews(followed))
        story.feed(.equivocation(try story.committee.verify(led)))
        #expect(!story.core.isNews(led) && !story.core.isNews(followed))
        #expect(story.core.isNews(later), "it led view 6, too, which is not to be finalized")
        story.feed(.equivocation(try story.committee.verify(later)))
        #expect(!story.core.isNews(later) && !story.core.isNews(evidence(in: 1_002)))
    }
}
