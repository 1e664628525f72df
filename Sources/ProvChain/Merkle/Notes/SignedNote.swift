/// One signature line of a note: `— name base64(key id ‖ signature)`.
public struct NoteSignature: Hashable, Sendable {
    public let name: KeyName
    /// The first 4 bytes, big-endian, of a hash over name and key: a hint which key to try, no more.
    public let keyID: UInt32
    /// At least one byte; what it means depends on the type of the key.
    public let signature: [UInt8]

    public init(name: KeyName, keyID: UInt32, signature: [UInt8]) {
        precondition(!signature.isEmpty, "a signature line without a signature")
        self.name = name
        self.keyID = keyID
        self.signature = signature
    }
}

/// A text with signature lines below an empty line (C2SP signed-note). Parsing checks the form only;
/// ``verified(by:check:)`` says who signed.
///
/// Everything is over bytes: in a Swift string, `"\r\n"` is one character and equality is canonical
/// equivalence, and both would let two different notes pass for one.
public struct SignedNote: Hashable, Sendable {
    /// What is signed: UTF-8 that ends in a newline.
    public let text: [UInt8]
    /// In the order of the lines; at least one.
    public let signatures: [NoteSignature]

    public static let maximumByteCount = 1 << 20
    /// More than any set of validators and witnesses needs.
    public static let maximumSignatureCount = 1_024

    /// U+2014 and a space.
    private static let signaturePrefix: [UInt8] = [0xe2, 0x80, 0x94, 0x20]

    public init(text: [UInt8], signatures: [NoteSignature]) throws(NoteError) {
        try Self.check(text)
        guard !signatures.isEmpty else { throw .noSignatures }
        guard signatures.count <= Self.maximumSignatureCount else {
            throw .tooManySignatures(limit: Self.maximumSignatureCount)
        }
        self.text = text
        self.signatures = signatures
    }

    public init(bytes: [UInt8]) throws(NoteError) {
        guard bytes.count <= Self.maximumByteCount else {
            throw .tooLarge(limit: Self.maximumByteCount, found: bytes.count)
        }
        try Self.check(bytes)
        // The last empty line: the text itself may hold others.
        guard
            let split = bytes.indices.dropLast().last(where: { bytes[$0] == 0x0a && bytes[$0 + 1] == 0x0a }),
            split + 2 < bytes.count
        else { throw .noSignatures }
        let lines = bytes[(split + 2)..<(bytes.count - 1)].split(separator: 0x0a, omittingEmptySubsequences: false)
        guard lines.count <= Self.maximumSignatureCount else {
            throw .tooManySignatures(limit: Self.maximumSignatureCount)
        }
        var signatures: [NoteSignature] = []
        for (number, line) in lines.enumerated() {
            guard let signature = Self.signature(line) else { throw .malformedSignature(line: number) }
            signatures.append(signature)
        }
        self.text = Array(bytes[...split])
        self.signatures = signatures
    }

    /// The whole note, as served.
    public var bytes: [UInt8] {
        var bytes = text
        bytes.append(0x0a)
        for signature in signatures { bytes.append(contentsOf: Self.line(signature)) }
        return bytes
    }

    /// Those of `keys` that signed, in the order of their first lines.
    ///
    /// Lines of unknown keys are passed over. Throws ``NoteError/invalidSignature(name:keyID:)`` if `check`
    /// says that a line of a known key does not verify: a note that lies once is not believed at all.
    ///
    /// - Parameter check: verifies one signature of one key over the text.
    public func verified(
        by keys: [VerifierKey], check: (VerifierKey, NoteSignature, _ text: [UInt8]) -> Bool
    ) throws(NoteError) -> [VerifierKey] {
        var signers: [VerifierKey] = []
        for signature in signatures {
            let known = keys.filter { $0.name == signature.name && $0.keyID == signature.keyID }
            // Two different keys may share an id of four bytes; either may have made the line.
            guard !known.isEmpty else { continue }
            guard let signer = known.first(where: { check($0, signature, text) }) else {
                throw .invalidSignature(name: signature.name, keyID: signature.keyID)
            }
            if !signers.contains(signer) { signers.append(signer) }
        }
        return signers
    }

    private static func line(_ signature: NoteSignature) -> [UInt8] {
        let id = withUnsafeBytes(of: signature.keyID.bigEndian) { Array($0) }
        return signaturePrefix + signature.name.bytes + [0x20]
            + Array(Base64.encode(id + signature.signature).utf8) + [0x0a]
    }

    private static func signature(_ line: ArraySlice<UInt8>) -> NoteSignature? {
        guard line.starts(with: signaturePrefix) else { return nil }
        let parts = line.dropFirst(signaturePrefix.count).split(separator: 0x20, omittingEmptySubsequences: false)
        guard parts.count == 2, let name = try? KeyName(bytes: Array(parts[0])),
            let bytes = Base64.decode(Array(parts[1])), bytes.count > 4
        else { return nil }
        let id = bytes[..<4].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return NoteSignature(name: name, keyID: id, signature: Array(bytes[4...]))
    }

    private static func check(_ text: [UInt8]) throws(NoteError) {
        guard text.last == 0x0a, text.allSatisfy({ $0 >= 0x20 || $0 == 0x0a }),
            String(validating: text, as: UTF8.self) != nil
        else { throw .invalidText }
    }
}
