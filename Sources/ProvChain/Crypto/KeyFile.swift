/// A secret key at rest, as the bytes of one file.
///
/// The secret is sealed with XChaCha20-Poly1305 under a key that Argon2id makes of a passphrase. The
/// public key stands beside it in the clear, so that a program can say which key a file holds without
/// asking for the passphrase; the seal covers everything else in the file. The file is CBOR:
///
///     {1: "provchain/key-file/1",
///      2: algorithm (absent for X25519),
///      3: bstr COSE_Key,
///      4: [2 (Argon2id 1.3), operations, memory in bytes, salt bstr 16],
///      5: nonce bstr 24,
///      6: bstr secret ‖ tag}
///
/// Without 4 and 5, the secret stands in 6 as it is: for development, and only if that was asked for.
///
/// Nothing here reads a file or draws random numbers: bytes come in and go out.
public struct KeyFile: Hashable, Sendable {
    /// The public half, readable without a passphrase.
    public enum Key: Hashable, Sendable {
        case signature(PublicKey)
        case identity(IdentityKey)
    }

    /// How a secret is protected when it is written.
    public enum Protection: Sendable {
        /// `salt` (16 bytes) and `nonce` (24 bytes) are fresh random bytes.
        case passphrase([UInt8], salt: [UInt8], nonce: [UInt8], cost: KeyDerivation.Cost = .moderate)
        /// Not at all. For development.
        case plaintext
    }

    /// What seals the secret; `nil` if nothing does.
    struct Seal: Hashable, Sendable {
        let derivation: KeyDerivation
        let nonce: [UInt8]
    }

    public let key: Key
    let seal: Seal?
    let secret: [UInt8]

    static let format = DomainTag.keyFile.rawValue

    /// True if the secret stands in the file unprotected.
    public var isPlaintext: Bool { seal == nil }

    /// The file of a signing key.
    public static func seal(_ key: SecretKey, _ protection: Protection) throws(KeyFileError) -> [UInt8] {
        var secret = key.withSecret { Array($0) }
        defer { Sodium.erase(&secret) }
        return try KeyFile(.signature(key.publicKey), secret, protection).cbor
    }

    /// The file of a transport key.
    public static func seal(_ key: IdentitySecret, _ protection: Protection) throws(KeyFileError) -> [UInt8] {
        var secret = key.withSecret { Array($0) }
        defer { Sodium.erase(&secret) }
        return try KeyFile(.identity(key.publicKey), secret, protection).cbor
    }

    private init(_ key: Key, _ plain: [UInt8], _ protection: Protection) throws(KeyFileError) {
        self.key = key
        switch protection {
        case .plaintext:
            seal = nil
            secret = plain
        case .passphrase(let passphrase, let salt, let nonce, let cost):
            guard !passphrase.isEmpty else { throw KeyFileError.emptyPassphrase }
            precondition(nonce.count == AEAD.nonceByteCount, "a nonce of \(nonce.count) bytes")
            let seal = Seal(derivation: KeyDerivation(salt: salt, cost: cost), nonce: nonce)
            var sealingKey = try seal.derivation.key(of: passphrase)
            defer { Sodium.erase(&sealingKey) }
            let associated = Self.associatedData(key, seal)
            secret = AEAD.seal(plain, associated: associated, nonce: nonce, key: sealingKey)
            self.seal = seal
        }
    }

    /// The signing key in the file; `passphrase` is `nil` exactly for a file in plaintext.
    public func open(passphrase: [UInt8]?) throws(KeyFileError) -> SecretKey {
        guard case .signature(let expected) = key else { throw KeyFileError.otherKind }
        var secret = try openSecret(passphrase)
        defer { Sodium.erase(&secret) }
        guard let opened = try? SecretKey(algorithm: expected.algorithm, secret: secret),
            opened.publicKey == expected
        else { throw KeyFileError.otherPublicKey }
        return opened
    }

    /// The transport key in the file; `passphrase` is `nil` exactly for a file in plaintext.
    public func openIdentity(passphrase: [UInt8]?) throws(KeyFileError) -> IdentitySecret {
        guard case .identity(let expected) = key else { throw KeyFileError.otherKind }
        var secret = try openSecret(passphrase)
        defer { Sodium.erase(&secret) }
        guard let opened = try? IdentitySecret(secret: secret), opened.publicKey == expected else {
            throw KeyFileError.otherPublicKey
        }
        return opened
    }

    private func openSecret(_ passphrase: [UInt8]?) throws(KeyFileError) -> [UInt8] {
        switch (seal, passphrase) {
        case (nil, nil): return secret
        case (nil, .some): throw KeyFileError.notSealed
        case (.some, nil): throw KeyFileError.passphraseNeeded
        case (let seal?, let passphrase?):
            var sealingKey = try seal.derivation.key(of: passphrase)
            defer { Sodium.erase(&sealingKey) }
            let associated = Self.associatedData(key, seal)
            guard let plain = AEAD.open(secret, associated: associated, nonce: seal.nonce, key: sealingKey) else {
                throw KeyFileError.wrongPassphrase
            }
            return plain
        }
    }

    /// Everything in the file but the secret.
    private static func associatedData(_ key: Key, _ seal: Seal) -> [UInt8] {
        DomainTag.keyFile.input(4) { writer in
            if let algorithm = key.algorithm { writer.int(algorithm.rawValue) } else { writer.null() }
            writer.byteString(key.cose)
            seal.derivation.encode(to: &writer)
            writer.byteString(seal.nonce)
        }
    }
}

extension KeyFile.Key {
    var algorithm: SignatureAlgorithm? {
        switch self {
        case .signature(let key): key.algorithm
        case .identity: nil
        }
    }

    var cose: [UInt8] {
        switch self {
        case .signature(let key): key.cbor
        case .identity(let key): key.cbor
        }
    }

    /// The key as a `did:key`.
    public var did: String {
        switch self {
        case .signature(let key): key.did
        case .identity(let key): key.did
        }
    }
}

/// Why a key file was not opened, or not made.
public enum KeyFileError: Hashable, Sendable, Spoken {
    case emptyPassphrase
    case passphraseNeeded
    /// A passphrase was given for a file in plaintext, whose owner may believe that it is protected.
    case notSealed
    /// Or the file was changed: the seal does not tell these apart.
    case wrongPassphrase
    /// The secret in the file does not belong to the public key in the file.
    case otherPublicKey
    /// A signing key was asked for and the file holds a transport key, or the reverse.
    case otherKind
    case outOfMemory(needed: Int)

    public var phrase: Phrase {
        switch self {
        case .emptyPassphrase:
            Phrase(
                "the passphrase is empty",
                "口令为空")
        case .passphraseNeeded:
            Phrase(
                "the key is encrypted; a passphrase is needed",
                "密钥已加密，需要口令")
        case .notSealed:
            Phrase(
                "a passphrase was given, but the key file is not encrypted",
                "提供了口令，但密钥文件未加密")
        case .wrongPassphrase:
            Phrase(
                "the passphrase is wrong, or the key file was damaged",
                "口令错误，或密钥文件已损坏")
        case .otherPublicKey:
            Phrase(
                "the secret does not belong to the public key in the file; restore the key from its backup",
                "文件中的私钥与公钥不符；请从备份恢复密钥")
        case .otherKind:
            Phrase(
                "the file holds a key of another kind (signing or transport)",
                "文件中是另一类密钥（签名或传输）")
        case .outOfMemory(let needed):
            Phrase(
                "deriving the key needs \(needed >> 20) MiB of memory, which are not there",
                "推导密钥需要 \(needed >> 20) MiB 内存，目前不足")
        }
    }
}
