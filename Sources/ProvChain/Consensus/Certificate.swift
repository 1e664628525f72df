/// A quorum's votes of one kind in one view: plain signatures, so that each is attributable.
///
/// A notarization says that a block may be built on, a nullification that its view may be skipped, a
/// finalization that the block and its ancestors stand for ever.
public struct Certificate: Hashable, Sendable, CBORCodable {
    public let kind: VoteKind
    public let epoch: UInt64
    public let view: UInt64
    public let parentView: UInt64
    public let block: Digest
    /// Ascending.
    public let signers: [UInt64]
    /// 64 bytes for each signer.
    public let signatures: [[UInt8]]

    /// Takes at least one vote; all are of one kind, view and subject, their signers ascending.
    init(votes: [SignedVote]) {
        guard let first = votes.first else { preconditionFailure("a certificate of no votes") }
        precondition(
            votes.allSatisfy { $0.kind == first.kind && $0.view == first.view && $0.subject == first.subject },
            "votes for different things")
        kind = first.kind
        epoch = first.epoch
        view = first.view
        parentView = first.parentView
        block = first.block
        signers = votes.map(\.signer)
        signatures = votes.map(\.signature)
    }

    public init(
        kind: VoteKind, epoch: UInt64, view: UInt64, parentView: UInt64, block: Digest, signers: [UInt64],
        signatures: [[UInt8]]
    ) {
        precondition(signers.count == signatures.count, "a signature for each signer")
        self.kind = kind
        self.epoch = epoch
        self.view = view
        self.parentView = parentView
        self.block = block
        self.signers = signers
        self.signatures = signatures
    }

    /// What the log keeps of a finalization; `nil` for the other kinds.
    public var finality: FinalityCertificate? {
        kind == .finalize ? FinalityCertificate(view: view, signers: signers, signatures: signatures) : nil
    }

    /// The finalization that a log holds for a block.
    public init(_ certificate: FinalityCertificate, of header: BlockHeader) {
        self.init(
            kind: .finalize, epoch: header.epoch, view: certificate.view, parentView: 0, block: header.id,
            signers: certificate.signers, signatures: certificate.signatures)
    }

    /// An upper bound of the encoding's length, without encoding.
    var byteBound: Int { 96 + 66 * signatures.count }

    /// CBOR `[kind, epoch, view, parent view, block, bitmap, [signature, …]]`, the bitmap as in a finality
    /// certificate.
    public func encode(to writer: inout CBORWriter) {
        writer.array(7)
        writer.uint(kind.rawValue)
        writer.uint(epoch)
        writer.uint(view)
        writer.uint(parentView)
        writer.digest(block)
        writer.byteString(SignerBitmap.encode(signers))
        writer.array(signatures.count)
        for signature in signatures { writer.byteString(signature) }
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 7)
        let start = reader.offset
        kind = try reader.voteKind()
        epoch = try reader.uint()
        view = try reader.uint()
        parentView = try reader.uint()
        block = try reader.digest()
        try CBORReader.checkSubject(kind, view: view, parentView: parentView, block: block, at: start)
        signers = try SignerBitmap.decode(&reader)
        let count = try reader.array(atMost: Limits.validators)
        guard count == signers.count, count > 0 else {
            throw CBORError(.invalidValue("bitmap and signatures do not agree"), at: start)
        }
        var signatures: [[UInt8]] = []
        for _ in 0..<count {
            signatures.append(try reader.byteString(count: SignatureAlgorithm.signatureByteCount))
        }
        self.signatures = signatures
    }
}

/// Signers as bits, the least significant first, without a zero byte at the end.
enum SignerBitmap {
    static func encode(_ signers: [UInt64]) -> [UInt8] {
        var bitmap = [UInt8](repeating: 0, count: signers.max().map { Int($0 / 8) + 1 } ?? 0)
        for signer in signers { bitmap[Int(signer / 8)] |= 1 << (signer % 8) }
        return bitmap
    }

    static func decode(_ reader: inout CBORReader) throws(CBORError) -> [UInt64] {
        let start = reader.offset
        let bitmap = try reader.byteString(atMost: (Limits.validators + 7) / 8)
        guard bitmap.last != 0 else { throw CBORError(.invalidValue("a bitmap that ends in zero"), at: start) }
        return bitmap.enumerated().flatMap { index, byte in
            (0..<8).filter { byte >> $0 & 1 == 1 }.map { UInt64(index * 8 + $0) }
        }
    }
}
