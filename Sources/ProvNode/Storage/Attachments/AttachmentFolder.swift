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
    func hashes() throws(AttachmentError) -> [Digest] { try names { $0 } }

    /// True if the bytes with this hash are not for everybody, here or not.
    func isRestricted(_ hash: Digest) throws(AttachmentError) -> Bool {
        try AttachmentFile.size(file(hash) + Self.mark) != nil
    }

    /// The bytes, if everybody may have them: what goes into the index, answers and bundles.
    func getPublic(_ hash: Digest) throws(AttachmentError) -> [UInt8]? {
        try isRestricted(hash) ? nil : try get(hash)
    }

    /// The hashes of all that is restricted, here or not, ascending.
    func restricted() throws(AttachmentError) -> [Digest] {
        try names { name in name.hasSuffix(Self.mark) ? String(name.dropLast(Self.mark.count)) : nil }
    }

    /// True if the bytes were here, and somebody removed them on purpose.
    func isRemoved(_ hash: Digest) throws(AttachmentError) -> Bool {
        try AttachmentFile.size(file(hash) + Self.removedMark) != nil
    }

    /// The hashes of all that was removed on purpose, ascending.
    func removed() throws(AttachmentError) -> [Digest] {
        try names { name in name.hasSuffix(Self.removedMark) ? String(name.dropLast(Self.removedMark.count)) : nil }
    }

    /// Ends the name of the empty file that says that the bytes are not to be fetched again from others.
    static let removedMark = ".removed"

    /// Ends the name of the empty file that says that what lies beside it is restricted.
    static let mark = ".restricted"

    private func names(_ digits: (String) -> String?) throws(AttachmentError) -> [Digest] {
        var hashes: [Digest] = []
        for folder in try AttachmentFile.names(in: path) where folder.utf8.count == 2 && Hex.decode(folder) != nil {
            for name in try AttachmentFile.names(in: path + "/" + folder) {
                if let rest = digits(name), let hash = Digest(hex: folder + rest) { hashes.append(hash) }
            }
        }
        return hashes.sorted()
    }

    /// Where the bytes with this hash are, if they are here.
    func file(_ hash: Digest) -> String { path + "/" + Self.name(hash) }

    /// The same below the folder: the first two digits are a folder's name.
    static func name(_ hash: Digest) -> String { hash.hex.prefix(2) + "/" + hash.hex.dropFirst(2) }
}
