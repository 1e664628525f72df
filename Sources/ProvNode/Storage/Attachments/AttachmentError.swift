import Glibc
import ProvChain

/// Why an attachment was not stored or cannot be given.
enum AttachmentError: Error, Hashable, Sendable {
    case empty
    case tooLarge(bytes: Int, limit: Int)
    case quotaExceeded(usedBytes: Int, neededBytes: Int, quotaBytes: Int)
    /// The file's bytes do not have the hash that is its name.
    case damaged(file: String, hash: Digest)
    case diskFull(file: String)
    case system(operation: String, file: String, code: Int32)
}

extension AttachmentError: Spoken {
    var phrase: Phrase {
        switch self {
        case .empty:
            Phrase(
                "an attachment has at least one byte",
                "附件至少应有一个字节")
        case .tooLarge(let bytes, let limit):
            Phrase(
                "the attachment has \(bytes) bytes; at most \(limit) are allowed",
                "附件共 \(bytes) 字节，上限为 \(limit)")
        case .quotaExceeded(let used, let needed, let quota):
            Phrase(
                "attachments use \(used) of \(quota) bytes, and \(needed) more were to be stored: raise the quota of "
                    + "attachments in the configuration, or prune",
                "附件已用 \(quota) 字节配额中的 \(used)，还需存入 \(needed)：请在配置中提高附件配额，或运行 prune")
        case .damaged(let file, let hash):
            Phrase(
                "\(file) does not have the hash \(hash) any more: check the disk, and fetch the attachment again",
                "\(file) 的哈希已不是 \(hash)：请检查磁盘，并重新获取该附件")
        case .diskFull(let file):
            Phrase(
                "no space left on the disk of \(file): free some space, then retry",
                "\(file) 所在磁盘已满：请释放空间后重试")
        case .system(let operation, let file, let code):
            Phrase(
                "\(operation) \(file): \(Self.reason(code))",
                "\(operation) \(file)：\(Self.reason(code))")
        }
    }

    private static func reason(_ code: Int32) -> String {
        strerror(code).map { String(cString: $0) } ?? "error \(code)"
    }
}
