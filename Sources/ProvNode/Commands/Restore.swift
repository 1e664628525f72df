import ArgumentParser
import ProvChain

struct Restore: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a home from a backup, and verify all of it.",
        discussion: """
            Checks every file against backup.json, then does what `provnode verify` does. The new home does not \
            start by itself: a backup may be older than the chain, and `provnode run` says what to consider.

            EXAMPLES
              provnode restore --from /mnt/backup/2026-11-21 --home /var/lib/provnode/node
            """)

    @Option(help: "The folder of the backup.") var from: String
    @Option(help: "The home to make: a folder that is empty or not there yet.") var home: String
    @Flag(help: "Print one JSON document.") var json = false

    func run() throws {
        let home = NodeHome(home)
        let bar = ProgressBar(isShown: !json && SystemTerminal.isErrorATerminal)
        defer { bar.finish() }
        let result = try Restoration(source: NodeHome(from).path, home: home).run { part, done, total in
            bar.show(part, done, total)
        }
        bar.finish()
        let tip = result.manifest.tip
        if json {
            return Output.json(Summary(home: home.path, tip: tip, hasKeys: result.manifest.hasKeys, verified: true))
        }
        for check in result.verification.checks { print("ok   \(check.name): \(check.detail.text(in: .ofLocale))") }
        print(
            """
            Restored \(result.manifest.origin) in \(home.path), up to block \(tip.height).
            \(result.manifest.hasKeys ? "The keys were in the backup." : "Now put keys/ in place; it was not in it.")
            If a block \(tip.height + 1) was ever final, a node on this home signs another one in its place.
            Make sure that there is no newer log and no other node with these keys; then
              provnode run --home \(home.path) --continue-after \(tip.height)
            """)
    }

    private struct Summary: Encodable {
        let home: String
        let tip: BackupManifest.Tip
        let hasKeys: Bool
        let verified: Bool
    }
}
