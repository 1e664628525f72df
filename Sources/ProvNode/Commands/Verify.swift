import ArgumentParser
import Foundation
import ProvChain

/// An independent look at everything on disk, without trusting what the node remembers.
struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check everything on disk against the genesis, offline.",
        discussion: """
            Reads every statement of the log again: tiles against entries, headers, certificates, signatures, \
            rules and roots; then the state database, and counts and samples of the index, against what that gives. \
            Nothing is written. With --deep a second index is built in the folder for temporary files (TMPDIR) and \
            compared row by row. Stop the node to have the state compared, and for --deep.

            EXAMPLES
              provnode verify --home ~/provnode
              provnode verify --home ~/provnode --deep
              provnode verify --home ~/provnode --json
            """)

    @Option(help: "The node's folder.") var home: String
    @Flag(help: "Compare every row of the index.") var deep = false
    @Flag(help: "Print one JSON document.") var json = false

    func run() throws {
        let home = NodeHome(home)
        let verification = HomeVerification(home: home, genesis: try home.loadGenesis(), isDeep: deep)
        let bar = ProgressBar(isShown: !json && SystemTerminal.isErrorATerminal)
        let report = verification.run { part, done, total in bar.show(part, done, total) }
        bar.finish()
        if json {
            Output.json(report)
        } else {
            for check in report.checks {
                print("\(check.ok ? "ok  " : "FAIL") \(check.name): \(check.detail.text(in: .ofLocale))")
            }
            print(
                (report.verified
                    ? Phrase("Everything on disk is as it should be.", "磁盘上的一切均正常。")
                    : Phrase("Something is wrong, see above.", "存在问题，见上文。")).text(in: .ofLocale))
        }
        if !report.verified { throw ExitCode(1) }
    }
}
