import Foundation
import GRDB
import ProvChain

/// A copy of a home at one moment, made while its node runs.
///
/// Nothing stops the node, so the order makes the copy consistent: the state first, then the index, then the
/// log. Each of them stands at or below the next in the running node, and so also in the copy. Attachments
/// come last, because they are stored before the statement that refers to them; and the marks of restricted ones
/// after them, because a mark is there before its attachment.
struct HomeBackup {
    let home: NodeHome
    let genesis: GenesisFile
    /// An absolute path of a folder that is empty or not there yet.
    let target: String
    let withKeys: Bool

    typealias Progress = (_ part: String, _ done: UInt64, _ total: UInt64) -> Void

    func run(now: UInt64, _ progress: Progress) throws -> BackupManifest {
        guard LogFolder.exists(LogPaths(home: home.path).durable) else {
            throw NodeCommandError(
                phrase: Phrase(
                    "there is no log in \(home.path) yet: the node has not run",
                    "\(home.path) 中还没有日志：节点尚未运行过"), code: 65)
        }
        guard try LogFolder.names(in: target).isEmpty else { throw BackupError.notEmpty(target) }
        _ = try LogFolder.create(target, mode: 0o700)
        var copy = FileCopying(into: target)
        let stateHeight = try copyState(&copy)
        let indexHeight = try copyIndex(&copy)
        let reader = try LogReader.open(at: home.path)
        guard let height = reader.height else {
            throw NodeCommandError(
                phrase: Phrase(
                    "the log in \(home.path) is empty",
                    "\(home.path) 中的日志为空"), code: 65)
        }
        if let indexHeight, indexHeight > height {
            throw BackupError.indexAheadOfLog(index: indexHeight, log: height)
        }
        try LogCopying(reader: reader).run(&copy) { progress("log", $0, $1) }
        let damaged = try copyAttachments(&copy, progress)
        try copyMarks(&copy)
        try copyAccessLog(&copy)
        try copySmallFiles(&copy)
        guard try LogReader.open(at: target).extent == reader.extent else {
            throw BackupError.notVerified(target, reason: "the copy of the log ends elsewhere")
        }
        let extent = reader.extent
        let manifest = BackupManifest(
            software: Software.version, chain: genesis.genesis.chain.hex, origin: genesis.genesis.origin, created: now,
            tip: .init(height: height, size: extent.size, root: extent.root.hex, time: extent.lastTime),
            stateHeight: stateHeight, indexHeight: indexHeight, hasKeys: withKeys, damagedAttachments: damaged,
            files: copy.files.sorted { $0.path < $1.path })
        try finish(manifest, copy)
        return manifest
    }

    // MARK: Databases

    private func copyState(_ copy: inout FileCopying) throws -> UInt64? {
        let bytes = try copyDatabase(StateSchema.file(home.stateDatabase), NodeHome.stateDatabaseName, &copy) { db in
            try Data.fetchOne(db, sql: StateSchema.checkpoint)
        }
        return try bytes.map { try StateCheckpoint(cbor: Array($0)).tip.header.height }
    }

    private func copyIndex(_ copy: inout FileCopying) throws -> UInt64? {
        try copyDatabase(
            IndexSchema.file(home.indexDatabase), NodeHome.indexDatabaseName, &copy, read: IndexDatabase.height)
    }

    /// The whole database in one step: readers do not hold up its writer, while a copy in several steps would
    /// begin anew with every write.
    private func copyDatabase<T>(
        _ file: DatabaseFile, _ name: String, _ copy: inout FileCopying, read: (Database) throws -> T?
    ) throws -> T? {
        let value: T?
        do {
            guard let source = try file.openReadOnly() else { return nil }
            let path = target + "/" + name
            let queue = try DatabaseQueue(path: path)
            try source.backup(to: queue)
            value = try queue.read(read)
            try queue.close()
            try source.close()
            for suffix in ["-wal", "-shm"] { try LogFolder.remove(path + suffix) }
        } catch let error as DatabaseError {
            throw DatabaseFailure.failed(file: file.path, reason: "copying it: \(error)")
        }
        try copy.note(written: name)
        return value
    }

    // MARK: Files

    /// - Returns: the hashes of attachments that are damaged; they are not copied.
    private func copyAttachments(_ copy: inout FileCopying, _ progress: Progress) throws -> [String] {
        guard LogFolder.exists(home.attachments) else { return [] }
        let folder = AttachmentFolder(path: home.attachments)
        let hashes = try folder.hashes()
        var damaged: [String] = []
        for (number, hash) in hashes.enumerated() {
            do {
                // Taken down since it was listed.
                guard let bytes = try folder.get(hash) else { continue }
                try copy.link(
                    folder.file(hash), "attachments/" + AttachmentFolder.name(hash), length: bytes.count, hash: hash)
            } catch AttachmentError.damaged {
                damaged.append(hash.hex)
            }
            progress("attachments", UInt64(number + 1), UInt64(hashes.count))
        }
        return damaged
    }

    /// Without its mark, a restored node would give a restricted attachment to everybody. Those whose bytes are not
    /// here have marks, too.
    private func copyMarks(_ copy: inout FileCopying) throws {
        guard LogFolder.exists(home.attachments) else { return }
        for hash in try AttachmentFolder(path: home.attachments).restricted() {
            try copy.write([], "attachments/" + AttachmentFolder.name(hash) + AttachmentFolder.mark)
        }
        for hash in try AttachmentFolder(path: home.attachments).removed() {
            try copy.write([], "attachments/" + AttachmentFolder.name(hash) + AttachmentFolder.removedMark)
        }
    }

    /// Segments in the order in which they were begun: so each but the last is whole. The last may end in a line
    /// that is being written, which a node that opens it drops.
    private func copyAccessLog(_ copy: inout FileCopying) throws {
        for segment in try AccessLog.segments(home.accessLog) {
            let file = home.accessLog + "/" + segment.name
            // Too old since it was listed.
            guard LogFolder.exists(file) else { continue }
            try copy.copy(file, "access/" + segment.name)
        }
    }

    private func copySmallFiles(_ copy: inout FileCopying) throws {
        try copy.copy(home.genesis, "genesis.cbor", mode: 0o644)
        for (file, name) in [(home.configuration, "provnode.toml"), (HomeFormat.file(home), "format")]
        where LogFolder.exists(file) {
            try copy.copy(file, name, mode: 0o644)
        }
        guard withKeys else { return }
        for name in try LogFolder.names(in: home.keys) where name.hasSuffix(".key") {
            try copy.copy(home.keys + "/" + name, "keys/" + name, mode: 0o600)
        }
    }

    /// The manifest comes last, when everything that it names is on the disk.
    private func finish(_ manifest: BackupManifest, _ copy: FileCopying) throws {
        try copy.sync()
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes, .prettyPrinted]
        let bytes = Array(try encoder.encode(manifest))
        let file = target + "/" + BackupManifest.name
        let new = try LogFile.open(file + ".new", .replace(mode: 0o644))
        try new.write(bytes, at: 0)
        try new.sync()
        try LogFolder.rename(file + ".new", to: file)
        try LogFolder.sync(target)
    }
}
