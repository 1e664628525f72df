/// A quorum's finalize votes for one block: plain signatures and a bitmap, so that each is attributable.
public struct FinalityCertificate: Hashable, Sendable, CBORCodable {
    /// The view in which the votes were cast; not below the header's.
    public let view: UInt64
    /// Signer indices, ascending.
    public let signers: [UInt64]
    /// One Ed25519 signature of 64 bytes for each signer.
    public let signatures: [[UInt8]]

    public init(view: UInt64, signers: [UInt64], signatures: [[UInt8]]) {
        precondition(signers.count == signatures.count, "a signature for each signer")
        self.view = view
        self.signers = signers
        self.signatures = signatures
    }

    /// Why a certificate proves nothing.
    public enum Fault: Error, Hashable, Sendable, CustomStringConvertible {
        case wrongEpoch
        case viewBeforeProposal(view: UInt64, proposed: UInt64)
        case noQuorum(found: Int, needed: Int)
        /// A signer given twice would count twice.
        case signersNotAscending
        case unknownSigner(UInt64)
        case badSignature(signer: UInt64)

        public var description: String {
            switch self {
            case .wrongEpoch: "the header belongs to another epoch record"
            case .viewBeforeProposal(let view, let proposed):
                "the votes are of view \(view), before the proposal's view \(proposed)"
            case .noQuorum(let found, let needed): "\(found) votes; \(needed) are a quorum"
            case .signersNotAscending: "the signers do not ascend, so one of them could count twice"
            case .unknownSigner(let signer): "there is no validator number \(signer)"
            case .badSignature(let signer): "the vote of validator \(signer) does not verify"
            }
        }
    }

    /// Checks that a quorum of `epoch`'s validators finalized `header`.
    public func verify(_ header: BlockHeader, epoch: EpochRecord) throws(Fault) {
        guard header.epochRecord == epoch.hash, header.epoch == epoch.number else { throw .wrongEpoch }
        guard view >= header.view else { throw .viewBeforeProposal(view: view, proposed: header.view) }
        let needed = Quorum.size(of: epoch.validators.count)
        guard signers.count >= needed else { throw .noQuorum(found: signers.count, needed: needed) }
        guard zip(signers, signers.dropFirst()).allSatisfy({ $0 < $1 }) else { throw .signersNotAscending }
        let block = header.id
        for (signer, signature) in zip(signers, signatures) {
            guard signer < UInt64(epoch.validators.count) else { throw .unknownSigner(signer) }
            let vote = Vote(
                chain: header.chain, epochRecord: header.epochRecord, epoch: header.epoch, view: view,
                kind: .finalize, signer: signer, parentView: 0, block: block)
            guard epoch.validators[Int(signer)].vote.verify(signature: signature, message: vote.message) else {
                throw .badSignature(signer: signer)
            }
        }
    }

    /// CBOR `[view, bitmap, [signature, …]]`; bit i of the bitmap (least significant first) is signer i.
    public func encode(to writer: inout CBORWriter) {
        var bitmap = [UInt8](repeating: 0, count: signers.max().map { Int($0 / 8) + 1 } ?? 0)
        for signer in signers { bitmap[Int(signer / 8)] |= 1 << (signer % 8) }
        writer.array(3)
        writer.uint(view)
        writer.byteString(bitmap)
        writer.array(signatures.count)
        for signature in signatures { writer.byteString(signature) }
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 3)
        view = try reader.uint()
        let start = reader.offset
        let bitmap = try reader.byteString(atMost: (Limits.validators + 7) / 8)
        signers = bitmap.enumerated().flatMap { index, byte in
            (0..<8).filter { byte >> $0 & 1 == 1 }.map { UInt64(index * 8 + $0) }
        }
        let count = try reader.array(atMost: Limits.validators)
        guard bitmap.last != 0, count == signers.count else {
            throw CBORError(.invalidValue("bitmap and signatures do not agree"), at: start)
        }
        var signatures: [[UInt8]] = []
        for _ in 0..<count { signatures.append(try reader.byteString(count: 64)) }
        self.signatures = signatures
    }
}
