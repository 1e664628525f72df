import ArgumentParser

/// Benchmarks that anyone can run.
struct Bench: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure this machine and this build.",
        discussion: """
            Build with `swift build -c release` first. Each figure is a median of several runs with its spread; \
            limits are measured in the same run.

            EXAMPLES
              provnode bench verify
              provnode bench execute --preload 100000 --json
              provnode bench commit
              provnode bench network --validators 4
              provnode bench proofs --json
              provnode bench make-registry --assets 1000000 --home /tmp/million
              provnode bench lookups --home /tmp/million
              provnode bench search
            """,
        subcommands: [
            VerifyCommand.self, ExecuteCommand.self, CommitCommand.self, NetworkCommand.self, ProofsCommand.self,
            LookupsCommand.self, MakeRegistryCommand.self, FingerprintCommand.self, SearchCommand.self,
        ])

    struct VerifyCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "verify", abstract: "Signature verification on all cores, beside libsecp256k1 itself.",
            discussion: """
                EXAMPLES
                  provnode bench verify
                  provnode bench verify --count 100000 --runs 9 --json
                """)

        @Option(help: "Signatures in a batch, 1 to 1,000,000.") var count = 20_000
        @Option(help: "Runs, 1 to 100.") var runs = 5
        @Flag(help: "Print one JSON document.") var json = false

        func validate() throws {
            guard (1...1_000_000).contains(count), (1...100).contains(runs) else {
                throw ValidationError(
                    "--count takes 1 to 1000000, --runs 1 to 100.", "--count 应为 1 至 1000000，--runs 应为 1 至 100。")
            }
        }

        func run() async throws { Bench.show(try await VerifyBench(count: count, runs: runs).run(), json) }
    }

    struct ExecuteCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "execute",
            abstract: "Blocks of registrations and transfers: signatures, rules, roots, durable commit.",
            discussion: """
                EXAMPLES
                  provnode bench execute
                  provnode bench execute --preload 1000000 --json
                """)

        @Option(help: "Assets in the store before, 0 to 20,000,000.") var preload = 10_000
        @Option(help: "Blocks of 2,000 statements in a run, 1 to 1,000.") var blocks = 50
        @Option(help: "Runs, 1 to 20.") var runs = 3
        @Flag(help: "Print one JSON document.") var json = false

        func validate() throws {
            guard (0...20_000_000).contains(preload), (1...1_000).contains(blocks), (1...20).contains(runs) else {
                throw ValidationError(
                    "--preload takes 0 to 20000000, --blocks 1 to 1000, --runs 1 to 20.",
                    "--preload 应为 0 至 20000000，--blocks 应为 1 至 1000，--runs 应为 1 至 20。")
            }
        }

        func run() async throws {
            Bench.show(try await ExecuteBench(preload: preload, blocks: blocks, runs: runs).run(), json)
        }
    }

    struct FingerprintCommand: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "fingerprint",
            abstract: "Hashing files, printing a large model, searching a million prints.",
            discussion: """
                EXAMPLES
                  provnode bench fingerprint
                  provnode bench fingerprint --triangles 5000000 --runs 9 --json
                  provnode bench fingerprint --file-gib 4
                """)

        @Option(help: "Triangles of the model, 1,000 to 8,000,000.") var triangles = 1_300_000
        @Option(help: "Prints to search, 1,000 to 10,000,000.") var prints = 1_000_000
        @Option(help: "Size of a file to write to the temporary folder and to hash, 0 to 64 GiB.") var fileGib = 0
        @Option(help: "Runs, 1 to 100.") var runs = 5
        @Flag(help: "Print one JSON document.") var json = false

        func validate() throws {
            guard (1_000...8_000_000).contains(triangles), (1_000...10_000_000).contains(prints),
                (0...64).contains(fileGib), (1...100).contains(runs)
            else {
                throw ValidationError(
                    """
                    --triangles takes 1000 to 8000000, --prints 1000 to 10000000, --file-gib 0 to 64, --runs 1 to 100.
                    """)
            }
        }

        func run() throws {
            Bench.show(
                try FingerprintBench(triangles: triangles, prints: prints, fileGibibytes: fileGib, runs: runs).run(),
                json)
        }
    }

    static func show(_ report: BenchReport, _ json: Bool) {
        if json { Output.json(report) } else { print(report.table) }
    }
}
