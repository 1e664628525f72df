import ArgumentParser
import Foundation
import ProvChain

/// An independent look at everything on disk, without trusting what the node remembers.
struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check everything on disk against the genesis, offline.",
        discussion: """
            Reads every statement of the log again: tiles against entries, headers, certificates, signatures, \
            rules and roots; then the state database against the state root. The node must be stopped for the \
            databases to be compared; the log can be checked while it runs.

            EXAMPLES
              provnode verify --home ~/provnode
              provnode verify --home ~/provnode --json
            """)

    @Option(help: "The node's folder.") var home: String
    @Flag(help: "Print one JSON document.") var json = false

    func run() throws {
        let home = NodeHome(home)
        let verification = HomeVerification(home: home, genesis: try home.loadGenesis())
        let bar = ProgressBar(isShown: !json && SystemTerminal.isErrorATerminal)
        let report = verification.run { part, done, total in bar.show(part, done, total) }
        bar.finish()
        if json {
            Output.json(report)
        } else {
            for check in report.checks { print("\(check.ok ? "ok  " : "FAIL") \(check.name): \(check.detail)") }
            print(report.verified ? "Everything on disk is as it should be." : "Something is wrong, see above.")
        }
        if !report.verified { throw ExitCode(1) }
    }
}

/// Progress on a terminal's standard error.
final class ProgressBar {
    private let isShown: Bool
    private var last = -1

    init(isShown: Bool) { self.isShown = isShown }

    func show(_ part: String, _ done: UInt64, _ total: UInt64) {
        guard isShown, total > 0 else { return }
        let percent = Int(done * 100 / total)
        guard percent != last else { return }
        last = percent
        let filled = String(repeating: "#", count: percent / 4).padding(toLength: 25, withPad: " ", startingAt: 0)
        FileHandle.standardError.write(Data("\r[\(filled)] \(percent)% \(part)\u{1b}[K".utf8))
    }

    func finish() {
        if isShown, last >= 0 { FileHandle.standardError.write(Data("\r\u{1b}[K".utf8)) }
    }
}
