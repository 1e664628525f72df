import ProvChain

/// Keys and committees of a simulated chain. A signature is a keyed hash: as unforgeable here as any, since
/// nobody in the simulation computes one for another's key but through ``sign(_:by:)``.
final class Ballots {
    let validators: Int
    let chain: Digest
    /// Of a chain with a ledger: what its final blocks said of the epochs after them.
    private var records: [UInt64: Digest] = [:]

    static let hashChain = SHA256.hash(Array("simulated chain".utf8))

    static func hashRecord(_ epoch: UInt64) -> Digest { SHA256.hash(Array("epoch \(epoch)".utf8)) }

    init(validators: Int, genesis: BlockHeader) {
        self.validators = validators
        chain = genesis.chain
        records[0] = genesis.epochRecord
    }

    static func sign(_ message: [UInt8], by signer: UInt64) -> [UInt8] {
        let half = SHA256.hash([UInt8(signer)] + message).bytes
        return half + half
    }

    /// A machine appended a block that names the next epoch.
    func learn(_ header: BlockHeader) {
        if let next = header.nextEpochRecord, records[header.epoch + 1] == nil { records[header.epoch + 1] = next }
    }

    func epochRecord(_ epoch: UInt64) -> Digest { records[epoch] ?? Self.hashRecord(epoch) }

    func committee(_ epoch: UInt64) -> Committee {
        Committee(
            chain: chain, epochRecord: epochRecord(epoch), epoch: epoch, count: validators
        ) { signer, message, signature in
            signature == Self.sign(message, by: signer)
        }
    }

    /// A vote as a liar would make it.
    func vote(
        _ kind: VoteKind, epoch: UInt64, view: UInt64, signer: UInt64, parentView: UInt64, block: Digest
    ) -> SignedVote {
        let vote = Vote(
            chain: chain, epochRecord: epochRecord(epoch), epoch: epoch, view: view, kind: kind, signer: signer,
            parentView: kind == .notarize ? parentView : 0, block: kind == .nullify ? .zero : block)
        return SignedVote(vote, signature: Self.sign(vote.message, by: signer))
    }
}
