import Testing

@testable import provsim

/// A seed of each scenario; `scripts/test` and people run more with `provsim` itself.
@Suite struct QuickSetTests {
    @Test(arguments: Scenario.all.map(\.name))
    func aScenarioHolds(_ name: String) throws {
        let scenario = try #require(Scenario.named(name))
        let outcome = World(scenario: scenario, seed: 1, heights: 20).run()
        #expect(outcome.failure == nil, "provsim --seeds 1..1 --scenario \(name) --heights 20")
        #expect(outcome.heights >= 20)
    }

    @Test func aCommandLineSaysWhatToRun() throws {
        let options = try Options(["--seeds", "3..9", "--scenario", "epochs", "--nodes", "7", "--json"])
        #expect(options.seeds == 3...9 && options.scenario(for: 4).name == "epochs")
        #expect(options.scenario(for: 4).validators == 7 && options.isJSON)
        #expect(throws: UsageError.self) { try Options(["--seeds", "9..3"]) }
        #expect(throws: UsageError.self) { try Options(["--nodes", "3"]) }
    }
}
