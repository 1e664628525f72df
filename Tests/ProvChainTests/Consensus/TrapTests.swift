import Testing

@testable import ProvChain

/// What stopped well-known chains, and does not stop this one.
@Suite struct TrapTests {
    /// Half hold the notarization of a view, half its nullification; neither half accepts the other's next block.
    @Test func certificateSplit() throws {
        var story = ViewStory()
        let block = story.header(1)
        _ = try story.accept(block, parentView: 0)
        _ = try story.hear(story.certificate(.notarize, 1, block))
        // Leader 2 holds the nullification and builds on genesis: ask it, whatever lies at hand.
        let other = story.proposal(story.header(2, salt: 9), parentView: 0)
        #expect(try story.hear(other).deeds == ["send request 1...1 to 2"])
        #expect(story.core.views[2]?.own.nullify == nil)
        // It answers with the certificate that is known already: no fault, asked again in time.
        let known = CertificatePage([story.certificate(.notarize, 1, block)])
        #expect(!story.feed(.page(try story.committee.verify(known), from: 2)).contains { $0.contains("nullify") })
        let wanted = CertificatePage([story.certificate(.nullify, 1)])
        #expect(story.feed(.page(try story.committee.verify(wanted), from: 2)).contains("execute"))

        // And the other way round.
        var mirror = ViewStory()
        _ = try mirror.hear(mirror.certificate(.nullify, 1))
        let child = mirror.header(2, on: block)
        #expect(try mirror.hear(mirror.proposal(child, parentView: 1)).deeds == ["send request 1...1 to 2"])
        // Both are held: both are given to whoever asks.
        let answer = story.feed(.request(CertificateRequest(epoch: 0, first: 1, last: 1), from: 3)).deeds
        #expect(answer == ["send page of notarization 1, nullification 1 to 3"])
    }

    @Test func unboundedTimers() throws {
        var story = ViewStory()
        story.feed(.statements(waiting: true))
        for view: UInt64 in 1...500 { _ = try story.hear(story.certificate(.nullify, view)) }
        story.tick(at: ConsensusTiming.longestWait)
        #expect(story.core.views[501]?.own.nullify != nil)
    }

    /// A chain that waits for a statement before its first block, while clients wait for the first block.
    @Test func emptyBlockStallAtHeightOne() {
        var leader = ViewStory(index: 1)
        #expect(leader.tick(at: 10_000).contains("build 1 statements empty"))
        leader = ViewStory(index: 1)
        leader.feed(.statements(waiting: true))
        // What waited cannot be applied: the chain goes on idling, and makes its empty block all the same.
        #expect(leader.feed(.nothingToBuild(view: 1)).deeds == [])
        #expect(leader.tick(at: 10_000).contains("build 1 statements empty"))
    }

    /// Patience is a setting; another node's larger Δ neither holds up the quorum nor is waited for.
    @Test func oneNodesSettingStallsNobody() throws {
        var story = ViewStory()
        story.feed(.statements(waiting: true))
        story.tick(at: 600)
        _ = try story.hear(story.vote(.nullify, 1, by: 1))
        _ = try story.hear(story.vote(.nullify, 1, by: 2))
        #expect(story.core.view == 2)
    }

    /// It follows as an observer; its key votes again once it is rotated.
    @Test func aWipedNodeThatNeverResumes() throws {
        var story = ViewStory(recovered: Simplex.Recovered(isLost: true))
        let block = story.header(900)
        let greeting = Greeting(epoch: 0, view: 901, finalView: 900, yours: story.vote(.nullify, 880, by: 0))
        #expect(story.feed(.greeting(try story.committee.verify(greeting), from: 1)).deeds == [])
        let finality = story.certificate(.finalize, 900, block)
        #expect(try story.hear(finality).contains("catch up to 900"))
        let effects = story.feed(.synced(FinalPoint(header: block, view: 900), finality))
        #expect(effects.contains("compact 900") && story.core.view == 901)
        #expect(!(try story.accept(story.header(901, on: block), parentView: 900).contains { $0.contains("persist") }))
    }

    /// What it needs to go on is in its log: nobody else could give it a certificate or a vote.
    @Test func aSingleNodeChainThatCannotRestart() {
        let first = ViewStory(of: 1)
        let block = first.header(1)
        var story = ViewStory(
            of: 1, final: FinalPoint(header: block, view: 1),
            finality: first.certificate(.finalize, 1, block, by: [0]), isStarted: false)
        story.feed(.start)
        #expect(story.feed(.statements(waiting: true)).contains("build 2 statements"))
        #expect(story.feed(.built(story.header(2, on: block), view: 2)).contains("commit 1 by view 2"))
    }

