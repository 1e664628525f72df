/// A public key that signs notes, under a name (C2SP signed-note). As text:
/// `name+hex(key id)+base64(type ‖ public key)`.
public struct VerifierKey: Hashable, Sendable, CustomStringConvertible {
    public let name: KeyName
    /// The C2SP signature type: ``ed25519`` or ``cosignature`` for the keys of this chain.
    public let type: UInt8
    public let publicKey: [UInt8]
    /// The first 4 bytes, big-endian, of SHA-256(name ‖ 0x0A ‖ type ‖ public key).
    public let keyID: UInt32

    /// Ed25519 over the note's text.
    public static let ed25519: UInt8 = 0x01
    /// `cosignature/v1`: Ed25519 over a time and the note's text (C2SP tlog-cosignature).
    public static let cosignature: UInt8 = 0x04

    public init(name: KeyName, type: UInt8, publicKey: [UInt8]) {
        self.name = name
        self.type = type
        self.publicKey = publicKey
        let digest = SHA256.hash(name.bytes + [0x0a, type] + publicKey)
        keyID = digest.bytes.prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Throws ``NoteError/malformedVerifierKey`` unless the text is the one that this key prints.
    public init(_ text: String) throws(NoteError) {
        // Base 64 may hold a plus as well; a name cannot.
        let parts = Array(text.utf8).split(separator: 0x2b, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let name = try? KeyName(bytes: Array(parts[0])),
            let key = Base64.decode(Array(parts[2])), key.count > 1
        else { throw .malformedVerifierKey }
        self.init(name: name, type: key[0], publicKey: Array(key[1...]))
        guard Array(parts[1]) == Array(keyIDHex.utf8) else { throw .malformedVerifierKey }
    }

    /// `name+hex(key id)+base64(type ‖ public key)`.
    public var description: String { "\(name)+\(keyIDHex)+\(Base64.encode([type] + publicKey))" }

    private var keyIDHex: String { withUnsafeBytes(of: keyID.bigEndian) { Hex.encode($0) } }
}

/// What a `cosignature/v1` key signs and publishes (C2SP tlog-cosignature): the note's text with the time at
/// which the signer saw it.
public struct Cosignature: Hashable, Sendable {
    /// Unix time in seconds.
    public let time: UInt64
    /// 64 bytes of Ed25519.
    public let signature: [UInt8]

    public static let signatureByteCount = 64

    public init(time: UInt64, signature: [UInt8]) {
        precondition(signature.count == Self.signatureByteCount, "a cosignature of \(signature.count) bytes")
        self.time = time
        self.signature = signature
    }

    /// From the bytes of a signature line: `time (8 bytes, big-endian) ‖ signature`; `nil` for another length.
    public init?(line: NoteSignature) {
        guard line.signature.count == 8 + Self.signatureByteCount else { return nil }
        time = line.signature[..<8].reduce(0) { $0 << 8 | UInt64($1) }
        signature = Array(line.signature[8...])
    }

    /// The bytes of the signature line.
    public var lineBytes: [UInt8] { withUnsafeBytes(of: time.bigEndian) { Array($0) } + signature }

    /// The bytes to sign: `cosignature/v1\ntime <seconds>\n` and the note's text.
    public static func message(time: UInt64, text: [UInt8]) -> [UInt8] {
        Array("cosignature/v1\ntime \(time)\n".utf8) + text
    }
}
