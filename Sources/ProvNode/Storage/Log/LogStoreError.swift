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

extension LogStoreError: CustomStringConvertible {
    var description: String {
        switch self {
        case .locked(let file, let identifier):
            "\(file) is held by \(identifier.map { "process \($0)" } ?? "another process"): "
                + "stop it before starting a second node on the same home"
        case .diskFull(let file, let bytes):
            "no space left on the disk of \(file) for \(bytes) bytes: free some space, then retry"
        case .system(let operation, let file, let code):
            "\(operation) \(file): \(Self.reason(code))"
        case .syncFailed(let file, let code):
            "sync \(file): \(Self.reason(code)); the disk may have lost bytes: check the disk, then restart"
        case .poisoned(let cause):
            "the log stopped after an earlier failure (\(cause)): restart the node"
        case .newerFormat(let file, let found, let known):
            "\(file) was written by a newer provnode (log format \(found), provnode \(Software.version) knows "
                + "\(known)): install the release that wrote it"
        case .durableMissing(let file):
            "\(file) is missing although the log is not empty: restore it, or \(Self.resync)"
        case .durableCorrupt(let file, let reason):
            "\(file) is damaged (\(reason)): restore it, or \(Self.resync)"
        case .segmentCorrupt(let file, let offset, let reason):
            "\(file) is damaged at byte \(offset) (\(reason)) and valid data follows: restore it, or \(Self.resync)"
        case .blocksMissing(let file, let expected, let found):
            "\(file) continues at height \(found), expected \(expected): restore the missing segment, or \(Self.resync)"
        case .fileMissing(let file):
            "\(file) is missing: restore it, or \(Self.resync)"
        case .fileTooShort(let file, let expected, let found):
            "\(file) has \(found) bytes, expected at least \(expected): restore it, or \(Self.resync)"
        case .itemCorrupt(let file, let index, let reason):
            "\(file), item \(index): \(reason): restore the file, or \(Self.resync)"
        case .rootMismatch(let size, let expected, let found):
            "the tiles give root \(found) at size \(size), expected \(expected): "
                + "verify the log to find the file, restore it, or \(Self.resync)"
        case .heightNotNext(let expected, let found):
            "block \(found) does not follow: the log expects height \(expected)"
        case .timeNotAfter(let last, let found):
            "block time \(found) ms is not after the last one, \(last) ms"
        case .blockWithoutLeaves(let height):
            "block \(height) appends nothing, not even its header"
        case .leafTooLong(let height, let position, let bytes, let limit):
            "leaf \(position) of block \(height) has \(bytes) bytes, the limit of an entry bundle is \(limit)"
        case .recordTooLong(let bytes, let limit):
            "\(bytes) bytes in one durable step, the limit is \(limit): append fewer blocks at once"
        case .outOfRange(let index, let count):
            "number \(index) does not exist, there are \(count)"
        }
    }

    private static let resync =
        "restore the whole home from a backup. On a chain with one validator the log is the chain: "
        + "never remove it"

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
