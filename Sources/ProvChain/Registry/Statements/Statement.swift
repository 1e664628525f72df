/// A signed statement: the transaction of the chain.
///
/// A tagged COSE_Sign1 (RFC 9052) as RFC 9943 profiles it, in deterministic CBOR. A value of this type exists
/// only if its bytes are exactly canonical, every header is the one that the protocol demands, and the payload
/// has the layout of its type. Whether the signature is good and the rules allow it is decided later.
///
/// A class of constants: on its way through mempool, block, ledger and index it is passed on and never copied.
public final class Statement: Hashable, Sendable {
    /// The bytes that were signed and sent, and that become a leaf of the history.
    public let encoded: [UInt8]
    /// SHA-256 of the Sig_structure: the same for every valid signature over the same content.
    public let id: Digest
    /// RFC 9162 leaf hash of ``encoded``.
    public let leafHash: Digest
    public let algorithm: SignatureAlgorithm
    /// The signing key's thumbprint.
    public let kid: Digest
    public let claims: Claims
    public let payload: Payload
    public let signature: [UInt8]

    /// The CWT claims (RFC 8392, RFC 9597) in the protected header.
    public struct Claims: Hashable, Sendable {
        /// The party that makes the statement.
        public let issuer: Digest
        /// What the statement is about.
        public let subject: URN
        /// The chain it is meant for.
        public let chain: Digest
        /// Unix seconds from which on it can no longer be applied.
        public let expiry: UInt64
        /// Unix seconds.
        public let issuedAt: UInt64
        /// 16 random bytes.
        public let nonce: [UInt8]

        public static let nonceBytes = 16

        public init(issuer: Digest, subject: URN, chain: Digest, expiry: UInt64, issuedAt: UInt64, nonce: [UInt8]) {
            self.issuer = issuer
            self.subject = subject
            self.chain = chain
            self.expiry = expiry
            self.issuedAt = issuedAt
            self.nonce = nonce
        }
    }

    public static let type = "application/scitt-statement+cose"

    /// The CBOR tag that opens every statement, and so tells it from a header in the log.
    public static let tag: UInt64 = 18

    /// Reads exactly one statement; throws a ``Refusal`` of rule `statement.malformed` or `statement.too-large`.
    public init(encoded: [UInt8]) throws(Refusal) {
        guard encoded.count <= Limits.statementBytes else {
            throw Refusal(.tooLarge, ["size": "\(encoded.count)", "limit": "\(Limits.statementBytes)"])
        }
        do throws(CBORError) {
            let envelope = try COSESign1(cbor: encoded)
            let header = try Header(cbor: envelope.protected)
            guard envelope.unprotected == COSESign1.emptyMap else {
                throw CBORError(.invalidValue("the unprotected header must be empty"), at: 0)
            }
            guard let payloadBytes = envelope.payload else {
                throw CBORError(.invalidValue("the payload is missing"), at: 0)
            }
            guard envelope.signature.count == 64 else {
                throw CBORError(.wrongLength(expected: 64, found: envelope.signature.count), at: 0)
            }
            payload = try Payload(header.type, cbor: payloadBytes)
            algorithm = header.algorithm
            kid = header.kid
            claims = header.claims
            signature = envelope.signature
            id = SHA256.hash(
                COSESign1.sigStructure(protected: envelope.protected, externalAAD: [], payload: payloadBytes))
        } catch {
            throw Refusal(.malformed, ["reason": error.description])
        }
        self.encoded = encoded
        leafHash = MerkleHash.leaf(encoded)
    }

    public static func == (a: Statement, b: Statement) -> Bool { a.encoded == b.encoded }

    public func hash(into hasher: inout Hasher) { hasher.combine(leafHash) }

    /// An identifier for a thing that the statement with this issuer and nonce creates: it can be named
    /// before the statement is signed, and nobody else can take it.
    public static func derivedIdentifier(chain: Digest, issuer: Digest, nonce: [UInt8]) -> Digest {
        DomainTag.derivedIdentifier.hash(as: "provchain/derived-id/1", 3) { item in
            item.digest(chain)
            item.digest(issuer)
            item.byteString(nonce)
        }
    }

    /// The identifier that this statement may give to what it creates.
    public var derivedIdentifier: Digest {
        Self.derivedIdentifier(chain: claims.chain, issuer: claims.issuer, nonce: claims.nonce)
    }

    /// What the signature core has to check, once `key` is known to be the one that ``kid`` names.
    public func check(with key: PublicKey) -> SignatureCheck {
        // ES256K signs the digest, which is the statement's id: its message need not be put together again.
        let message = key.algorithm == .es256k ? [] : toBeSigned
        return SignatureCheck(key: key, message: message, digest: id, signature: signature)
    }

