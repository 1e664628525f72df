import Glibc
import ProvChain

/// The data class of an attachment: restricted if there is an empty file beside it that says so.
///
/// The mark is durable before the bytes are stored, so they are never public in between; and it stays when the bytes
/// are removed, so they do not come back public.
extension AttachmentStore {
    func isRestricted(_ hash: Digest) throws(AttachmentError) -> Bool { try folder.isRestricted(hash) }

    /// Marks an attachment that is yet to be stored; again is no error. False if it is here and public: whoever
    /// wanted to read it may have done so.
    func restrict(_ hash: Digest) throws(AttachmentError) -> Bool {
        if try isRestricted(hash) { return true }
        guard try !contains(hash) else { return false }
        try AttachmentFile.makeDirectory(directory(hash), in: path)
        let mark = AttachmentFolder.mark
        try AttachmentFile.replace(
            file(hash) + mark, with: [], by: directory(hash) + "/" + Self.temporaryPrefix + hash.hex + mark)
        return true
    }

    /// Says that the bytes were removed on purpose: this node does not fetch them again from others. Who hands them
    /// in puts them back.
    func markRemoved(_ hash: Digest) throws(AttachmentError) {
        guard try !folder.isRemoved(hash) else { return }
        try AttachmentFile.makeDirectory(directory(hash), in: path)
        let mark = AttachmentFolder.removedMark
        try AttachmentFile.replace(
            file(hash) + mark, with: [], by: directory(hash) + "/" + Self.temporaryPrefix + hash.hex + mark)
    }

    /// The bytes, if everybody may have them: what goes into the index, answers and bundles.
    func getPublic(_ hash: Digest) throws(AttachmentError) -> [UInt8]? { try folder.getPublic(hash) }
}
