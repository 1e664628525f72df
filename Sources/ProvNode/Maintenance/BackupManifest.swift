import Foundation
import ProvChain

/// What a backup holds: `backup.json`, written last, so that its presence means that the backup is whole.
struct BackupManifest: Codable, Equatable {
    static let name = "backup.json"
    static let format = 1
    private static let maximumBytes = 1 << 30

    struct File: Codable, Equatable {
        /// Relative to the backup.
        let path: String
        let bytes: Int
        /// In hexadecimal.
        let sha256: String
    }

    struct Tip: Codable, Equatable {
        let height: UInt64
        /// Leaves of the history tree, and its root.
        let size: UInt64
        let root: String
        /// Block time, milliseconds since 1970.
        let time: UInt64
    }

    var format = Self.format
    let software: String
    let chain: String
    let origin: String
    /// Milliseconds since 1970.
    let created: UInt64
    let tip: Tip
    /// Where the databases stand: state, then index, then log; `nil` if there is no such database.
    let stateHeight: UInt64?
    let indexHeight: UInt64?
    let hasKeys: Bool
    /// Attachments whose bytes did not have their hash, so that they were left out.
    let damagedAttachments: [String]
    let files: [File]

    var totalBytes: Int { files.reduce(0) { $0 + $1.bytes } }

    /// Reads the manifest of the backup in `folder`.
    static func load(_ folder: String) throws -> BackupManifest {
        let file = folder + "/" + name
        guard let opened = try LogFile.openIfPresent(file, .read) else { throw BackupError.incomplete(folder) }
        guard try opened.length() <= maximumBytes else { throw BackupError.badManifest(file, reason: "too long") }
        let data = Data(try opened.readAll())
        struct Version: Decodable { let format: Int }
        do {
            let found = try JSONDecoder().decode(Version.self, from: data).format
            guard found <= format else { throw BackupError.newerFormat(file, found: found, known: format) }
            let manifest = try JSONDecoder().decode(BackupManifest.self, from: data)
            for entry in manifest.files where !isAllowed(entry.path) {
                throw BackupError.badManifest(file, reason: "\"\(entry.path)\" is not a file of a home")
            }
            return manifest
        } catch let error as BackupError {
            throw error
        } catch {
            throw BackupError.badManifest(file, reason: "\(error)")
        }
    }

    /// Names that a home has. A manifest is data from elsewhere: it must not choose where files go.
    private static func isAllowed(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) else {
            return false
        }
        return parts.count == 1 ? files.contains(String(first)) : folders.contains(String(first))
    }

    private static let files: Set<String> = [
        "genesis.cbor", "provnode.toml", "format", NodeHome.stateDatabaseName, NodeHome.indexDatabaseName,
    ]
    private static let folders: Set<String> = ["log", "attachments", "access", "keys"]
}

/// Why a backup cannot be made or used.
enum BackupError: Error, Equatable, CustomStringConvertible {
    case notEmpty(String)
    case incomplete(String)
    case badManifest(String, reason: String)
    case newerFormat(String, found: Int, known: Int)
    case fileMissing(String)
    case fileDamaged(String, reason: String)
    case otherChain(String, found: String, expected: String)
    case notVerified(String, reason: String)
    case indexAheadOfLog(index: UInt64, log: UInt64)
    case restoredHome(file: String, height: UInt64)
    case wrongHeight(given: UInt64, restored: UInt64)
    case nothingRestored

    var description: String {
        switch self {
        case .notEmpty(let folder): "\(folder) is not an empty folder; choose another one"
        case .incomplete(let folder):
            "\(folder) has no \(BackupManifest.name): it is not a backup, or it was interrupted before it was whole"
        case .badManifest(let file, let reason): "\(file) is damaged (\(reason)): use another backup"
        case .newerFormat(let file, let found, let known):
            "\(file) was written by a newer provnode (backup format \(found), provnode \(Software.version) knows "
                + "\(known)): install the release that wrote it"
        case .fileMissing(let file): "\(file) is missing from the backup: use another backup"
        case .fileDamaged(let file, let reason): "\(file) is damaged (\(reason)): use another backup"
        case .otherChain(let file, let found, let expected):
            "\(file) belongs to chain \(found), the backup to \(expected)"
        case .notVerified(let folder, let reason): "what was restored from \(folder) does not verify: \(reason)"
        case .indexAheadOfLog(let index, let log):
            "the index stands at block \(index), the log at \(log): the log lost blocks; run `provnode verify`"
        case .restoredHome(let file, let height):
            "this home was restored from a backup that ends at block \(height) (\(file)). If a block \(height + 1) was "
                + "ever final, going on signs another one in its place, and everybody with a newer receipt can prove "
                + "it. Look for a newer copy of log/ first. If there is none, and no other machine runs with these "
                + "keys, start once with --continue-after \(height)"
        case .wrongHeight(let given, let restored):
            "--continue-after \(given): the backup that was restored ends at block \(restored)"
        case .nothingRestored: "--continue-after is for a home that was just restored; this one was not"
        }
    }
}
