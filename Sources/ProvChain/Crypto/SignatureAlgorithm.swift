/// The signature algorithms of the protocol, by their numbers in the COSE registry.
///
/// The number fixes curve, hash and encoding: -47 is ES256K (RFC 8812); -8 is EdDSA (RFC 9053), which
/// here always means Ed25519.
/// A key has exactly one of them for life, and the header of whatever it signs must say the same one.
public enum SignatureAlgorithm: Int64, Sendable, Hashable, CaseIterable {
    /// ECDSA over secp256k1 with SHA-256, low-S only (RFC 8812 section 3.2).
    case es256k = -47
    /// Ed25519 (RFC 8032), verified one by one, never in a batch.
    case edDSA = -8

    /// The number of bytes of every signature, of either algorithm: r ‖ s, or R ‖ S.
    public static let signatureByteCount = 64

    /// The number of bytes of every secret: the scalar, or the seed.
    public static let secretByteCount = 32
}
