import ProvChain

/// `provsim --seeds A..B [--scenario NAME] [--nodes N] [--heights N] [--jobs N] [--json] [--verbose]`
@main
struct Provsim {
    static func main() async {
        do throws(UsageError) {
            let options = try Options(Array(CommandLine.arguments.dropFirst()))
            #if PLANTED_BUGS
                Planted.bug = options.planted
            #endif
            let report = await run(options)
            print(options.isJSON ? report.json : report.text)
            exitProcess(report.isGood ? 0 : 1)
        } catch {
            print(error.message)
            exitProcess(64)
        }
    }

    private static func run(_ options: Options) async -> Report {
        var report = Report(options: options)
        await withTaskGroup(of: World.Outcome.self) { group in
            var running = 0
            for seed in options.seeds {
                if running == options.jobs, let outcome = await group.next() {
                    running -= 1
                    take(outcome, options, &report)
                }
                running += 1
                group.addTask {
                    World(scenario: options.scenario(for: seed), seed: seed, heights: options.heights).run()
                }
            }
            while let outcome = await group.next() { take(outcome, options, &report) }
        }
        return report
    }

    private static func take(_ outcome: World.Outcome, _ options: Options, _ report: inout Report) {
        report.add(outcome)
        // Not into the document that JSON is.
        guard !options.isJSON, options.isVerbose || outcome.failure != nil else { return }
        print(report.line(outcome))
    }
}
