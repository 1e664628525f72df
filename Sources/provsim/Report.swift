import ProvChain

/// What many runs came to.
struct Report {
    let options: Options
    private var runs = 0
    private var failures: [World.Outcome] = []
    private var leastHeights: UInt64 = .max
    private var simulated: UInt64 = 0
    private var byScenario: [String: (runs: Int, counts: Counts)] = [:]
    /// Order does not matter: runs end in any.
    private var hashes: UInt64 = 0

    init(options: Options) { self.options = options }

    mutating func add(_ outcome: World.Outcome) {
        runs += 1
        if outcome.failure != nil { failures.append(outcome) }
        leastHeights = min(leastHeights, outcome.heights)
        simulated += outcome.milliseconds
        hashes ^= outcome.stateHash &* (outcome.seed &* 2 &+ 1)
        byScenario[outcome.scenario, default: (0, Counts())].runs += 1
        byScenario[outcome.scenario, default: (0, Counts())].counts.add(outcome.counts)
    }

    /// Faults that a scenario promises and that never struck, in scenarios that ran often enough to tell.
    private var missing: [String] {
        byScenario.keys.sorted().flatMap { name -> [String] in
            guard let (runs, counts) = byScenario[name], runs >= 10, let scenario = Scenario.named(name) else {
                return []
            }
            return scenario.promises.filter { counts[$0] == 0 }.map { "\(name): \($0.rawValue) never happened" }
        }
    }

    var isGood: Bool { failures.isEmpty && missing.isEmpty }

    private var total: Counts {
        byScenario.values.reduce(into: Counts()) { $0.add($1.counts) }
    }

    func line(_ outcome: World.Outcome) -> String {
        let hash = String(outcome.stateHash, radix: 16)
        let start = "seed \(outcome.seed) \(outcome.scenario) stateHash \(hash)"
        guard let failure = outcome.failure else {
            return "\(start): \(outcome.heights) heights in \(outcome.milliseconds) simulated ms"
        }
        var again = "provsim --seeds \(outcome.seed)..\(outcome.seed) --scenario \(outcome.scenario)"
        if let nodes = options.nodes { again += " --nodes \(nodes)" }
        if options.heights != 100 { again += " --heights \(options.heights)" }
        if let planted = options.planted { again += " --plant \(planted.rawValue)" }
        return "\(start): FAILED \(failure)\n  again: \(again)"
    }

    var text: String {
        var lines = ["\(runs) runs of \(byScenario.count) scenarios, at least \(leastHeights) heights each"]
        lines.append("simulated: \(simulated / 1_000) s; hash of all runs \(String(hashes, radix: 16))")
        lines.append(Happening.allCases.map { "\($0.rawValue) \(total[$0])" }.joined(separator: ", "))
        lines += missing
        lines.append("\(runs - failures.count) passed, \(failures.count + missing.count) failed")
        return lines.joined(separator: "\n")
    }

    var json: String {
        let happenings = Happening.allCases.map { "\"\($0.rawValue)\":\(total[$0])" }.joined(separator: ",")
        let scenarios = byScenario.sorted { $0.key < $1.key }
            .map { "\"\($0.key)\":\($0.value.runs)" }.joined(separator: ",")
        let failed = failures.sorted { $0.seed < $1.seed }
            .map { "{\"seed\":\($0.seed),\"scenario\":\"\($0.scenario)\",\"failure\":\"\($0.failure ?? "")\"}" }
            .joined(separator: ",")
        let hash = String(hashes, radix: 16)
        return "{\"runs\":\(runs),\"leastHeights\":\(leastHeights),\"simulatedMilliseconds\":\(simulated),"
            + "\"stateHash\":\"\(hash)\",\"scenarios\":{\(scenarios)},\"happenings\":{\(happenings)},"
            + "\"missing\":[\(missing.map { "\"\($0)\"" }.joined(separator: ","))],\"failures\":[\(failed)]}"
    }
}
