import CSodium

/// Ed25519 by libsodium, with the rule for keys spelled out, because two programs that disagree on which
/// keys or signatures are valid disagree on which blocks are.
enum Ed25519 {
    static let keyByteCount = 32

    /// A key is canonical (y below 2²⁵⁵-19), on the curve, and not one of the points of order 1, 2, 4 or 8.
    static func check(_ key: [UInt8]) throws(KeyError) {
        guard key.count == keyByteCount else {
            throw KeyError.wrongLength(expected: [keyByteCount], found: key.count)
        }
        var y = key
        y[31] &= 0x7f
        guard !(y[0] >= 0xed && y[1..<31].allSatisfy { $0 == 0xff } && y[31] == 0x7f) else {
            throw KeyError.notCanonical
        }
        guard !smallOrder.contains(y) else { throw KeyError.smallOrder }
        // Adding the neutral element is libsodium's cheapest question whether a point is on the curve:
        // `crypto_core_ed25519_is_valid_point` also demands the prime-order subgroup, which verification
        // does not, and takes longer than a signature.
        var sum = [UInt8](repeating: 0, count: keyByteCount)
        guard crypto_core_ed25519_add(&sum, key, neutral) == 0 else { throw KeyError.notOnCurve }
    }

    /// libsodium's rule: S below the order, the key and R not of small order, R compared byte by byte.
    static func verify(_ signature: [UInt8], message: [UInt8], key: Digest) -> Bool {
        guard signature.count == SignatureAlgorithm.signatureByteCount else { return false }
        return key.withBytes { key in
            // A digest's bytes are never an empty buffer.
            let pointer = key.baseAddress!.assumingMemoryBound(to: UInt8.self)
            return crypto_sign_verify_detached(signature, message, UInt64(message.count), pointer) == 0
        }
    }

    private static let neutral: [UInt8] = [1] + [UInt8](repeating: 0, count: 31)

    /// The y coordinates, little-endian, of the points whose order divides the cofactor 8.
    private static let smallOrder: Set<[UInt8]> = [
        [UInt8](repeating: 0, count: 32),
        neutral,
        [
            0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
            0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
        ],
        [
            0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
            0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
        ],
        [0xec] + [UInt8](repeating: 0xff, count: 30) + [0x7f],
    ]
}
