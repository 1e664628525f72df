import Foundation
import Glibc
import ProvChain

/// Makes a home from a backup: every file against the manifest, then everything against the genesis.
///
/// The new home is made beside its place and gets its name when it has passed, so a failed restore leaves
/// nothing that a node could be started on.
struct Restoration {
    /// The backup's folder.
    let source: String
    let home: NodeHome

    typealias Progress = (_ part: String, _ done: UInt64, _ total: UInt64) -> Void

    struct Result {
        let manifest: BackupManifest
        let verification: HomeVerification.Report
    }

    private var staging: NodeHome { NodeHome(home.path + ".restoring") }

    func run(_ progress: @escaping Progress) throws -> Result {
        let manifest = try BackupManifest.load(source)
        guard try LogFolder.names(in: home.path).isEmpty else { throw BackupError.notEmpty(home.path) }
        let staging = staging
        guard try LogFolder.names(in: staging.path).isEmpty else { throw BackupError.notEmpty(staging.path) }
        do {
            let copy = try copyFiles(manifest, progress)
            let report = try verify(manifest, progress)
            try RestoredHome(staging).mark(manifest)
            try copy.sync()
            // rename replaces an empty folder.
            try LogFolder.rename(staging.path, to: home.path)
            try LogFolder.sync(LogFolder.parent(of: home.path))
            return Result(manifest: manifest, verification: report)
        } catch {
            try? FileManager.default.removeItem(atPath: staging.path)
            throw error
        }
    }

    private func copyFiles(_ manifest: BackupManifest, _ progress: Progress) throws -> FileCopying {
        _ = try LogFolder.create(staging.path, mode: 0o750)
        var copy = FileCopying(into: staging.path)
        for (number, file) in manifest.files.enumerated() {
            let path = source + "/" + file.path
            guard LogFolder.exists(path) else { throw BackupError.fileMissing(path) }
            try copy.copy(path, file.path, mode: Self.mode(file.path))
            guard let made = copy.files.last, made.bytes == file.bytes else {
                throw BackupError.fileDamaged(
                    path, reason: "\(copy.files.last?.bytes ?? 0) bytes, the manifest says \(file.bytes)")
            }
            guard made.sha256 == file.sha256 else {
                throw BackupError.fileDamaged(path, reason: "SHA-256 \(made.sha256), the manifest says \(file.sha256)")
            }
            progress("files", UInt64(number + 1), UInt64(manifest.files.count))
        }
        return copy
    }

    /// Who may read a file: keys nobody else, what may be restricted not everybody.
    private static func mode(_ path: String) -> mode_t {
        switch path.prefix(while: { $0 != "/" }) {
        case "keys": 0o600
        case "attachments", "access": AttachmentStore.fileMode
        default: 0o644
        }
    }

    private func verify(
        _ manifest: BackupManifest, _ progress: @escaping Progress
    ) throws -> HomeVerification.Report {
        let genesis = try staging.loadGenesis()
        guard genesis.genesis.chain.hex == manifest.chain else {
            throw BackupError.otherChain(
                source + "/genesis.cbor", found: genesis.genesis.chain.hex, expected: manifest.chain)
        }
        let extent = try LogReader.open(at: staging.path).extent
        guard extent.height == manifest.tip.height, extent.size == manifest.tip.size,
            extent.root.hex == manifest.tip.root
        else { throw BackupError.fileDamaged(source + "/log", reason: "it does not end at the manifest's tip") }
        let report = HomeVerification(home: staging, genesis: genesis).run(progress: progress)
        if let failed = report.checks.first(where: { !$0.ok }) {
            throw BackupError.notVerified(source, reason: "\(failed.name): \(failed.detail.english)")
        }
        return report
    }
}

/// The mark of a home that came out of a backup: `restored.json`.
///
/// A backup is older than the chain that it was taken from. A sole validator that goes on from it signs other
/// blocks at heights that are final already, and nothing in the home can know that. So somebody has to say it.
struct RestoredHome {
    let home: NodeHome

    struct Content: Codable, Equatable {
        let height: UInt64
        let root: String
        /// When the backup was made, milliseconds since 1970.
        let created: UInt64
    }

    init(_ home: NodeHome) { self.home = home }

    var file: String { home.path + "/restored.json" }

    func mark(_ manifest: BackupManifest) throws {
        let content = Content(height: manifest.tip.height, root: manifest.tip.root, created: manifest.created)
        try FileBytes.create(file, Array(try JSONEncoder().encode(content)))
    }

    /// Refuses to go on from a restored log unless its height was named.
    ///
    /// - Returns: true if there is a mark, to be taken away by ``accept()`` once the node has opened the log.
    func check(continueAfter height: UInt64?) throws -> Bool {
        guard let data = FileManager.default.contents(atPath: file) else {
            if height != nil { throw BackupError.nothingRestored }
            return false
        }
        let content: Content
        do {
            content = try JSONDecoder().decode(Content.self, from: data)
        } catch {
            throw BackupError.badManifest(file, reason: "\(error)")
        }
        guard let height else { throw BackupError.restoredHome(file: file, height: content.height) }
        guard height == content.height else {
            throw BackupError.wrongHeight(given: height, restored: content.height)
        }
        return true
    }

    /// Keeps the mark under another name, as a trace of what was decided.
    func accept() throws {
        try LogFolder.rename(file, to: home.path + "/restored.accepted.json")
        try LogFolder.sync(home.path)
    }
}
