import Testing

@testable import provsim

/// What stopped well-known chains, on whole nodes. The core's own tests of the same names are in `TrapTests`.
@Suite struct TrapScenarioTests {
    /// Runs a scenario, and shows that what it is about happened.
    private func survives(
        _ name: String, seeds: ClosedRange<UInt64> = 1...3, heights: UInt64 = 30, _ happenings: Happening...
    ) throws {
        let scenario = try #require(Scenario.named(name))
        var counts = Counts()
        for seed in seeds {
            let outcome = World(scenario: scenario, seed: seed, heights: heights).run()
            #expect(outcome.failure == nil, "provsim --seeds \(seed)..\(seed) --scenario \(name) --heights \(heights)")
            #expect(outcome.heights >= heights)
            counts.add(outcome.counts)
        }
        for happening in happenings { #expect(counts[happening] > 0, "\(happening) never happened") }
    }

    @Test func certificateSplit() throws { try survives("partitions", .nullifications, .cut, .partitions) }

    @Test func unboundedTimers() throws { try survives("harsh", .nullifications, .crashes, .partitions) }

    /// Blocks of nobody's statements end the pauses of all clients.
    @Test func emptyBlockStallAtHeightOne() throws { try survives("calm", heights: 60, .idleBlocks) }

    /// One validator waits 3 ms, or 30 s, where the others wait 300 ms.
    @Test func oneNodesSettingStallsNobody() throws { try survives("odd-setting", seeds: 1...6, .oddSettings) }

    /// It ends only when every honest machine, the wiped one too, has all heights.
    @Test func aWipedNodeThatNeverResumes() throws { try survives("wiped", heights: 60, .wiped, .catchUps) }

    @Test func aSingleNodeChainThatCannotRestart() throws { try survives("sole", .crashes, .epochs, .idleBlocks) }

    @Test func allNodesRestartedAtOnce() throws { try survives("blackouts", heights: 100, .blackouts, .tornCopies) }

    /// One statement, two signatures that are both good, and each validator got one or the other.
    @Test func twoSignedFormsOfOneIdSentToDifferentValidators() throws {
        try survives("slow-blocks", .twoForms)
    }

    /// Execution takes longer than the timers wait.
    @Test func aBlockOfLegalButSlowStatements() throws {
        try survives("slow-blocks", seeds: 4...6, .slowBlocks, .nullifications)
    }

    /// A leader that proposes different blocks to different validators: every honest one ends with the proof.
    @Test(arguments: [4, 7, 10]) func noEquivocationWithoutEvidence(_ validators: Int) throws {
        var scenario = try #require(Scenario.named("equivocator"))
        scenario.validators = validators
        for seed: UInt64 in 1...3 {
            let outcome = World(scenario: scenario, seed: seed, heights: 30).run()
            #expect(outcome.failure == nil)
            #expect(outcome.counts[.accusations] >= UInt64(validators - 1), "seed \(seed) of \(validators)")
        }
    }

    @Test func nobodyIsFramed() throws { try survives("framer", .lies, .refusedMessages) }

    /// Real statements, executed on top of blocks that are not final and that in part lead nowhere.
    @Test func theLedgerEndsWhereItsBlocksInARowEnd() throws {
        try survives("ledger", seeds: 1...2, heights: 40, .executedOnPending, .abandonedBlocks, .crashes, .epochs)
    }

    @Test(arguments: ["mixed", "ledger", "sole"])
    func theSameSeedIsTheSameRun(_ name: String) throws {
        let scenario = try #require(Scenario.named(name))
        let runs = [9, 9, 10].map { World(scenario: scenario, seed: $0, heights: 20).run().stateHash }
        #expect(runs[0] == runs[1] && runs[0] != runs[2])
    }
}
