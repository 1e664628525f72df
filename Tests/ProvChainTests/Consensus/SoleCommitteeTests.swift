import Testing

@testable import ProvChain

/// A committee of one runs the same value as any other, with the fewest steps that there can be.
@Suite struct SoleCommitteeTests {
    /// Build, commit: one durable step, which is the log's, and nothing before it leaves the process.
    @Test func aBlockIsFinalInOneStepAndWithoutTimers() {
        var story = ViewStory(of: 1)
        #expect(story.feed(.statements(waiting: true)).deeds == ["build 1 statements"])
        let block = story.header(1)
        #expect(
            story.feed(.built(block, view: 1)).deeds == [
                "commit 1 by view 1", "broadcast finalization 1", "compact 1", "build 2 statements",
            ])
        #expect(story.core.final.header == block && story.core.view == 2)
        // What waited was all in the first: the chain idles.
        #expect(story.feed(.nothingToBuild(view: 2)).deeds == [])
        #expect(story.feed(.statements(waiting: false)).deeds == [])
    }

    @Test func noTimeHasToPass() {
        var story = ViewStory(of: 1)
        for view: UInt64 in 1...50 {
            let parent = story.core.final.header
            #expect(story.feed(.statements(waiting: true)).allSatisfy { !$0.hasPrefix("persist") })
            #expect(story.feed(.built(story.header(view, on: parent), view: view)).first == "commit 1 by view \(view)")
        }
        #expect(story.clock == 0 && story.core.final.header.height == 50)
    }

    @Test func anIdleChainMakesAnEmptyBlockEveryTenSeconds() {
        var story = ViewStory(of: 1)
        for round: UInt64 in 1...3 {
            let parent = story.core.final.header
            #expect(story.tick(at: round * 10_000 - 1).deeds == [])
            #expect(story.tick(at: round * 10_000).deeds == ["build \(round) statements empty"])
            #expect(story.feed(.built(story.header(round, on: parent), view: round)).first?.hasPrefix("commit") == true)
        }
    }

    /// The moment at which it is to be called again is named.
    @Test func theAlarmIsSetForTheIdleTick() {
        var story = ViewStory(of: 1, isStarted: false)
        #expect(story.feed(.start) == ["wake 10000"])
    }

    @Test func aRestartResumesAfterTheLogsLastBlock() {
        let block = ViewStory(of: 1).header(41)
        let finality = ViewStory(of: 1).certificate(.finalize, 41, block, by: [0])
        // Even with the journal of a time when there was one, or without any.
        for isLost in [false, true] {
            var story = ViewStory(
                of: 1, final: FinalPoint(header: block, view: 41), finality: finality,
                recovered: Simplex.Recovered(isLost: isLost), isStarted: false)
            #expect(story.feed(.start).deeds == [])
            #expect(story.feed(.statements(waiting: true)).deeds == ["build 42 statements"])
            let next = story.feed(.built(story.header(42, on: block), view: 42))
            #expect(next.first == "commit 1 by view 42")
        }
    }

    /// Down before the append: no vote had left, so the same view may hold another block.
    @Test func aBlockThatWasNotAppendedLeavesNoTrace() {
        var before = ViewStory(of: 1)
        before.feed(.statements(waiting: true))
        before.feed(.built(before.header(1), view: 1))
        var after = ViewStory(of: 1)
        after.feed(.statements(waiting: true))
        #expect(after.feed(.built(after.header(1, salt: 1), view: 1)).first == "commit 1 by view 1")
    }

    @Test func theCertificateVerifies() throws {
        var story = ViewStory(of: 1)
        story.feed(.statements(waiting: true))
        let effects = story.core.handle(.built(story.header(1), view: 1), now: Instant(milliseconds: 0))
        guard case .commit(let blocks, let certificate)? = effects.first else {
            Issue.record("\(effects)")
            return
        }
        #expect(blocks == [story.header(1).id])
        #expect(certificate.kind == .finalize && certificate.signers == [0])
        _ = try story.committee.verify(certificate)
    }

    /// Nobody would lead the next view instead: it tries again after Δ, and gives nothing up.
    @Test func aFailedBuildIsTriedAgainWithoutAVote() {
        var story = ViewStory(of: 1)
        story.feed(.statements(waiting: true))
        #expect(story.feed(.cannotBuild(view: 1)) == ["wake 300"])
        #expect(story.tick(at: 299).deeds == [])
        #expect(story.tick(at: 300).deeds == ["build 1 statements"])
    }

    @Test func aSlowBuildIsWaitedFor() {
        var story = ViewStory(of: 1)
        story.feed(.statements(waiting: true))
        #expect(story.tick(at: 60_000).deeds == [])
        #expect(story.feed(.built(story.header(1), view: 1)).first == "commit 1 by view 1")
    }

    @Test func anEpochEndsWithTheBlockThatEndsIt() {
        var story = ViewStory(of: 1)
        story.feed(.statements(waiting: true))
        #expect(
            story.feed(.built(story.header(1, ends: true), view: 1)).deeds == [
                "commit 1 by view 1", "broadcast finalization 1", "compact 1", "epoch ended",
            ])
    }

    /// A home restored from a backup hears of a block that it made and does not know: it falls silent.
    @Test func whoHearsOfItsOwnForgottenBlockStops() throws {
        var story = ViewStory(of: 1)
        let effects = try story.hear(story.certificate(.finalize, 7, story.header(7), by: [0]))
        #expect(effects.contains("stop: journal lost"))
        #expect(!story.feed(.statements(waiting: true)).contains { $0.hasPrefix("build") })
    }

    /// An observer of such a chain follows it by its finalizations.
    @Test func anObserverFollowsByFinalizationsAlone() throws {
        var story = ViewStory(index: nil, of: 1)
        let block = story.header(1)
        let finality = story.certificate(.finalize, 1, block, by: [0])
        #expect(try story.hear(finality).contains("catch up to 1"))
        #expect(story.feed(.synced(FinalPoint(header: block, view: 1), finality)).contains("compact 1"))
    }
}
