import ProvChain

/// Accuses the others: with each certificate it sends evidence against a signer of it, made of that signer's vote
/// and of another vote under the same signature.
final class Framer: Machine {
    override var isHonest: Bool { false }

    override func dispatch(_ message: ConsensusMessage, to peer: UInt64) {
        post(message, to: peer)
        guard case .certificate(let certificate) = message, certificate.kind != .nullify,
            let position = certificate.signers.indices.first(where: { certificate.signers[$0] != index })
        else { return }
        let other = SHA256.hash([UInt8(truncatingIfNeeded: world.random.next())])
        let votes = [certificate.block, other].map { block in
            SignedVote(
                Vote(
                    chain: world.ballots.chain, epochRecord: world.ballots.epochRecord(certificate.epoch),
                    epoch: certificate.epoch, view: certificate.view, kind: certificate.kind,
                    signer: certificate.signers[position], parentView: certificate.parentView, block: block),
                signature: certificate.signatures[position])
        }
        var writer = CBORWriter()
        writer.array(2)
        for vote in votes { writer.value(vote) }
        guard let evidence = try? Equivocation(cbor: writer.bytes) else {
            preconditionFailure("evidence that does not read")
        }
        world.counts[.lies] += 1
        post(.equivocation(evidence), to: peer)
    }
}
