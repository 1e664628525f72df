@testable import ProvChain

extension FuzzTarget {
    static let cose = FuzzTarget("cose", "COSE_Sign1, receipts, their headers, read tokens", atMost: 4_096) { bytes in
        if let message = Strictly.check(COSESign1.self, bytes) {
            let attached = message.sigStructure()
            let detached = message.sigStructure(detachedPayload: bytes)
            require((attached == nil) != (detached == nil), "a payload is attached and detached, or neither")
            if let input = attached ?? detached {
                require((try? CBORValue(cbor: input)) != nil, "a Sig_structure that is not CBOR")
            }
            if let key = verifyingKey { _ = message.verify(with: key) }
        }
        if let token = try? ReadToken(encoded: bytes) {
            require(Base64URL.decode(token.text) == bytes, "a token is written with other bytes")
            require(ReadToken(text: token.text) == token, "a token's text is of another token")
        }
        if let header = Strictly.check(ReceiptHeader.self, bytes) {
            let proof = InclusionProof(leafIndex: 0, treeSize: 1, path: [])
            Strictly.check(COSESign1.self, header.receipt(proof))
        }
    }

    /// The key of RFC 8032's first test.
    private static let verifyingKey = Hex.decode("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
        .flatMap { try? PublicKey(ed25519: $0) }

    static let key = FuzzTarget(
        "key", "COSE_Key, did:key, base 58, key files, mnemonics, raw keys", atMost: 1_024
    ) { bytes in
        if let key = Strictly.check(PublicKey.self, bytes) {
            require((try? PublicKey(did: key.did)) == key, "a key's did:key is of another key")
            require((try? PublicKey(algorithm: key.algorithm, bytes: key.bytes)) == key, "a key's bytes are another's")
        }
        if let key = Strictly.check(IdentityKey.self, bytes) {
            require((try? IdentityKey(did: key.did)) == key, "an identity key's did:key is of another key")
        }
        for algorithm in SignatureAlgorithm.allCases {
            guard let key = try? PublicKey(algorithm: algorithm, bytes: bytes) else { continue }
            require((try? PublicKey(cbor: key.cbor)) == key, "a key does not survive COSE_Key")
            _ = key.verify(signature: bytes, message: bytes)
        }
        Strictly.check(KeyDerivation.self, bytes)
        if let file = Strictly.check(KeyFile.self, bytes) {
            // A sealed file would spend what it asks for, which is bounded elsewhere; one in plaintext opens.
            if file.isPlaintext { _ = try? file.open(passphrase: nil) }
            if file.isPlaintext { _ = try? file.openIdentity(passphrase: nil) }
            _ = file.key.did
        }
        let text = string(of: bytes)
        Strictly.spelling(text, { try? PublicKey(did: $0) }, \.did)
        Strictly.spelling(text, { try? IdentityKey(did: $0) }, \.did)
        checkMnemonic(text, bytes)
        if bytes.count <= 256 {
            require(Base58.decode(Base58.encode(bytes)) == bytes, "base 58 does not return what it was given")
            Strictly.spelling(text, { Base58.decode($0) }, Base58.encode)
        }
    }

    private static func checkMnemonic(_ text: String, _ bytes: [UInt8]) {
        do throws(MnemonicError) {
            let words = try Mnemonic(phrase: text)
            require((try? Mnemonic(entropy: words.entropy)) == words, "words of other words")
        } catch {
            _ = error.description
        }
        guard let words = try? Mnemonic(entropy: bytes) else { return }
        require((try? Mnemonic(phrase: words.phrase))?.entropy == bytes, "words stand for other bytes")
        require((try? Mnemonic(phrase: words.phrase.uppercased()))?.entropy == bytes, "capitals matter")
    }
}
