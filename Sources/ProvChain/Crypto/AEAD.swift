import CSodium

/// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha), whose nonces are long enough to be drawn at random.
enum AEAD {
    static let keyByteCount = 32
    static let nonceByteCount = 24
    static let tagByteCount = 16

    /// The ciphertext and its tag.
    static func seal(_ plain: [UInt8], associated: [UInt8], nonce: [UInt8], key: [UInt8]) -> [UInt8] {
        precondition(key.count == keyByteCount && nonce.count == nonceByteCount, "\(key.count), \(nonce.count) bytes")
        _ = Sodium.ready
        var sealed = [UInt8](repeating: 0, count: plain.count + tagByteCount)
        let done = crypto_aead_xchacha20poly1305_ietf_encrypt(
            &sealed, nil, plain, UInt64(plain.count), associated, UInt64(associated.count), nil, nonce, key)
        precondition(done == 0, "libsodium did not seal \(plain.count) bytes")
        return sealed
    }

    /// `nil` if the key is another one or a bit was changed.
    static func open(_ sealed: [UInt8], associated: [UInt8], nonce: [UInt8], key: [UInt8]) -> [UInt8]? {
        guard sealed.count >= tagByteCount, key.count == keyByteCount, nonce.count == nonceByteCount else { return nil }
        _ = Sodium.ready
        var plain = [UInt8](repeating: 0, count: sealed.count - tagByteCount)
        let done = crypto_aead_xchacha20poly1305_ietf_decrypt(
            &plain, nil, nil, sealed, UInt64(sealed.count), associated, UInt64(associated.count), nonce, key)
        return done == 0 ? plain : nil
    }
}
