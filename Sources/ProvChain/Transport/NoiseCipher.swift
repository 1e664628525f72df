import CSodium

/// ChaCha20-Poly1305 (RFC 8439) under one key, with nonces that count: no nonce is ever used twice, none is
/// ever sent.
struct NoiseCipher: ~Copyable, Sendable {
    private var key: NoiseKey
    /// The number of the next message. The last one, 2⁶⁴ - 1, is kept for the change of keys.
    private(set) var counter: UInt64

    static let tagByteCount = 16

    init(key: consuming NoiseKey, counter: UInt64 = 0) {
        self.key = key
        self.counter = counter
    }

    /// The ciphertext and its tag.
    mutating func seal(_ plain: UnsafeRawBufferPointer, associated: [UInt8]) throws(NoiseError) -> [UInt8] {
        guard counter < .max else { throw .countersExhausted }
        let sealed = Self.seal(plain, associated: associated, counter: counter, key: key)
        counter += 1
        return sealed
    }

    /// A message that does not open uses up no number; its connection ends anyhow.
    mutating func open(_ sealed: UnsafeRawBufferPointer, associated: [UInt8]) throws(NoiseError) -> [UInt8] {
        guard counter < .max else { throw .countersExhausted }
        guard sealed.count >= Self.tagByteCount, let start = sealed.baseAddress else {
            throw .wrongLength(expected: Self.tagByteCount...NoiseSession.messageBytes, found: sealed.count)
        }
        let count = sealed.count - Self.tagByteCount
        let nonce = Self.nonce(counter)
        var isAuthentic = false
        let plain = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            let done = key.withPointer { key in
                crypto_aead_chacha20poly1305_ietf_decrypt(
                    buffer.baseAddress, nil, nil, start, UInt64(sealed.count), associated,
                    UInt64(associated.count), nonce, key)
            }
            isAuthentic = done == 0
            initialized = isAuthentic ? count : 0
        }
        guard isAuthentic else { throw .notAuthentic }
        counter += 1
        return plain
    }

    /// REKEY of the Noise specification (section 4.2): the next key is what the last number makes of zeros.
    /// The counter goes on.
    mutating func rekey() {
        let zeros = [UInt8](repeating: 0, count: NoiseKey.byteCount)
        var sealed = zeros.withUnsafeBytes { Self.seal($0, associated: [], counter: .max, key: key) }
        key = NoiseKey { $0.update(from: sealed, count: NoiseKey.byteCount) }
        Sodium.erase(&sealed)
    }

    private static func seal(
        _ plain: UnsafeRawBufferPointer, associated: [UInt8], counter: UInt64, key: borrowing NoiseKey
    ) -> [UInt8] {
        let nonce = nonce(counter)
        return key.withPointer { key in
            [UInt8](unsafeUninitializedCapacity: plain.count + tagByteCount) { buffer, initialized in
                guard let output = buffer.baseAddress else { preconditionFailure("no room for a tag") }
                let done = crypto_aead_chacha20poly1305_ietf_encrypt(
                    output, nil, plain.baseAddress, UInt64(plain.count), associated,
                    UInt64(associated.count), nil, nonce, key)
                precondition(done == 0, "libsodium did not seal \(plain.count) bytes")
                initialized = plain.count + tagByteCount
            }
        }
    }

    /// Four zero bytes and the counter, little-endian (Noise specification section 12.1).
    private static func nonce(_ counter: UInt64) -> [UInt8] {
        [0, 0, 0, 0] + withUnsafeBytes(of: counter.littleEndian) { Array($0) }
    }
}
