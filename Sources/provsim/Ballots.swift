import ProvChain

/// Keys and committees of a simulated chain. A signature is a keyed hash: as unforgeable here as any, since
/// nobody in the simulation computes one for another's key but through ``sign(_:by:)``.
struct Ballots: Sendable {
    let validators: Int

    static let chain = SHA256.hash(Array("simulated chain".utf8))

    static func sign(_ message: [UInt8], by signer: UInt64) -> [UInt8] {
        let half = SHA256.hash([UInt8(signer)] + message).bytes
        return half + half
    }

    static func epochRecord(_ epoch: UInt64) -> Digest { SHA256.hash(Array("epoch \(epoch)".utf8)) }

    func committee(_ epoch: UInt64) -> Committee {
        Committee(
            chain: Self.chain, epochRecord: Self.epochRecord(epoch), epoch: epoch, count: validators
        ) { signer, message, signature in
            signature == Self.sign(message, by: signer)
        }
    }

    /// A vote as a liar would make it.
    static func vote(
        _ kind: VoteKind, epoch: UInt64, view: UInt64, signer: UInt64, parentView: UInt64, block: Digest
    ) -> SignedVote {
        let vote = Vote(
            chain: chain, epochRecord: epochRecord(epoch), epoch: epoch, view: view, kind: kind, signer: signer,
            parentView: kind == .notarize ? parentView : 0, block: kind == .nullify ? .zero : block)
        return SignedVote(vote, signature: sign(vote.message, by: signer))
    }
}
