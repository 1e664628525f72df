/// The labels and values of COSE_Key that the protocol uses (RFC 9052 section 7, RFC 9053 section 7, RFC 8812).
///
/// The encoding is deterministic and holds exactly the members that a thumbprint covers (RFC 9679 section
/// 4): no `alg`, no `kid`. So the SHA-256 of a stored key is its thumbprint, and a key has one encoding.
enum COSEKey {
    static let keyType: Int64 = 1
    static let curve: Int64 = -1
    static let x: Int64 = -2
    static let y: Int64 = -3

    static let octetKeyPair: UInt64 = 1
    static let ellipticCurve: UInt64 = 2

    static let x25519: UInt64 = 4
    static let ed25519: UInt64 = 6
    static let secp256k1: UInt64 = 8

    /// Writes {1: 1, -1: curve, -2: x}.
    static func encodeOctetKeyPair(curve number: UInt64, x bytes: Digest, to writer: inout CBORWriter) {
        writer.map(3)
        writer.int(keyType)
        writer.uint(octetKeyPair)
        writer.int(curve)
        writer.uint(number)
        writer.int(x)
        writer.digest(bytes)
    }

    /// Writes {1: 2, -1: 8, -2: x, -3: y}.
    static func encodeSecp256k1(x xBytes: Digest, y yBytes: Digest, to writer: inout CBORWriter) {
        writer.map(4)
        writer.int(keyType)
        writer.uint(ellipticCurve)
        writer.int(curve)
        writer.uint(secp256k1)
        writer.int(x)
        writer.digest(xBytes)
        writer.int(y)
        writer.digest(yBytes)
    }

    /// A key read and checked for shape, not yet for being a point.
    enum Raw {
        case octetKeyPair(curve: UInt64, x: Digest)
        case secp256k1(x: Digest, y: Digest)
    }

    static func decode(from reader: inout CBORReader) throws(CBORError) -> Raw {
        let start = reader.offset
        var map = try CBORMapReader(&reader)
        try map.key(keyType, &reader)
        let type = try reader.uint()
        try map.key(curve, &reader)
        let number = try reader.uint()
        try map.key(x, &reader)
        let xBytes = try reader.digest()
        switch (type, number) {
        case (octetKeyPair, ed25519), (octetKeyPair, x25519):
            try map.finish(reader)
            return .octetKeyPair(curve: number, x: xBytes)
        case (ellipticCurve, secp256k1):
            try map.key(y, &reader)
            let yBytes = try reader.digest()
            try map.finish(reader)
            return .secp256k1(x: xBytes, y: yBytes)
        default:
            throw CBORError(.invalidValue("a COSE_Key of type \(type) and curve \(number) is not used here"), at: start)
        }
    }
}

extension PublicKey: CBORCodable {
    /// Writes the key as a COSE_Key of its required members.
    public func encode(to writer: inout CBORWriter) {
        switch algorithm {
        case .es256k: COSEKey.encodeSecp256k1(x: x, y: y, to: &writer)
        case .edDSA: COSEKey.encodeOctetKeyPair(curve: COSEKey.ed25519, x: x, to: &writer)
        }
    }

    /// Reads a COSE_Key of exactly the required members; a point that is not valid is an error.
    public init(from reader: inout CBORReader) throws(CBORError) {
        let start = reader.offset
        let raw = try COSEKey.decode(from: &reader)
        do throws(KeyError) {
            switch raw {
            case .secp256k1(let x, let y): try self.init(secp256k1: x.bytes + y.bytes)
            case .octetKeyPair(COSEKey.ed25519, let x): try self.init(ed25519: x.bytes)
            case .octetKeyPair:
                throw KeyError.notOnCurve
            }
        } catch {
            throw CBORError(.invalidValue("\(error)"), at: start)
        }
    }

    /// The COSE Key Thumbprint (RFC 9679) with SHA-256: the key's id wherever one is written.
    public var kid: Digest { SHA256.hash(cbor) }
}
