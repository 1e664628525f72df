import Glibc
import ProvChain

/// Why the history log cannot be opened, read or extended, and what the operator should do.
enum LogStoreError: Error, Hashable, Sendable {
    /// Another process, or another part of this one, has the log open for writing.
    case locked(file: String, processIdentifier: Int32?)
    /// Nothing was changed; the same call may be repeated once there is space.
    case diskFull(file: String, neededBytes: Int)
    case system(operation: String, file: String, code: Int32)
    /// The kernel may have dropped the bytes it could not write, so a second attempt would prove nothing.
    case syncFailed(file: String, code: Int32)
    /// An earlier failure left memory and disk apart; only opening the log again repairs it.
    case poisoned(cause: String)
    case durableMissing(file: String)
    case newerFormat(file: String, found: UInt64, known: UInt64)
    case durableCorrupt(file: String, reason: String)
    /// A record that was durable once cannot be read any more, and it is not the last one.
    case segmentCorrupt(file: String, offset: Int, reason: String)
    /// The commit segments do not continue where the tiles end.
    case blocksMissing(file: String, expectedHeight: UInt64, foundHeight: UInt64)
    case fileMissing(file: String)
    case fileTooShort(file: String, expectedBytes: Int, foundBytes: Int)
    /// Item `index` of the whole column (entry, hash or certificate number) is not what it must be.
    case itemCorrupt(file: String, index: UInt64, reason: String)
    case rootMismatch(size: UInt64, expected: Digest, found: Digest)
    case heightNotNext(expected: UInt64, found: UInt64)
    case timeNotAfter(last: UInt64, found: UInt64)
    case blockWithoutLeaves(height: UInt64)
    case leafTooLong(height: UInt64, position: Int, bytes: Int, limit: Int)
    case recordTooLong(bytes: Int, limit: Int)
    case outOfRange(index: UInt64, count: UInt64)
}

