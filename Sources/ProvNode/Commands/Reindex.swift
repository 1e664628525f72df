import ArgumentParser
import ProvChain

/// Databases follow from the log, so they can always be made again.
struct Reindex: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Build index.sqlite again from the log, and with --state state.sqlite too.",
        discussion: """
            Executes the whole log. The new databases are built beside the old ones and take their place when \
            they are whole, so it can be interrupted at any time. The log is not changed. The node must be stopped.

            EXAMPLES
              provnode reindex --home ~/provnode
              provnode reindex --home ~/provnode --state --json
            """)

    @Option(help: "The node's folder.") var home: String
    @Flag(help: "Build the state again too.") var state = false
    @Flag(help: "Print one JSON document.") var json = false

    func run() throws {
        let home = NodeHome(home)
        let work = Reindexing(home: home, genesis: try home.loadGenesis(), replacesState: state)
        let bar = ProgressBar(isShown: !json && SystemTerminal.isErrorATerminal)
        defer { bar.finish() }
        let report = try work.run { part, done, total in bar.show(part, done, total) }
        bar.finish()
        if json { return Output.json(report) }
        print(
            """
            Built again: \(report.replaced.joined(separator: ", ")), up to block \(report.height)
              statements  \(report.statements)
              state root  \(report.stateRoot)
              index       \(report.indexBytes) bytes
            """)
    }
}
