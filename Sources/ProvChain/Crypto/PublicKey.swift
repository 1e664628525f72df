import CSecp256k1

/// A key that verifies signatures, together with the one algorithm it may be used with.
///
/// An instance exists only for a point that is valid (Ed25519: canonical and not of small order). A
/// secp256k1 key carries its point in the form that libsecp256k1 computes with, so verification never
/// parses: what remembers `PublicKey` values, keyed by ``kid`` for instance, remembers parsed keys.
/// The value is stored inline (about 130 bytes) and allocates nothing.
public struct PublicKey: Hashable, Sendable {
    public let algorithm: SignatureAlgorithm
    /// The x coordinate; for Ed25519, the 32 bytes of the key.
    let x: Digest
    /// The y coordinate; zero for Ed25519.
    let y: Digest
    /// libsecp256k1's own form of the point; unused for Ed25519.
    private let point: secp256k1_pubkey

    /// Bytes of a key as ``bytes`` gives them, and also x ‖ y.
    public init(algorithm: SignatureAlgorithm, bytes: [UInt8]) throws(KeyError) {
        switch algorithm {
        case .es256k: try self.init(secp256k1: bytes)
        case .edDSA: try self.init(ed25519: bytes)
        }
    }

    /// A point of secp256k1: 33 bytes compressed (SEC 1), or 64 bytes x ‖ y.
    public init(secp256k1 bytes: [UInt8]) throws(KeyError) {
        guard bytes.count == 33 || bytes.count == 64 else {
            throw KeyError.wrongLength(expected: [33, 64], found: bytes.count)
        }
        guard let point = Secp256k1.parse(bytes.count == 64 ? [4] + bytes : bytes) else {
            throw KeyError.notOnCurve
        }
        self.init(point: point)
    }

    /// An Ed25519 key, 32 bytes (RFC 8032).
    public init(ed25519 bytes: [UInt8]) throws(KeyError) {
        try Ed25519.check(bytes)
        algorithm = .edDSA
        // The check demands 32 bytes.
        x = Digest(bytes)!
        y = .zero
        point = secp256k1_pubkey()
    }

    init(point: secp256k1_pubkey) {
        let bytes = Secp256k1.serialize(point, compressed: false)
        algorithm = .es256k
        // 65 bytes: 0x04 ‖ x ‖ y.
        x = Digest(bytes[1..<33])!
        y = Digest(bytes[33..<65])!
        self.point = point
    }

    /// The shortest standard form: secp256k1 compressed, 33 bytes; Ed25519, 32 bytes.
    public var bytes: [UInt8] {
        switch algorithm {
        case .es256k: Secp256k1.serialize(point, compressed: true)
        case .edDSA: x.bytes
        }
    }

    /// Whether the key's owner signed `message`. `signature` is 64 bytes; ES256K with high s is refused,
    /// so that nobody can make a second valid signature out of a first.
    public func verify(signature: [UInt8], message: [UInt8]) -> Bool {
        switch algorithm {
        case .es256k: Secp256k1.verify(signature, digest: SHA256.hash(message), point: point)
        case .edDSA: Ed25519.verify(signature, message: message, key: x)
        }
    }

    /// The same for a caller that already has `digest`, the SHA-256 of `message`.
    public func verify(signature: [UInt8], message: [UInt8], digest: Digest) -> Bool {
        switch algorithm {
        case .es256k: Secp256k1.verify(signature, digest: digest, point: point)
        case .edDSA: Ed25519.verify(signature, message: message, key: x)
        }
    }

    public static func == (a: PublicKey, b: PublicKey) -> Bool {
        a.algorithm == b.algorithm && a.x == b.x && a.y == b.y
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(x)
        hasher.combine(y)
    }
}

extension PublicKey: CustomStringConvertible {
    public var description: String { did }
}
