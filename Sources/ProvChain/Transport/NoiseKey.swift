import CSodium

/// 32 secret bytes with one owner, overwritten when it lets go.
struct NoiseKey: ~Copyable, @unchecked Sendable {
    // Safe to share: nothing changes after `init`.
    private let memory: UnsafeMutablePointer<UInt8>

    static let byteCount = 32

    /// Lets `body` fill 32 bytes.
    init(filling body: (UnsafeMutablePointer<UInt8>) -> Void) {
        memory = .allocate(capacity: Self.byteCount)
        memory.initialize(repeating: 0, count: Self.byteCount)
        body(memory)
    }

    deinit {
        sodium_memzero(memory, Self.byteCount)
        memory.deallocate()
    }

    borrowing func withPointer<R>(_ body: (UnsafePointer<UInt8>) -> R) -> R { body(UnsafePointer(memory)) }

    /// HKDF with SHA-256 and two outputs (Noise specification section 4.3), this key being the chaining key.
    borrowing func derive(_ input: [UInt8]) -> NoiseKeyPair {
        let extracted = NoiseKey { Self.hmac(memory, [input], to: $0) }
        let first = NoiseKey { output in extracted.withPointer { Self.hmac($0, [[1]], to: output) } }
        let second = NoiseKey { output in
            var previous = first.withPointer { Array(UnsafeBufferPointer(start: $0, count: Self.byteCount)) }
            extracted.withPointer { Self.hmac($0, [previous, [2]], to: output) }
            Sodium.erase(&previous)
        }
        return NoiseKeyPair(first: first, second: second)
    }

    /// HMAC-SHA256 (RFC 2104) of the parts, one after the other.
    private static func hmac(_ key: UnsafePointer<UInt8>, _ parts: [[UInt8]], to output: UnsafeMutablePointer<UInt8>) {
        var state = crypto_auth_hmacsha256_state()
        crypto_auth_hmacsha256_init(&state, key, byteCount)
        for part in parts { crypto_auth_hmacsha256_update(&state, part, UInt64(part.count)) }
        crypto_auth_hmacsha256_final(&state, output)
        withUnsafeMutableBytes(of: &state) { sodium_memzero($0.baseAddress, $0.count) }
    }
}

/// What one derivation gives.
struct NoiseKeyPair: ~Copyable, Sendable {
    let first: NoiseKey
    let second: NoiseKey
}
