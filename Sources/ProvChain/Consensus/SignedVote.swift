/// A vote as it travels and as the journal keeps it. Chain and epoch record are implied by the connection
/// and the journal; the signature covers them.
public struct SignedVote: Hashable, Sendable, CBORCodable {
    public let epoch: UInt64
    /// At least 1.
    public let view: UInt64
    public let kind: VoteKind
    public let signer: UInt64
    /// Of a notarize, below the view; 0 otherwise.
    public let parentView: UInt64
    /// Zero for a nullify.
    public let block: Digest
    /// 64 bytes.
    public let signature: [UInt8]

    public init(_ vote: Vote, signature: [UInt8]) {
        precondition(signature.count == SignatureAlgorithm.signatureByteCount, "\(signature.count) bytes")
        precondition(vote.view > vote.parentView, "view \(vote.view) on parent view \(vote.parentView)")
        epoch = vote.epoch
        view = vote.view
        kind = vote.kind
        signer = vote.signer
        parentView = vote.parentView
        block = vote.block
        self.signature = signature
    }

    /// What the vote is for; two votes of one signer, view and kind with different ones are a fault.
    struct Subject: Hashable, Sendable {
        let parentView: UInt64
        let block: Digest
    }

    var subject: Subject { Subject(parentView: parentView, block: block) }

    /// CBOR `[epoch, view, kind, signer, parent view, block, signature]`.
    public func encode(to writer: inout CBORWriter) {
        writer.array(7)
        writer.uint(epoch)
        writer.uint(view)
        writer.uint(kind.rawValue)
        writer.uint(signer)
        writer.uint(parentView)
        writer.digest(block)
        writer.byteString(signature)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 7)
        epoch = try reader.uint()
        let start = reader.offset
        view = try reader.uint()
        kind = try reader.voteKind()
        signer = try reader.uint(atMost: UInt64(Limits.validators - 1))
        parentView = try reader.uint()
        block = try reader.digest()
        try CBORReader.checkSubject(kind, view: view, parentView: parentView, block: block, at: start)
        signature = try reader.byteString(count: SignatureAlgorithm.signatureByteCount)
    }
}

extension CBORReader {
    mutating func voteKind() throws(CBORError) -> VoteKind {
        let start = offset
        guard let kind = VoteKind(rawValue: try uint()) else {
            throw CBORError(.invalidValue("no such kind of vote"), at: start)
        }
        return kind
    }

    /// A nullify names nothing, a finalize no parent, and a parent lies below its child.
    static func checkSubject(
        _ kind: VoteKind, view: UInt64, parentView: UInt64, block: Digest, at start: Int
    ) throws(CBORError) {
        let isWellFormed =
            switch kind {
            case .notarize: parentView < view
            case .nullify: view > 0 && parentView == 0 && block == .zero
            case .finalize: view > 0 && parentView == 0
            }
        guard isWellFormed, view < .max else {
            throw CBORError(.invalidValue("a vote that means nothing"), at: start)
        }
    }
}
