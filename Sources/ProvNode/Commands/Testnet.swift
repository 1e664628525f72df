import ArgumentParser
import Foundation
import ProvChain

/// A chain with several validators on one machine, to try things and to develop.
struct Testnet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "A network of several validators on this machine, for development.",
        discussion: """
            EXAMPLES
              provnode testnet init --home /tmp/testnet --validators 4
              provnode testnet run --home /tmp/testnet
            """,
        subcommands: [TestnetInit.self, TestnetRun.self])
}

struct TestnetInit: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make the homes of all validators, with keys, genesis and configuration.",
        discussion: """
            FOR DEVELOPMENT ONLY: all keys are made in one place, and none is encrypted. Organisations that found a \
            chain together use `provnode apply`, `found` and `join`. DIR/testnet.json says who is where.

            EXAMPLES
              provnode testnet init --home /tmp/testnet --validators 4
              provnode testnet init --home /tmp/testnet --validators 7 --port 0      (any free ports)
            """)

    @Option(help: "The folder to make; the homes are DIR/1, DIR/2, …") var home: String
    @Option(help: "How many validators, 1 to \(Limits.validators); 4 go on when one fails.") var validators = 4
    @Option(help: "The log's origin, a URL without scheme.") var origin = "localhost/provchain-testnet"
    @Option(help: "The first port; each node takes two, for HTTP and for other nodes. 0 chooses free ones.")
    var port = 8_420
    @Flag(help: "Print one JSON document, the content of testnet.json.") var json = false

    func validate() throws {
        try FoundingOptions.check(origin: origin)
        guard (1...Limits.validators).contains(validators) else {
            throw ValidationError(
                "--validators takes 1 to \(Limits.validators).", "--validators 应为 1 至 \(Limits.validators)。")
        }
        let last = 65_536 - 2 * validators
        guard (0...last).contains(port) else {
            throw ValidationError(
                "--port takes 0 to \(last) for \(validators) validators.",
                "有 \(validators) 个验证者时，--port 应为 0 至 \(last)。")
        }
    }

    func run() throws {
        let folder = NodeHome(home).path
        let file = try TestnetMaker(folder: folder, origin: origin, validators: validators, firstPort: port).make()
        if json {
            Output.json(file)
            return
        }
        let rows = file.nodes.enumerated().map { "  \($0 + 1)  \($1.member)  \($1.url)  nodes \($1.peer)" }
        print(
            """
            FOR DEVELOPMENT ONLY: a network of \(validators) validators is ready in \(folder)
              chain  \(file.chain)
            \(rows.joined(separator: "\n"))
            The keys are NOT encrypted. All of it is described in \(TestnetFile.path(in: folder))
            Next: provnode testnet run --home \(folder)
            """)
    }
}

struct TestnetRun: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run all nodes of a network until interrupted, each in a process of its own.",
        discussion: """
            Each line of a node's log comes with the node's number, on standard error. When all are ready, one table \
            says where. SIGINT or SIGTERM stop all of them; a second one does not wait. A node that ends by itself is \
            started again after 1, 2, 4, … 30 seconds.

            Exit codes: 0 stopped, all nodes in good order; 70 a node was not, or none is left.

            EXAMPLES
              provnode testnet run --home /tmp/testnet
              provnode testnet run --home /tmp/testnet --no-restart --json 2>testnet.log
            """)

    @Option(help: "The folder that `provnode testnet init` made.") var home: String
    @Flag(inversion: .prefixedNo, help: "Start a node again that ended by itself.") var restart = true
    @Flag(help: "Print one JSON document when all are ready, instead of the table.") var json = false

    func run() async throws {
        let folder = NodeHome(home).path
        let file = try TestnetFile.read(folder)
        let console = TestnetConsole(json: json, isTerminal: isatty(STDERR_FILENO) == 1)
        let processes = TestnetProcesses(folder: folder, file: file, restarts: restart, console: console)
        let code = try await processes.run()
        if code != 0 { throw ExitCode(code) }
    }
}
