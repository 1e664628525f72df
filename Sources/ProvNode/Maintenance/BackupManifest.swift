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
enum BackupError: Equatable, Spoken {
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

    var phrase: Phrase {
        switch self {
        case .notEmpty(let folder):
            Phrase(
                "\(folder) is not an empty folder; choose another one",
                "\(folder) 不是空文件夹；请另选一个")
        case .incomplete(let folder):
            Phrase(
                "\(folder) has no \(BackupManifest.name): it is not a backup, or it was interrupted before it was whole",
                "\(folder) 中没有 \(BackupManifest.name)：它不是备份，或备份在完成前中断")
        case .badManifest(let file, let reason):
            Phrase(
                "\(file) is damaged (\(reason)): use another backup",
                "\(file) 已损坏（\(reason)）：请使用其他备份")
        case .newerFormat(let file, let found, let known):
            Phrase(
                "\(file) was written by a newer provnode (backup format \(found), provnode \(Software.version) knows "
                    + "\(known)): install the release that wrote it",
                "\(file) 由更新版本的 provnode 写成（备份格式 \(found)，provnode \(Software.version) 支持 \(known)）：请安装写出它的版本")
        case .fileMissing(let file):
            Phrase(
                "\(file) is missing from the backup: use another backup",
                "备份中缺少 \(file)：请使用其他备份")
        case .fileDamaged(let file, let reason):
            Phrase(
                "\(file) is damaged (\(reason)): use another backup",
                "\(file) 已损坏（\(reason)）：请使用其他备份")
        case .otherChain(let file, let found, let expected):
            Phrase(
                "\(file) belongs to chain \(found), the backup to \(expected)",
                "\(file) 属于链 \(found)，而备份属于链 \(expected)")
        case .notVerified(let folder, let reason):
            Phrase(
                "what was restored from \(folder) does not verify: \(reason)",
                "由 \(folder) 恢复的内容未通过校验：\(reason)")
        case .indexAheadOfLog(let index, let log):
            Phrase(
                "the index stands at block \(index), the log at \(log): the log lost blocks; run `provnode verify`",
                "索引在区块 \(index)，日志在 \(log)：日志丢失了区块；请运行 `provnode verify`")
        case .restoredHome(let file, let height):
            Phrase(
                "this home was restored from a backup that ends at block \(height) (\(file)). If a block \(height + 1) was "
                    + "ever final, going on signs another one in its place, and everybody with a newer receipt can prove "
                    + "it. Look for a newer copy of log/ first. If there is none, and no other machine runs with these "
                    + "keys, start once with --continue-after \(height)",
                "此目录由止于区块 \(height) 的备份恢复而来（\(file)）。若区块 \(height + 1) 曾经最终确认，继续运行就会另行签署一个来代替它，"
                    + "任何持有较新回执的人都能证明这一点。请先寻找较新的 log/ 副本。若确实没有，且没有其他机器使用这些密钥，"
                    + "请用 --continue-after \(height) 启动一次")
        case .wrongHeight(let given, let restored):
            Phrase(
                "--continue-after \(given): the backup that was restored ends at block \(restored)",
                "--continue-after \(given)：所恢复的备份止于区块 \(restored)")
        case .nothingRestored:
            Phrase(
                "--continue-after is for a home that was just restored; this one was not",
                "--continue-after 仅用于刚恢复的目录，而此目录并非如此")
        }
    }
}
