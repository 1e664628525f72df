import ArgumentParser
import ProvChain

/// Benchmarks of a whole node.
extension Bench {
    struct CommitCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "commit",
            abstract: "Statements handed to a node in this process, until each is final and durable.",
            discussion: """
                Latency is measured in an open loop, from the time at which a statement was due.

                EXAMPLES
                  provnode bench commit
                  provnode bench commit --count 50000 --runs 5 --json
                  provnode bench commit --attachments
                """)

        @Option(help: "Statements of a run at saturation, 100 to 1,000,000.") var count = 20_000
        @Option(help: "Runs, 1 to 100.") var runs = 3
        @Option(help: "Seconds of a run at a fixed rate, 1 to 3,600.") var seconds = 5
        @Flag(help: "Submit manifest and metadata beside each registration.") var attachments = false
        @Flag(help: "Print one JSON document.") var json = false

        func validate() throws {
            guard (100...1_000_000).contains(count), (1...100).contains(runs), (1...3_600).contains(seconds) else {
                throw ValidationError(
                    "--count takes 100 to 1000000, --runs 1 to 100, --seconds 1 to 3600.",
                    "--count 应为 100 至 1000000，--runs 应为 1 至 100，--seconds 应为 1 至 3600。")
            }
        }

        func run() async throws {
            let bench = CommitBench(count: count, runs: runs, seconds: seconds, withAttachments: attachments)
            Bench.show(try await bench.run(), json)
        }
    }

    struct NetworkCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "network",
            abstract: "Validators in processes of their own, loaded over HTTP: rate, latency, memory, catch-up.",
            discussion: """
                Load generator and all validators share this machine. Latency is measured in an open loop.

                EXAMPLES
                  provnode bench network --validators 4 --json
                  provnode bench network --validators 7 --count 10000 --runs 1
                """)

        @Option(help: "Validators, 1 to 16.") var validators = 4
        @Option(help: "Statements of a run at saturation, 100 to 1,000,000.") var count = 10_000
        @Option(help: "Runs, 1 to 100.") var runs = 3
        @Option(help: "Seconds of a run at a fixed rate, 1 to 3,600.") var seconds = 10
        @Flag(help: "Print one JSON document.") var json = false

        func validate() throws {
            guard (1...16).contains(validators), (100...1_000_000).contains(count), (1...100).contains(runs),
                (1...3_600).contains(seconds)
            else {
                throw ValidationError(
                    "--validators takes 1 to 16, --count 100 to 1000000, --runs 1 to 100, --seconds 1 to 3600.",
                    "--validators 应为 1 至 16，--count 应为 100 至 1000000，--runs 应为 1 至 100，--seconds 应为 1 至 3600。")
            }
        }

        func run() throws {
            let bench = NetworkBench(validators: validators, count: count, runs: runs, seconds: seconds)
            Bench.show(try bench.run(), json)
        }
    }

    struct ProofsCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "proofs", abstract: "Receipts as they are served, bundles as they are checked.",
            discussion: """
                EXAMPLES
                  provnode bench proofs
                  provnode bench proofs --preload 1000000 --count 20000 --json
                """)

        @Option(help: "Works in the registry before, 1,000 to 20,000,000.") var preload = 50_000
        @Option(help: "Receipts of a run, 100 to 1,000,000.") var count = 20_000
        @Option(help: "Runs, 1 to 100.") var runs = 5
        @Flag(help: "Print one JSON document.") var json = false

        func validate() throws {
            guard (1_000...20_000_000).contains(preload), (100...1_000_000).contains(count), (1...100).contains(runs)
            else {
                throw ValidationError(
                    "--preload takes 1000 to 20000000, --count 100 to 1000000, --runs 1 to 100.",
                    "--preload 应为 1000 至 20000000，--count 应为 100 至 1000000，--runs 应为 1 至 100。")
            }
        }

        func run() async throws {
            Bench.show(try await ProofsBench(preload: preload, count: count, runs: runs).run(), json)
        }
    }

    struct LookupsCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "lookups", abstract: "What a registry that is already large costs to open and to ask.",
            discussion: """
                Opens the node of a home in this process; it must not be running.

                EXAMPLES
                  provnode bench make-registry --assets 1000000 --home /tmp/million
                  provnode bench lookups --home /tmp/million --json
                """)

        @Option(help: "The folder of the node.") var home: String
        @Option(help: "Questions of each kind in a run, 10 to 1,000,000.") var count = 1_000
        @Option(help: "Runs, 1 to 100.") var runs = 3
        @Flag(help: "Print one JSON document.") var json = false

        func validate() throws {
            guard (10...1_000_000).contains(count), (1...100).contains(runs) else {
                throw ValidationError(
                    "--count takes 10 to 1000000, --runs 1 to 100.", "--count 应为 10 至 1000000，--runs 应为 1 至 100。")
            }
        }

        func run() async throws {
            Bench.show(try await LookupsBench(home: NodeHome(home), count: count, runs: runs).run(), json)
        }
    }

    struct SearchCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "search", abstract: "How fast a node finds look-alikes among many prints.",
            discussion: """
                Registers works whose manifests have prints with a node that searches, and asks it for look-alikes. The \
                node's home is a temporary folder: 600 MB for a million prints.

                EXAMPLES
                  provnode bench search --json
                """)

        @Option(help: "Prints in all manifests, 2,000 to 10,000,000.") var prints = 1_000_000
        @Option(help: "Questions of a run, 10 to 100,000.") var count = 200
        @Option(help: "Runs, 1 to 100.") var runs = 5
        @Flag(help: "Print one JSON document.") var json = false

        func validate() throws {
            guard (2_000...10_000_000).contains(prints), (10...100_000).contains(count), (1...100).contains(runs) else {
                throw ValidationError(
                    "--prints takes 2000 to 10000000, --count 10 to 100000, --runs 1 to 100.",
                    "--prints 应为 2000 至 10000000，--count 应为 10 至 100000，--runs 应为 1 至 100。")
            }
        }

        func run() async throws {
            Bench.show(try await SearchBench(prints: prints, count: count, runs: runs).run(), json)
        }
    }

    struct MakeRegistryCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "make-registry", abstract: "Make the home of a node with many made-up works.",
            discussion: """
                Every statement is signed and every block has its certificate, so `provnode verify` and \
                `provnode run` take the home. Its keys follow from their numbers: never use it for anything else.

                EXAMPLES
                  provnode bench make-registry --assets 1000000 --home /tmp/million
                  provnode bench make-registry --assets 1000000 --components 3 --home /tmp/million
                """)

        @Option(help: "Works to register, 1 to 20,000,000.") var assets: Int
        @Option(help: "Meshes that each work claims besides its file, 0 to 500.") var components = 0
        @Option(help: "The folder to make.") var home: String
        @Flag(help: "Print one JSON document.") var json = false

        func validate() throws {
            guard (1...20_000_000).contains(assets), (0...500).contains(components) else {
                throw ValidationError(
                    "--assets takes 1 to 20000000, --components 0 to 500.",
                    "--assets 应为 1 至 20000000，--components 应为 0 至 500。")
            }
        }

        func run() async throws {
            var report = BenchReport("make-registry")
            let bar = ProgressBar(isShown: SystemTerminal.isErrorATerminal)
            let bench = try BenchHome.make(at: home, time: BenchHome.pastTime)
            let maker = RegistryMaker(bench: bench, works: assets, components: components)
            let made = try maker.run { bar.show($0, $1, $2) }
            bar.finish()
            report.results = [
                .init("seconds", [made.seconds], note: "\(assets) works"),
                .init("seconds", [made.sortingSeconds], note: "of which sorting databases into their order"),
                .init("statements_per_second", [Double(assets) / made.seconds], note: "signed, executed, indexed"),
                .init("statement_bytes", [Double(made.statementBytes) / Double(assets)], note: "mean"),
                .init("peak_resident_mib", [ProcessUsage.peakMebibytes()], note: "of this process"),
            ]
            report.results += DiskUsage(bench.home).perStatement(since: nil, assets).map {
                .init("disk_bytes_per_asset", [$0.bytes], note: $0.part)
            }
            Bench.show(report, json)
        }
    }
}
