import CSodium

/// A validator's X25519 key (RFC 7748): it names a peer to the transport and signs nothing.
public struct IdentityKey: Hashable, Sendable {
    /// The u coordinate, little-endian.
    public let value: Digest

    public static let byteCount = 32

    /// 32 bytes; a point of small order, with which every shared secret is zero, is refused.
    public init(bytes: [UInt8]) throws(KeyError) {
        guard let value = Digest(bytes) else {
            throw KeyError.wrongLength(expected: [Self.byteCount], found: bytes.count)
        }
        // X25519 multiplies by the cofactor, so any scalar tells: libsodium reports the result zero.
        _ = Sodium.ready
        var shared = [UInt8](repeating: 0, count: Self.byteCount)
        let scalar = [UInt8](repeating: 1, count: Self.byteCount)
        guard crypto_scalarmult_curve25519(&shared, scalar, bytes) == 0 else { throw KeyError.smallOrder }
        self.value = value
    }

    public var bytes: [UInt8] { value.bytes }

    /// The COSE Key Thumbprint (RFC 9679) with SHA-256.
    public var kid: Digest { SHA256.hash(cbor) }

    /// The key as a `did:key`.
    public var did: String { DIDKey.text(DIDKey.x25519, bytes) }

    public init(did: String) throws(KeyError) {
        let (codec, key) = try DIDKey.parse(did)
        guard codec == DIDKey.x25519 else {
            throw KeyError.notADIDKey("multicodec \(Hex.encode(codec)) is not X25519")
        }
        try self.init(bytes: key)
    }
}

extension IdentityKey: CBORCodable {
    /// Writes the COSE_Key {1: 1, -1: 4, -2: u}.
    public func encode(to writer: inout CBORWriter) {
        COSEKey.encodeOctetKeyPair(curve: COSEKey.x25519, x: value, to: &writer)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        let start = reader.offset
        guard case .octetKeyPair(COSEKey.x25519, let u) = try COSEKey.decode(from: &reader) else {
            throw CBORError(.invalidValue("expected an X25519 key"), at: start)
        }
        do throws(KeyError) {
            try self.init(bytes: u.bytes)
        } catch {
            throw CBORError(.invalidValue("\(error)"), at: start)
        }
    }
}

extension IdentityKey: CustomStringConvertible {
    public var description: String { did }
}

/// The secret half of an ``IdentityKey``; overwritten when the last reference goes.
public final class IdentitySecret: @unchecked Sendable {
    // Safe to share: nothing changes after `init`.
    public let publicKey: IdentityKey
    private let memory: UnsafeMutablePointer<UInt8>

    /// 32 random bytes; clamping is left to each use (RFC 7748 section 5).
    public init(secret: [UInt8]) throws(KeyError) {
        guard secret.count == IdentityKey.byteCount else {
            throw KeyError.wrongLength(expected: [IdentityKey.byteCount], found: secret.count)
        }
        _ = Sodium.ready
        var key = [UInt8](repeating: 0, count: IdentityKey.byteCount)
        let done = crypto_scalarmult_curve25519_base(&key, secret)
        precondition(done == 0, "libsodium made no X25519 key")
        publicKey = try IdentityKey(bytes: key)
        memory = .allocate(capacity: IdentityKey.byteCount)
        memory.initialize(from: secret, count: IdentityKey.byteCount)
    }

    deinit {
        sodium_memzero(memory, IdentityKey.byteCount)
        memory.deallocate()
    }

    /// The X25519 shared secret, 32 bytes; to be hashed before use as a key.
    public func sharedSecret(with peer: IdentityKey) -> [UInt8] {
        var shared = [UInt8](repeating: 0, count: IdentityKey.byteCount)
        let done = crypto_scalarmult_curve25519(&shared, memory, peer.bytes)
        precondition(done == 0, "a key of small order passed its check")
        return shared
    }

    /// Lends the 32 bytes that ``init(secret:)`` takes, for a backup.
    public func withSecret<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        body(UnsafeRawBufferPointer(start: memory, count: IdentityKey.byteCount))
    }
}