    /// The Sig_structure, whose SHA-256 is ``id``.
    public var toBeSigned: [UInt8] {
        COSESign1.sigStructure(
            protected: Header(algorithm: algorithm, type: payload.type, kid: kid, claims: claims).cbor,
            externalAAD: [], payload: payload.cbor)
    }
}

extension Statement {
    /// The protected header: {1 alg, 3 content type, 4 kid, 15 CWT claims, 16 typ}.
    struct Header: CBORCodable {
        let algorithm: SignatureAlgorithm
        let type: StatementType
        let kid: Digest
        let claims: Claims

        init(algorithm: SignatureAlgorithm, type: StatementType, kid: Digest, claims: Claims) {
            self.algorithm = algorithm
            self.type = type
            self.kid = kid
            self.claims = claims
        }

        func encode(to writer: inout CBORWriter) {
            writer.map(5)
            writer.uint(1)
            writer.int(algorithm.rawValue)
            writer.uint(3)
            writer.text(type.contentType)
            writer.uint(4)
            writer.digest(kid)
            writer.uint(15)
            writer.value(claims)
            writer.uint(16)
            writer.text(Statement.type)
        }

        init(from reader: inout CBORReader) throws(CBORError) {
            var map = try CBORMapReader(&reader)
            try map.key(1, &reader)
            var start = reader.offset
            let number = try reader.int()
            guard let algorithm = SignatureAlgorithm(rawValue: number) else {
                throw CBORError(
                    .invalidValue("algorithm \(number); allowed are -47 (ES256K) and -8 (EdDSA)"), at: start)
            }
            self.algorithm = algorithm
            try map.key(3, &reader)
            start = reader.offset
            if let type = reader.parsed(byUTF8: { StatementType(contentType: $0) }) {
                self.type = type
            } else {
                guard let type = StatementType(contentType: try reader.text(atMost: Limits.mediaTypeBytes)) else {
                    throw CBORError(.invalidValue("an unknown statement type"), at: start)
                }
                self.type = type
            }
            try map.key(4, &reader)
            kid = try reader.digest()
            try map.key(15, &reader)
            claims = try reader.value()
            try map.key(16, &reader)
            try reader.text(exactly: Statement.type)
            try map.finish(reader)
        }
    }
}

extension Statement.Claims: CBORCodable {
    public func encode(to writer: inout CBORWriter) {
        writer.map(6)
        writer.uint(1)
        writer.value(URN.party(issuer))
        writer.uint(2)
        writer.value(subject)
        writer.uint(3)
        writer.value(URN.chain(chain))
        writer.uint(4)
        writer.uint(expiry)
        writer.uint(6)
        writer.uint(issuedAt)
        writer.uint(7)
        writer.byteString(nonce)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        var map = try CBORMapReader(&reader)
        try map.key(1, &reader)
        var start = reader.offset
        guard case .party(let issuer) = try reader.value(URN.self) else {
            throw CBORError(.invalidValue("the issuer must be a party"), at: start)
        }
        self.issuer = issuer
        try map.key(2, &reader)
        subject = try reader.value()
        try map.key(3, &reader)
        start = reader.offset
        guard case .chain(let chain) = try reader.value(URN.self) else {
            throw CBORError(.invalidValue("the audience must be a chain"), at: start)
        }
        self.chain = chain
        try map.key(4, &reader)
        expiry = try reader.uint(atMost: Limits.exactInteger / 1_000)
        try map.key(6, &reader)
        issuedAt = try reader.uint(atMost: Limits.exactInteger / 1_000)
        try map.key(7, &reader)
        nonce = try reader.byteString(count: Self.nonceBytes)
        try map.finish(reader)
    }
}

/// A statement that is yet to be signed.
public struct StatementDraft: Sendable {
    public let claims: Statement.Claims
    public let payload: Payload

    public init(claims: Statement.Claims, payload: Payload) {
        self.claims = claims
        self.payload = payload
    }

    /// Signs with the issuer's key. Throws what ``Statement/init(encoded:)`` would throw of the result, so
    /// that nobody signs what no node would take.
    public func signed(by key: SecretKey) throws(Refusal) -> Statement {
        let header = Statement.Header(
            algorithm: key.algorithm, type: payload.type, kid: key.publicKey.kid, claims: claims)
        let envelope = COSESign1.signed(protected: header.cbor, payload: payload.cbor, by: key)
        return try Statement(encoded: envelope.cbor)
    }

    /// Puts a signature made elsewhere under the draft; it is not verified here.
    public func withSignature(
        _ signature: [UInt8], algorithm: SignatureAlgorithm, kid: Digest
    ) throws(Refusal) -> Statement {
        let header = Statement.Header(algorithm: algorithm, type: payload.type, kid: kid, claims: claims)
        let envelope = COSESign1(
            protected: header.cbor, unprotected: COSESign1.emptyMap, payload: payload.cbor, signature: signature)
        return try Statement(encoded: envelope.cbor)
    }
}
