import ProvChain

/// The files of an attachment store, for reading alone: nothing is created, counted or cleaned up, so the
/// store's own process may be at work.
struct AttachmentFolder: Sendable {
    let path: String

    /// The bytes with this hash, or `nil` if they are not here; a damaged file is an error.
    func get(_ hash: Digest) throws(AttachmentError) -> [UInt8]? {
        let file = file(hash)
        guard let bytes = try AttachmentFile.read(file, atMost: Limits.attachmentBytes) else { return nil }
        guard SHA256.hash(bytes) == hash else { throw .damaged(file: file, hash: hash) }
        return bytes
    }

    /// The hashes of all that is here, damaged or not, ascending.
    func hashes() throws(AttachmentError) -> [Digest] {
        var hashes: [Digest] = []
        for folder in try AttachmentFile.names(in: path) where folder.utf8.count == 2 && Hex.decode(folder) != nil {
            for name in try AttachmentFile.names(in: path + "/" + folder) {
                if let hash = Digest(hex: folder + name) { hashes.append(hash) }
            }
        }
        return hashes.sorted()
    }

    /// Where the bytes with this hash are, if they are here.
    func file(_ hash: Digest) -> String { path + "/" + Self.name(hash) }

    /// The same below the folder: the first two digits are a folder's name.
    static func name(_ hash: Digest) -> String { hash.hex.prefix(2) + "/" + hash.hex.dropFirst(2) }
}
