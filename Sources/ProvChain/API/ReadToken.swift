/// A party's word that it wants to read: what opens restricted attachments at one node for a few minutes.
///
/// A COSE_Sign1 by one of the party's signing keys. Protected header {1 alg, 3 content type, 4 kid}, unprotected
/// header empty; the payload is `[tag, chain, party, audience, issued at, expiry, nonce]`. The tag and the content
/// type keep it apart from everything else that these keys sign. Travels as base64url in `Authorization: Bearer`.
public struct ReadToken: Hashable, Sendable {
    public static let contentType = "application/vnd.provchain.read-token+cbor"
    /// Seconds between ``Claims/issuedAt`` and ``Claims/expiry`` at most.
    public static let maximumLifetimeSeconds: UInt64 = 600
    /// Seconds by which the reader's clock may be ahead of the node's.
    public static let clockSkewSeconds: UInt64 = 60
    /// Bytes of an encoded token.
    public static let maximumBytes = 1_024
    public static let audienceBytes = 255
    public static let nonceBytes = 16

    public struct Claims: Hashable, Sendable {
        public let chain: Digest
        public let party: Digest
        /// The node that it is for: scheme, host and port of the address that the reader uses, as in
        /// `https://node.example` or `http://127.0.0.1:8420`. Another node cannot use it.
        public let audience: String
        /// Unix seconds.
        public let issuedAt: UInt64
        /// Unix seconds from which on it opens nothing.
        public let expiry: UInt64
        public let nonce: [UInt8]

        public init(
            chain: Digest, party: Digest, audience: String, issuedAt: UInt64, expiry: UInt64, nonce: [UInt8]
        ) {
            self.chain = chain
            self.party = party
            self.audience = audience
            self.issuedAt = issuedAt
            self.expiry = expiry
            self.nonce = nonce
        }
    }

    public let claims: Claims
    /// The signing key's thumbprint.
    public let kid: Digest
    private let envelope: COSESign1

    public static func signed(_ claims: Claims, by key: SecretKey) -> ReadToken {
        let header = Header(algorithm: key.algorithm, kid: key.publicKey.kid)
        let envelope = COSESign1.signed(protected: header.cbor, payload: claims.payload, by: key)
        return ReadToken(claims: claims, kid: header.kid, envelope: envelope)
    }

    private init(claims: Claims, kid: Digest, envelope: COSESign1) {
        self.claims = claims
        self.kid = kid
        self.envelope = envelope
    }

    /// Reads a token's layout. Whose key it is, and whether the signature is good, is not known then.
    public init(encoded: [UInt8]) throws(CBORError) {
        guard encoded.count <= Self.maximumBytes else {
            throw CBORError(.invalidValue("a token has at most \(Self.maximumBytes) bytes"), at: 0)
        }
        let envelope = try COSESign1(cbor: encoded)
        guard envelope.unprotected == COSESign1.emptyMap, let payload = envelope.payload else {
            throw CBORError(.invalidValue("needs a payload and an empty unprotected header"), at: 0)
        }
        let header = try Header(cbor: envelope.protected)
        self.init(claims: try Claims(payload: payload), kid: header.kid, envelope: envelope)
    }

    /// The text of `Authorization: Bearer`; `nil` if it is not a token.
    public init?(text: String) {
        guard text.utf8.count <= Self.maximumBytes / 3 * 4 + 4, let bytes = Base64URL.decode(text),
            let token = try? ReadToken(encoded: bytes)
        else { return nil }
        self = token
    }

    public var text: String { Base64URL.encode(envelope.cbor) }

    public func verify(with key: PublicKey) -> Bool { key.kid == kid && envelope.verify(with: key) }
}

extension ReadToken.Claims {
    fileprivate var payload: [UInt8] {
        DomainTag.readToken.input(6) { writer in
            writer.digest(chain)
            writer.digest(party)
            writer.text(audience)
            writer.uint(issuedAt)
            writer.uint(expiry)
            writer.byteString(nonce)
        }
    }

    fileprivate init(payload: [UInt8]) throws(CBORError) {
        var reader = CBORReader(payload)
        try reader.array(count: 7)
        try reader.text(exactly: DomainTag.readToken.rawValue)
        chain = try reader.digest()
        party = try reader.digest()
        audience = try reader.text(atMost: ReadToken.audienceBytes)
        issuedAt = try reader.uint(atMost: Limits.exactInteger / 1_000)
        expiry = try reader.uint(atMost: Limits.exactInteger / 1_000)
        nonce = try reader.byteString(count: ReadToken.nonceBytes)
        guard reader.offset == payload.count else {
            throw CBORError(.invalidValue("bytes after the claims"), at: reader.offset)
        }
    }
}

extension ReadToken {
    private struct Header: CBORCodable {
        let algorithm: SignatureAlgorithm
        let kid: Digest

        init(algorithm: SignatureAlgorithm, kid: Digest) {
            self.algorithm = algorithm
            self.kid = kid
        }

        func encode(to writer: inout CBORWriter) {
            writer.map(3)
            writer.uint(1)
            writer.int(algorithm.rawValue)
            writer.uint(3)
            writer.text(ReadToken.contentType)
            writer.uint(4)
            writer.digest(kid)
        }

        init(from reader: inout CBORReader) throws(CBORError) {
            var map = try CBORMapReader(&reader)
            try map.key(1, &reader)
            guard let algorithm = SignatureAlgorithm(rawValue: try reader.int()) else {
                throw CBORError(.invalidValue("allowed algorithms are -47 (ES256K) and -8 (EdDSA)"), at: 0)
            }
            self.algorithm = algorithm
            try map.key(3, &reader)
            try reader.text(exactly: ReadToken.contentType)
            try map.key(4, &reader)
            kid = try reader.digest()
            try map.finish(reader)
        }
    }
}
