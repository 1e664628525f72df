/// A party application as it travels: COSE_Sign1 by the applicant's first signing key, for one chain.
/// Protected header: {1 alg, 3 content type, 4 kid, 15 CWT claims {2 sub the party's URN, 3 aud the chain}}.
public struct SignedApplication: Hashable, Sendable {
    public let encoded: [UInt8]
    public let application: PartyApplication
    public let party: Digest
    public let chain: Digest

    public static let contentType = "application/vnd.provchain.application+cbor"

    /// Reads an application and checks everything that needs no chain state: layout, signature, the party's
    /// identifier and every proof of possession. Throws a ``Refusal`` of rule `application.invalid`.
    public init(encoded: [UInt8]) throws(Refusal) {
        let envelope: COSESign1
        let header: Header
        do throws(CBORError) {
            envelope = try COSESign1(cbor: encoded)
            header = try Header(cbor: envelope.protected)
            guard envelope.unprotected == COSESign1.emptyMap, let payload = envelope.payload else {
                throw CBORError(.invalidValue("needs a payload and an empty unprotected header"), at: 0)
            }
            application = try PartyApplication(cbor: payload)
        } catch {
            throw Refusal(.invalidApplication, ["reason": error.description])
        }
        guard let first = application.keys.first(where: { $0.purpose == .sign })?.key,
            first.kid == header.kid, first.algorithm == header.algorithm
        else { throw Refusal(.invalidApplication, ["reason": "not signed by its first signing key"]) }
        let identifier = PartyApplication.identifier(chain: header.chain.bytes, firstKey: first.kid)
        guard identifier == header.party else {
            throw Refusal(.invalidApplication, ["reason": "the party's identifier does not follow from its key"])
        }
        guard envelope.verify(with: first) else {
            throw Refusal(.invalidApplication, ["reason": "the applicant's signature does not verify"])
        }
        for entry in application.keys where !entry.isPossessed(chain: header.chain.bytes, party: identifier) {
            throw Refusal(.noPossession, ["key": entry.key.kid.hex])
        }
        self.encoded = encoded
        party = header.party
        chain = header.chain
    }

    /// Makes and signs an application for one signing key.
    public static func make(
        kind: PartyKind, key: SecretKey, chain: Digest, identityCommitment: Digest? = nil
    ) throws(Refusal) -> SignedApplication {
        let party = PartyApplication.identifier(chain: chain.bytes, firstKey: key.publicKey.kid)
        let message = ProofOfPossession.message(
            chain: chain.bytes, party: party, purpose: .sign, key: key.publicKey)
        let entry = KeyEntry(purpose: .sign, key: key.publicKey, possession: key.sign(message))
        let application = PartyApplication(kind: kind, keys: [entry], identityCommitment: identityCommitment)
        let header = Header(algorithm: key.algorithm, kid: key.publicKey.kid, party: party, chain: chain)
        let envelope = COSESign1.signed(protected: header.cbor, payload: application.cbor, by: key)
        return try SignedApplication(encoded: envelope.cbor)
    }

    private struct Header: CBORCodable {
        let algorithm: SignatureAlgorithm
        let kid: Digest
        let party: Digest
        let chain: Digest

        init(algorithm: SignatureAlgorithm, kid: Digest, party: Digest, chain: Digest) {
            self.algorithm = algorithm
            self.kid = kid
            self.party = party
            self.chain = chain
        }

        func encode(to writer: inout CBORWriter) {
            writer.map(4)
            writer.uint(1)
            writer.int(algorithm.rawValue)
            writer.uint(3)
            writer.text(SignedApplication.contentType)
            writer.uint(4)
            writer.digest(kid)
            writer.uint(15)
            writer.map(2)
            writer.uint(2)
            writer.value(URN.party(party))
            writer.uint(3)
            writer.value(URN.chain(chain))
        }

        init(from reader: inout CBORReader) throws(CBORError) {
            var map = try CBORMapReader(&reader)
            try map.key(1, &reader)
            guard let algorithm = SignatureAlgorithm(rawValue: try reader.int()) else {
                throw CBORError(.invalidValue("allowed algorithms are -47 (ES256K) and -8 (EdDSA)"), at: 0)
            }
            self.algorithm = algorithm
            try map.key(3, &reader)
            try reader.text(exactly: SignedApplication.contentType)
            try map.key(4, &reader)
            kid = try reader.digest()
            try map.key(15, &reader)
            var claims = try CBORMapReader(&reader)
            try claims.key(2, &reader)
            let subject: URN = try reader.value()
            try claims.key(3, &reader)
            let audience: URN = try reader.value()
            try claims.finish(reader)
            try map.finish(reader)
            guard case .party(let party) = subject, case .chain(let chain) = audience else {
                throw CBORError(.invalidValue("sub must be a party and aud a chain"), at: 0)
            }
            self.party = party
            self.chain = chain
        }
    }
}
