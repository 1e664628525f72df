import ArgumentParser
import ProvChain

struct Backup: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy a home to another folder, while its node runs.",
        discussion: """
            Copies genesis, configuration, state, index, log and attachments as they are at one moment, and writes \
            backup.json with the SHA-256 of every file. Attachments are hard links if both folders are on one file \
            system. The validator's keys are left out: keep them apart, offline.

            EXAMPLES
              provnode backup --home ~/provnode --to /mnt/backup/2026-11-21
              provnode backup --home ~/provnode --to /mnt/backup/2026-11-21 --with-keys
            """)

    @Option(help: "The node's folder.") var home: String
    @Option(help: "A folder that is empty or not there yet.") var to: String
    @Flag(help: "Copy keys/ too. Whoever has the copy and its passphrase can sign as this validator.")
    var withKeys = false
    @Flag(help: "Print one JSON document.") var json = false

    func run() throws {
        let home = NodeHome(home)
        let target = NodeHome(to).path
        let work = HomeBackup(home: home, genesis: try home.loadGenesis(), target: target, withKeys: withKeys)
        if withKeys {
            Output.message(
                "warning: the copy has the validator's keys. Never run a node on it while this one may run: two "
                    + "machines with the same keys fork the chain.")
        }
        let bar = ProgressBar(isShown: !json && SystemTerminal.isErrorATerminal)
        defer { bar.finish() }
        let manifest = try work.run(now: WallClock.now()) { part, done, total in bar.show(part, done, total) }
        bar.finish()
        if json {
            Output.json(Summary(folder: target, manifest))
        } else {
            print(
                """
                Backup of \(manifest.origin) in \(target)
                  tip         block \(manifest.tip.height), \(manifest.tip.size) leaves, root \(manifest.tip.root)
                  files       \(manifest.files.count), \(manifest.totalBytes) bytes
                  keys        \(withKeys ? "included" : "not included; keep them apart")
                """)
        }
        for hash in manifest.damagedAttachments {
            Output.message("warning: attachment \(hash) is damaged and was left out; run `provnode verify`")
        }
        if !manifest.damagedAttachments.isEmpty { throw ExitCode(1) }
    }

    /// The manifest without its list of files.
    private struct Summary: Encodable {
        let folder: String
        let chain: String
        let tip: BackupManifest.Tip
        let files: Int
        let bytes: Int
        let hasKeys: Bool
        let damagedAttachments: [String]

        init(folder: String, _ manifest: BackupManifest) {
            self.folder = folder
            (chain, tip, hasKeys) = (manifest.chain, manifest.tip, manifest.hasKeys)
            (files, bytes) = (manifest.files.count, manifest.totalBytes)
            damagedAttachments = manifest.damagedAttachments
        }
    }
}