extension LogStoreError: Spoken {
    var phrase: Phrase {
        switch self {
        case .locked(let file, let identifier):
            Phrase(
                "\(file) is held by \(identifier.map { "process \($0)" } ?? "another process"): "
                    + "stop it before starting a second node on the same home",
                "\(file) 正被\(identifier.map { "进程 \($0) " } ?? "另一进程")占用：请先停止它，再在同一目录上启动节点")
        case .diskFull(let file, let bytes):
            Phrase(
                "no space left on the disk of \(file) for \(bytes) bytes: free some space, then retry",
                "\(file) 所在磁盘没有 \(bytes) 字节的空间：请释放空间后重试")
        case .system(let operation, let file, let code):
            Phrase(
                "\(operation) \(file): \(Self.reason(code))",
                "\(operation) \(file)：\(Self.reason(code))")
        case .syncFailed(let file, let code):
            Phrase(
                "sync \(file): \(Self.reason(code)); the disk may have lost bytes: check the disk, then restart",
                "同步 \(file)：\(Self.reason(code))；磁盘可能已丢失数据：请检查磁盘后重启")
        case .poisoned(let cause):
            Phrase(
                "the log stopped after an earlier failure (\(cause)): restart the node",
                "日志因先前的故障（\(cause)）已停止写入：请重启节点")
        case .newerFormat(let file, let found, let known):
            Phrase(
                "\(file) was written by a newer provnode (log format \(found), provnode \(Software.version) knows "
                    + "\(known)): install the release that wrote it",
                "\(file) 由更新版本的 provnode 写成（日志格式 \(found)，provnode \(Software.version) 支持 \(known)）：请安装写出它的版本")
        case .durableMissing(let file):
            Phrase(
                "\(file) is missing although the log is not empty: restore it, or \(Self.resync.english)",
                "日志不为空，但 \(file) 缺失：请恢复该文件，或\(Self.resync.chinese)")
        case .durableCorrupt(let file, let reason):
            Phrase(
                "\(file) is damaged (\(reason)): restore it, or \(Self.resync.english)",
                "\(file) 已损坏（\(reason)）：请恢复该文件，或\(Self.resync.chinese)")
        case .segmentCorrupt(let file, let offset, let reason):
            Phrase(
                "\(file) is damaged at byte \(offset) (\(reason)) and valid data follows: restore it, or \(Self.resync.english)",
                "\(file) 在第 \(offset) 字节处损坏（\(reason)），其后仍有有效数据：请恢复该文件，或\(Self.resync.chinese)")
        case .blocksMissing(let file, let expected, let found):
            Phrase(
                "\(file) continues at height \(found), expected \(expected): restore the missing segment, or \(Self.resync.english)",
                "\(file) 从高度 \(found) 开始，应为 \(expected)：请恢复缺失的分段，或\(Self.resync.chinese)")
        case .fileMissing(let file):
            Phrase(
                "\(file) is missing: restore it, or \(Self.resync.english)",
                "\(file) 缺失：请恢复该文件，或\(Self.resync.chinese)")
        case .fileTooShort(let file, let expected, let found):
            Phrase(
                "\(file) has \(found) bytes, expected at least \(expected): restore it, or \(Self.resync.english)",
                "\(file) 有 \(found) 字节，至少应有 \(expected)：请恢复该文件，或\(Self.resync.chinese)")
        case .itemCorrupt(let file, let index, let reason):
            Phrase(
                "\(file), item \(index): \(reason): restore the file, or \(Self.resync.english)",
                "\(file) 第 \(index) 项：\(reason)：请恢复该文件，或\(Self.resync.chinese)")
        case .rootMismatch(let size, let expected, let found):
            Phrase(
                "the tiles give root \(found) at size \(size), expected \(expected): "
                    + "verify the log to find the file, restore it, or \(Self.resync.english)",
                "由瓦片文件算得大小 \(size) 时的根为 \(found)，应为 \(expected)：请校验日志以找出该文件并恢复，或\(Self.resync.chinese)")
        case .heightNotNext(let expected, let found):
            Phrase(
                "block \(found) does not follow: the log expects height \(expected)",
                "区块 \(found) 不连续：日志的下一高度应为 \(expected)")
        case .timeNotAfter(let last, let found):
            Phrase(
                "block time \(found) ms is not after the last one, \(last) ms",
                "区块时间 \(found) 毫秒不晚于上一区块的 \(last) 毫秒")
        case .blockWithoutLeaves(let height):
            Phrase(
                "block \(height) appends nothing, not even its header",
                "区块 \(height) 未追加任何内容，连区块头都没有")
        case .leafTooLong(let height, let position, let bytes, let limit):
            Phrase(
                "leaf \(position) of block \(height) has \(bytes) bytes, the limit of an entry bundle is \(limit)",
                "区块 \(height) 的第 \(position) 个叶子有 \(bytes) 字节，条目包上限为 \(limit)")
        case .recordTooLong(let bytes, let limit):
            Phrase(
                "\(bytes) bytes in one durable step, the limit is \(limit): append fewer blocks at once",
                "一次持久化写入 \(bytes) 字节，上限为 \(limit)：请减少一次追加的区块数")
        case .outOfRange(let index, let count):
            Phrase(
                "number \(index) does not exist, there are \(count)",
                "编号 \(index) 不存在，共有 \(count) 个")
        }
    }

    private static let resync = Phrase(
        "restore the whole home from a backup. On a chain with one validator the log is the chain: never remove it",
        "从备份恢复整个目录。在只有一个验证者的链上，日志就是链本身：切勿将其移除")

    private static func reason(_ code: Int32) -> String { String(cString: strerror(code)) + " (\(code))" }
}

extension LogStoreError {
    /// The error of a failed system call; a full disk and a full quota are told apart from the rest.
    static func last(_ operation: String, _ file: String, bytes: Int = 0, code: Int32 = errno) -> LogStoreError {
        code == ENOSPC || code == EDQUOT
            ? .diskFull(file: file, neededBytes: bytes)
            : .system(operation: operation, file: file, code: code)
    }
}
