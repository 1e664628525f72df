/// One validator's signature over a checkpoint, in the form that every receipt of the block shares.
///
/// A receipt (RFC 9942) is a COSE_Sign1 whose detached payload is the root of the history. Its protected
/// header and signature say nothing about a leaf, so each validator signs once per final block, and any node
/// can make the receipts of all validators from these at the cost of a Merkle path.
public struct ReceiptHeader: Hashable, Sendable, CBORCodable {
    /// {1 alg EdDSA, 4 kid, 15 CWT claims {1 iss the origin, 2 sub chain and height, 6 iat}, 395 vds 1}.
    public let protected: [UInt8]
    public let signature: [UInt8]

    /// RFC9162_SHA256 of the registry of verifiable data structures.
    static let verifiableDataStructure: UInt64 = 1
    static let maximumProtectedBytes = 1_024

    /// Signs the checkpoint after `header`.
    ///
    /// - Parameter root: the root of size ``BlockHeader/checkpointSize``.
    public static func sign(_ header: BlockHeader, root: Digest, origin: String, by key: SecretKey) -> ReceiptHeader {
        let protected = protectedHeader(header, origin: origin, kid: key.publicKey.kid)
        let envelope = COSESign1.signed(protected: protected, payload: root.bytes, by: key)
        return ReceiptHeader(protected: protected, signature: envelope.signature)
    }

    private init(protected: [UInt8], signature: [UInt8]) {
        self.protected = protected
        self.signature = signature
    }

    static func protectedHeader(_ header: BlockHeader, origin: String, kid: Digest) -> [UInt8] {
        var writer = CBORWriter(reserving: 256)
        writer.map(4)
        writer.int(COSEHeader.algorithm)
        writer.int(SignatureAlgorithm.edDSA.rawValue)
        writer.int(COSEHeader.keyIdentifier)
        writer.digest(kid)
        writer.int(COSEHeader.claims)
        writer.map(3)
        writer.uint(1)
        writer.text(origin)
        writer.uint(2)
        writer.text("\(URN.chain(header.chain))/blocks/\(header.height)")
        writer.uint(6)
        writer.uint(header.time / 1_000)
        writer.int(COSEHeader.verifiableDataStructure)
        writer.uint(verifiableDataStructure)
        return writer.bytes
    }

    /// True if `key` signed the checkpoint after `header` with this root.
    public func verify(_ header: BlockHeader, root: Digest, origin: String, key: PublicKey) -> Bool {
        guard protected == Self.protectedHeader(header, origin: origin, kid: key.kid) else { return false }
        return key.verify(
            signature: signature,
            message: COSESign1.sigStructure(protected: protected, externalAAD: [], payload: root.bytes))
    }

    /// The receipt for one leaf: a COSE_Sign1 with the inclusion proof in its unprotected header.
    public func receipt(_ proof: InclusionProof) -> [UInt8] {
        var unprotected = CBORWriter(reserving: 64)
        unprotected.map(1)
        unprotected.int(COSEHeader.verifiableDataProofs)
        unprotected.map(1)
        unprotected.int(-1)
        unprotected.array(1)
        unprotected.byteString(proof.cbor)
        return COSESign1(
            protected: protected, unprotected: unprotected.bytes, payload: nil, signature: signature
        ).cbor
    }

    public func encode(to writer: inout CBORWriter) {
        writer.array(2)
        writer.byteString(protected)
        writer.byteString(signature)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 2)
        protected = try reader.byteString(atMost: Self.maximumProtectedBytes)
        signature = try reader.byteString(count: SignatureAlgorithm.signatureByteCount)
    }
}
