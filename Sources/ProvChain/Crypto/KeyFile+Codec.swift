extension KeyFile: CBORCodable {
    public func encode(to writer: inout CBORWriter) {
        writer.map(3 + (key.algorithm == nil ? 0 : 1) + (seal == nil ? 0 : 2))
        writer.int(1)
        writer.text(Self.format)
        if let algorithm = key.algorithm {
            writer.int(2)
            writer.int(algorithm.rawValue)
        }
        writer.int(3)
        writer.byteString(key.cose)
        if let seal {
            writer.int(4)
            seal.derivation.encode(to: &writer)
            writer.int(5)
            writer.byteString(seal.nonce)
        }
        writer.int(6)
        writer.byteString(secret)
    }

    /// Reads a key file without opening it. A cost above ``KeyDerivation/Cost/maximum`` is refused here,
    /// before anyone spends it.
    public init(from reader: inout CBORReader) throws(CBORError) {
        var map = try CBORMapReader(&reader)
        try map.key(1, &reader)
        try reader.text(exactly: Self.format)
        let algorithmStart = reader.offset
        var algorithm: Int64?
        if try map.optionalKey(2, &reader) { algorithm = try reader.int() }
        try map.key(3, &reader)
        key = try Self.key(cose: try reader.byteString(atMost: Self.maximumCOSEKeyByteCount))
        guard key.algorithm?.rawValue == algorithm else {
            throw CBORError(.invalidValue("the algorithm is not that of the key"), at: algorithmStart)
        }
        if try map.optionalKey(4, &reader) {
            let derivation = try KeyDerivation(from: &reader)
            try map.key(5, &reader)
            seal = Seal(derivation: derivation, nonce: try reader.byteString(count: AEAD.nonceByteCount))
        } else {
            seal = nil
        }
        try map.key(6, &reader)
        let tag = seal == nil ? 0 : AEAD.tagByteCount
        secret = try reader.byteString(count: SignatureAlgorithm.secretByteCount + tag)
        try map.finish(reader)
    }

    /// The COSE_Key of a secp256k1 key takes 75 bytes; others take less.
    private static let maximumCOSEKeyByteCount = 128

    private static func key(cose: [UInt8]) throws(CBORError) -> Key {
        if let identity = try? IdentityKey(cbor: cose) { return .identity(identity) }
        return .signature(try PublicKey(cbor: cose))
    }
}
