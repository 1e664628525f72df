import CSecp256k1

/// libsecp256k1, and nothing else: points, ECDSA, by pointers that live for one call.
/// (The bytes of a digest are never an empty buffer, so its base address is there.)
///
/// There is one context for everything without a secret. It is created once and never changed, so all
/// threads may use it. A secret key has a context of its own, see ``SecretKey``.
enum Secp256k1 {
    /// A context that is never changed after it was created.
    private struct SharedContext: @unchecked Sendable {
        let pointer: OpaquePointer
    }

    private static let shared = SharedContext(pointer: makeContext())

    static func makeContext() -> OpaquePointer {
        guard let context = secp256k1_context_create(UInt32(SECP256K1_CONTEXT_NONE)) else {
            preconditionFailure("libsecp256k1 gave no context: out of memory")
        }
        return context
    }

    /// 33 bytes compressed, or 65 uncompressed; `nil` if it is not a point of the curve.
    static func parse(_ bytes: [UInt8]) -> secp256k1_pubkey? {
        var point = secp256k1_pubkey()
        guard secp256k1_ec_pubkey_parse(shared.pointer, &point, bytes, bytes.count) == 1 else { return nil }
        return point
    }

    /// 33 bytes compressed, or 65 uncompressed.
    static func serialize(_ point: secp256k1_pubkey, compressed: Bool) -> [UInt8] {
        var point = point
        var count = compressed ? 33 : 65
        var bytes = [UInt8](repeating: 0, count: count)
        let flags = UInt32(compressed ? SECP256K1_EC_COMPRESSED : SECP256K1_EC_UNCOMPRESSED)
        let done = secp256k1_ec_pubkey_serialize(shared.pointer, &bytes, &count, &point, flags)
        precondition(done == 1 && count == bytes.count, "a parsed point of \(count) bytes did not serialize")
        return bytes
    }

    /// False also for r or s that is zero or not below the order, and for s above half of it.
    static func verify(_ signature: [UInt8], digest: Digest, point: secp256k1_pubkey) -> Bool {
        guard signature.count == SignatureAlgorithm.signatureByteCount else { return false }
        var parsed = secp256k1_ecdsa_signature()
        guard secp256k1_ecdsa_signature_parse_compact(shared.pointer, &parsed, signature) == 1 else { return false }
        return digest.withBytes { hash in
            withUnsafePointer(to: point) { point in
                // Refuses high s by itself: its documentation demands a normalized signature.
                secp256k1_ecdsa_verify(shared.pointer, &parsed, hash.baseAddress!, point) == 1
            }
        }
    }

    /// The point of a secret of 32 bytes; `nil` for zero or a value not below the order of the group.
    static func point(ofSecret secret: UnsafePointer<UInt8>, context: OpaquePointer) -> secp256k1_pubkey? {
        var point = secp256k1_pubkey()
        guard secp256k1_ec_pubkey_create(context, &point, secret) == 1 else { return nil }
        return point
    }

    /// r ‖ s with low s; the nonce is RFC 6979's, so that a weak source of randomness cannot leak the key.
    static func sign(_ digest: Digest, secret: UnsafePointer<UInt8>, context: OpaquePointer) -> [UInt8] {
        var signature = secp256k1_ecdsa_signature()
        let done = digest.withBytes { hash in
            secp256k1_ecdsa_sign(context, &signature, hash.baseAddress!, secret, secp256k1_nonce_function_rfc6979, nil)
        }
        precondition(done == 1, "a validated secret did not sign")
        var bytes = [UInt8](repeating: 0, count: SignatureAlgorithm.signatureByteCount)
        secp256k1_ecdsa_signature_serialize_compact(shared.pointer, &bytes, &signature)
        return bytes
    }
}