    /// A day without finality: certificates of the skipped views fit into no proposal.
    @Test func thousandsOfSkippedViews() throws {
        // Of seven, so that a quorum can do without these two: a certificate with a vote of the follower's key
        // that its journal lacks would silence it.
        var leader = ViewStory(index: 0, of: 7)
        var follower = ViewStory(index: 2, of: 7)
        for view: UInt64 in 1...4_003 {
            _ = try leader.hear(leader.certificate(.nullify, view, by: [1, 3, 4, 5, 6]))
        }
        #expect(leader.core.view == 4_004)
        leader.feed(.statements(waiting: true))
        let block = leader.header(4_004)
        let built = leader.core.handle(.built(block, view: 4_004), now: Instant(milliseconds: 0))
        let proposals = built.compactMap { effect -> Proposal? in
            if case .broadcast(.proposal(let proposal)) = effect { proposal } else { nil }
        }
        let proposal = try #require(proposals.first)
        #expect(proposal.certificates.count < 1_000)
        #expect(proposal.cbor.count <= ConsensusTiming.pageBytes + 4_096)
        // The follower asks page after page, and votes in the same view.
        var inputs: [Simplex.Input] = [.proposal(try follower.committee.verify(proposal), from: 0)]
        var (pages, executes) = (0, false)
        while let input = inputs.popLast() {
            for effect in follower.core.handle(input, now: Instant(milliseconds: 0)) {
                if case .execute = effect { executes = true }
                guard case .send(.request(let request), to: 0) = effect else { continue }
                for answer in leader.core.handle(.request(request, from: 2), now: Instant(milliseconds: 0)) {
                    guard case .send(.page(let page), to: 2) = answer else { continue }
                    #expect(page.cbor.count <= ConsensusTiming.pageBytes)
                    pages += 1
                    inputs.append(.page(try follower.committee.verify(page), from: 0))
                }
            }
        }
        #expect(executes && pages > 10)
        #expect(follower.core.silence == nil && follower.core.view == 4_004)
    }

    /// Everybody remembers its votes and nobody its certificates.
    @Test func allNodesRestartedAtOnce() throws {
        var stories = (0..<4).map { index -> ViewStory in
            let story = ViewStory(index: UInt64(index))
            let own = story.vote(.nullify, 3, by: UInt64(index))
            return ViewStory(
                index: UInt64(index),
                recovered: Simplex.Recovered(votes: [own], certificates: [story.certificate(.nullify, 2)]),
                isStarted: false)
        }
        var votes: [SignedVote] = []
        for index in stories.indices {
            for effect in stories[index].core.handle(.start, now: Instant(milliseconds: 0)) {
                if case .broadcast(.vote(let vote)) = effect { votes.append(vote) }
            }
        }
        #expect(votes.count == 4)
        for index in stories.indices {
            for vote in votes where vote.signer != UInt64(index) { _ = try stories[index].hear(vote) }
            #expect(stories[index].core.view == 4)
        }
    }

    /// Everybody restarts while only some have committed the last block: their log has the finalization, and the
    /// others cannot make it again, for those ahead do not vote in a view that is decided.
    @Test func theLastFinalizationOutlivesARestart() throws {
        let story = ViewStory()
        let block = story.header(1)
        let finality = story.certificate(.finalize, 1, block)
        var ahead = ViewStory(final: FinalPoint(header: block, view: 1), finality: finality)
        let greeting = Greeting(epoch: 0, view: 1, finalView: 0, yours: nil)
        #expect(
            ahead.feed(.greeting(try story.committee.verify(greeting), from: 1)).deeds == [
                "send page of finalization 1 to 1"
            ])
        #expect(ahead.tick(at: 10_000).contains("broadcast finalization 1"))
    }

    /// A vote is what it says, not its bytes: two signatures of one vote are one vote, no evidence. (Of one
    /// statement: `TrapScenarioTests`.)
    @Test func signaturesOfTwoKindsForOneId() throws {
        var story = ViewStory()
        let block = story.header(1)
        let vote = story.vote(.notarize, 1, by: 2, block)
        let again = SignedVote(
            story.committee.vote(.notarize, view: 1, signer: 2, parentView: 0, block: block.id),
            signature: [UInt8](repeating: 1, count: 64))
        var tally = VoteTally(validators: 4)
        _ = tally.add(vote)
        guard case .known = tally.add(again) else {
            Issue.record("a second signature is not a second vote")
            return
        }
        _ = try story.hear(vote)
        #expect(story.core.peers.accused.isEmpty)
    }

    /// Execution that outlasts the timers costs the view, not the chain: the block still counts once executed.
    @Test func aBlockOfLegalButSlowStatements() throws {
        var story = ViewStory()
        story.feed(.statements(waiting: true))
        let block = story.header(1)
        _ = try story.hear(story.proposal(block, parentView: 0))
        #expect(story.tick(at: 900).contains("persist nullify 1"))
        _ = try story.hear(story.certificate(.notarize, 1, block))
        #expect(story.core.view == 2)
        #expect(!story.feed(.executed(block.id, isValid: true)).contains { $0.contains("finalize") })
        // A later view finalizes it with its child.
        let child = story.header(2, on: block)
        #expect(try story.accept(child, parentView: 1).contains("persist block, block, notarize 2"))
        _ = try story.hear(story.certificate(.notarize, 2, parentView: 1, child))
        #expect(try story.hear(story.certificate(.finalize, 2, child)).contains("commit 2 by view 2"))
    }
}
