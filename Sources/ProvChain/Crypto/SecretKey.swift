import CSecp256k1
import CSodium

/// A key that signs. The secret lives in one place in memory, which is overwritten when the last
/// reference goes.
///
/// A secp256k1 key signs in a context of its own, blinded by a hash of the secret: what an observer
/// measures of the multiplication is then not the nonce itself. Making one takes some 50 µs.
public final class SecretKey: @unchecked Sendable {
    // Safe to share: nothing changes after `init`.
    public let algorithm: SignatureAlgorithm
    public let publicKey: PublicKey
    /// ES256K: the scalar, 32 bytes. Ed25519: the seed and the public key, 64 bytes.
    private let memory: UnsafeMutablePointer<UInt8>
    private let context: OpaquePointer?

    private static let memoryByteCount = 64

    /// `secret` is 32 bytes: a scalar of secp256k1, big-endian; or a seed of Ed25519. It comes from a
    /// source of randomness or a backup; the caller's copy is the caller's to erase.
    public convenience init(algorithm: SignatureAlgorithm, secret: [UInt8]) throws(KeyError) {
        guard secret.count == SignatureAlgorithm.secretByteCount else {
            throw KeyError.wrongLength(expected: [SignatureAlgorithm.secretByteCount], found: secret.count)
        }
        try self.init(algorithm, checkedLength: secret)
    }

    private init(_ algorithm: SignatureAlgorithm, checkedLength secret: [UInt8]) throws(KeyError) {
        _ = Sodium.ready
        let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: Self.memoryByteCount)
        memory.initialize(repeating: 0, count: Self.memoryByteCount)
        memory.update(from: secret, count: secret.count)
        switch algorithm {
        case .es256k:
            let context = Secp256k1.makeContext()
            Self.blind(context, secret)
            guard let point = Secp256k1.point(ofSecret: memory, context: context) else {
                secp256k1_context_destroy(context)
                Self.erase(memory)
                throw KeyError.secretOutOfRange
            }
            self.context = context
            publicKey = PublicKey(point: point)
        case .edDSA:
            var key = [UInt8](repeating: 0, count: Ed25519.keyByteCount)
            let done = crypto_sign_seed_keypair(&key, memory, secret)
            precondition(done == 0, "libsodium made no key of a seed of \(secret.count) bytes")
            context = nil
            publicKey = try PublicKey(ed25519: key)
        }
        self.algorithm = algorithm
        self.memory = memory
    }

    deinit {
        if let context { secp256k1_context_destroy(context) }
        Self.erase(memory)
    }

    /// 64 bytes. ES256K: r ‖ s of SHA-256(message), s low, the nonce by RFC 6979. Ed25519: RFC 8032.
    public func sign(_ message: [UInt8]) -> [UInt8] {
        switch algorithm {
        case .es256k:
            guard let context else { preconditionFailure("a secp256k1 key without its context") }
            return Secp256k1.sign(SHA256.hash(message), secret: memory, context: context)
        case .edDSA:
            var signature = [UInt8](repeating: 0, count: SignatureAlgorithm.signatureByteCount)
            let done = crypto_sign_detached(&signature, nil, message, UInt64(message.count), memory)
            precondition(done == 0, "libsodium did not sign")
            return signature
        }
    }

    /// Lends the 32 bytes that ``init(algorithm:secret:)`` takes, for a backup.
    public func withSecret<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        body(UnsafeRawBufferPointer(start: memory, count: SignatureAlgorithm.secretByteCount))
    }

    private static func blind(_ context: OpaquePointer, _ secret: [UInt8]) {
        let done = SHA256.hash(secret).withBytes { secp256k1_context_randomize(context, $0.baseAddress!) }
        precondition(done == 1, "libsecp256k1 did not blind its context")
    }

    private static func erase(_ memory: UnsafeMutablePointer<UInt8>) {
        sodium_memzero(memory, memoryByteCount)
        memory.deallocate()
    }
}
