/// `did:key` (W3C CCG "The did:key Method"): a multicodec number and the key's bytes in base 58 after "z".
enum DIDKey {
    static let prefix = "did:key:z"

    // Multicodec numbers as unsigned varints.
    static let secp256k1: [UInt8] = [0xe7, 0x01]
    static let x25519: [UInt8] = [0xec, 0x01]
    static let ed25519: [UInt8] = [0xed, 0x01]

    /// Longer texts are refused unread: two bytes of codec and 33 of key take fewer than 50 digits.
    static let maximumLength = 64

    static func text(_ codec: [UInt8], _ key: [UInt8]) -> String { prefix + Base58.encode(codec + key) }

    /// The codec and the key's bytes.
    static func parse(_ text: String) throws(KeyError) -> (codec: [UInt8], key: [UInt8]) {
        guard text.hasPrefix(prefix) else { throw KeyError.notADIDKey("it does not start with \"\(prefix)\"") }
        guard text.utf8.count <= maximumLength else {
            throw KeyError.notADIDKey("\(text.utf8.count) characters, at most \(maximumLength)")
        }
        guard let bytes = Base58.decode(text.dropFirst(prefix.count)), bytes.count > 2 else {
            throw KeyError.notADIDKey("what follows the prefix is not base 58")
        }
        return (Array(bytes[..<2]), Array(bytes[2...]))
    }
}

extension PublicKey {
    /// The key as a `did:key`: how people see and type a key.
    public var did: String {
        switch algorithm {
        case .es256k: DIDKey.text(DIDKey.secp256k1, bytes)
        case .edDSA: DIDKey.text(DIDKey.ed25519, bytes)
        }
    }

    /// Reads a `did:key` of secp256k1 (compressed) or Ed25519.
    public init(did: String) throws(KeyError) {
        let (codec, key) = try DIDKey.parse(did)
        switch codec {
        case DIDKey.secp256k1:
            guard key.count == 33 else { throw KeyError.wrongLength(expected: [33], found: key.count) }
            try self.init(secp256k1: key)
        case DIDKey.ed25519: try self.init(ed25519: key)
        default: throw KeyError.notADIDKey("multicodec \(Hex.encode(codec)) does not sign here")
        }
    }
}
