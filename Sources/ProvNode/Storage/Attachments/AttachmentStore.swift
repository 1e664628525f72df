import Glibc
import ProvChain
import Synchronization

/// The bytes that statements only name by their hash: one file each, under its hash.
///
/// A file appears under its name complete and durable, or not at all; and what is read is checked against the
/// name, so that a damaged disk gives an error and never wrong bytes. Any thread may call.
final class AttachmentStore: Sendable {
    let path: String
    /// Bytes that all attachments may use together.
    let quota: Int
    /// Bytes in use. Held while something is stored or removed, so that two writers of one attachment do not
    /// count it twice.
    private let used: Mutex<Int>

    static let fileMode: mode_t = 0o640
    static let directoryMode: mode_t = 0o750
    static let temporaryPrefix = "tmp-"

    /// Opens the store in the directory `path`, or creates it; adds up what it holds, and removes what a
    /// crash left unfinished.
    init(path: String, quota: Int) throws(AttachmentError) {
        self.path = path
        self.quota = quota
        try AttachmentFile.makeDirectory(path)
        used = Mutex(try Self.scan(path))
    }

    /// Bytes that the attachments use.
    var usedBytes: Int { used.withLock { $0 } }

    /// Stores `bytes` durably under their hash. Storing them again changes nothing, except that it mends a
    /// damaged file.
    @discardableResult
    func put(_ bytes: [UInt8]) throws(AttachmentError) -> Digest {
        guard !bytes.isEmpty else { throw .empty }
        guard bytes.count <= Limits.attachmentBytes else {
            throw .tooLarge(bytes: bytes.count, limit: Limits.attachmentBytes)
        }
        let hash = SHA256.hash(bytes)
        try used.withLock { used throws(AttachmentError) in
            let file = self.file(hash)
            let present = try AttachmentFile.size(file)
            if present != nil, (try? get(hash)) != nil { return }
            let needed = bytes.count - (present ?? 0)
            guard used + needed <= quota else {
                throw .quotaExceeded(usedBytes: used, neededBytes: needed, quotaBytes: quota)
            }
            try AttachmentFile.makeDirectory(directory(hash), in: path)
            try AttachmentFile.replace(file, with: bytes, by: directory(hash) + "/" + Self.temporaryPrefix + hash.hex)
            used += needed
        }
        return hash
    }

    /// The bytes with this hash, or `nil` if they are not here. Throws ``AttachmentError/damaged(file:hash:)``
    /// rather than give others.
    func get(_ hash: Digest) throws(AttachmentError) -> [UInt8]? { try folder.get(hash) }

    /// The hashes of all that is here, damaged or not, ascending.
    func hashes() throws(AttachmentError) -> [Digest] { try folder.hashes() }

    /// True if there is a file for this hash, damaged or not.
    func contains(_ hash: Digest) throws(AttachmentError) -> Bool { try AttachmentFile.size(file(hash)) != nil }

    /// Removes the bytes with this hash; false if they were not here.
    @discardableResult
    func remove(_ hash: Digest) throws(AttachmentError) -> Bool {
        try used.withLock { used throws(AttachmentError) in
            let file = self.file(hash)
            guard let size = try AttachmentFile.size(file) else { return false }
            guard unlink(file) == 0 else { throw .system(operation: "remove", file: file, code: errno) }
            try AttachmentFile.synchronize(directory: directory(hash))
            used -= size
            return true
        }
    }

    func directory(_ hash: Digest) -> String { path + "/" + hash.hex.prefix(2) }

    func file(_ hash: Digest) -> String { folder.file(hash) }

    var folder: AttachmentFolder { AttachmentFolder(path: path) }

    /// Bytes of all attachments; unfinished files are removed on the way.
    private static func scan(_ path: String) throws(AttachmentError) -> Int {
        var total = 0
        for name in try AttachmentFile.names(in: path) where name.utf8.count == 2 && Hex.decode(name) != nil {
            let directory = path + "/" + name
            for name in try AttachmentFile.names(in: directory) {
                let file = directory + "/" + name
                if name.hasPrefix(temporaryPrefix) {
                    unlink(file)
                } else {
                    total += try AttachmentFile.size(file) ?? 0
                }
            }
        }
        return total
    }
}
