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

extension AttachmentError: CustomStringConvertible {
    var description: String {
        switch self {
        case .empty: "an attachment has at least one byte"
        case .tooLarge(let bytes, let limit): "the attachment has \(bytes) bytes; at most \(limit) are allowed"
        case .quotaExceeded(let used, let needed, let quota):
            "attachments use \(used) of \(quota) bytes, and \(needed) more were to be stored: raise the quota of "
                + "attachments in the configuration, or prune"
        case .damaged(let file, let hash):
            "\(file) does not have the hash \(hash) any more: check the disk, and fetch the attachment again"
        case .diskFull(let file): "no space left on the disk of \(file): free some space, then retry"
        case .system(let operation, let file, let code):
            "\(operation) \(file): \(strerror(code).map { String(cString: $0) } ?? "error \(code)")"
        }
    }
}
