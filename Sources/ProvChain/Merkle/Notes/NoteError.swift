/// Why bytes are not a note, a checkpoint or a verifier key, or why a note is not believed.
public enum NoteError: Error, Hashable, Sendable {
    case tooLarge(limit: Int, found: Int)
    /// A note is valid UTF-8 without control characters other than newline, and ends in one.
    case invalidText
    /// No empty line separates the text from the signatures.
    case noSignatures
    case tooManySignatures(limit: Int)
    /// The signature line (from 0) is not `— name base64`, with at least 5 bytes in its base 64.
    case malformedSignature(line: Int)
    /// A key name is not empty and holds no space, no plus and no control character.
    case malformedName
    /// A verifier key is `name+hash+base64`, and the hash is its own.
    case malformedVerifierKey
    /// The text line (from 0) of a checkpoint is not what it must be.
    case malformedCheckpoint(line: Int)
    /// A known key's signature does not verify: the whole note is refused.
    case invalidSignature(name: KeyName, keyID: UInt32)
}
