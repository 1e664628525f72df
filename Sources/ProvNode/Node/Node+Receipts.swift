import ProvChain

/// Signatures of several validators over one checkpoint. One of them may lie; of one more than can be faulty, one is
/// honest.
extension Node {
    private static let receiptMilliseconds: UInt64 = 3_000
    private static let lookMilliseconds: UInt64 = 10
    private static let questionMilliseconds: UInt64 = 300

    /// One more signature over the tip's checkpoint than validators may be faulty. The others are asked when somebody
    /// wants a proof, and only then.
    func receipts(under tip: Tip) async throws -> [Bundle.SignedCheckpoint] {
        let block = tip.blockID
        let count = tip.headerEpoch.validators.count
        let needed = (count - 1) / 3 + 1
        guard checkpoints.own(block, by: keys.log) != nil else {
            throw Problems.tooFewReceipts(found: 0, needed: needed)
        }
        let deadline = MonotonicClock.now().advanced(by: Self.receiptMilliseconds)
        var nextQuestion = MonotonicClock.now()
        while true {
            let signed = checkpoints.signatures(of: block)
            if signed.count >= needed { return signed }
            guard MonotonicClock.now() < deadline else {
                throw Problems.tooFewReceipts(found: signed.count, needed: needed)
            }
            // Who lags by a block cannot answer yet; it is asked again a little later.
            if MonotonicClock.now() >= nextQuestion {
                nextQuestion = MonotonicClock.now().advanced(by: Self.questionMilliseconds)
                for peer in peers.connected {
                    guard let identity = peers.identity(peer) else { continue }
                    gossip(.want([.checkpoint(block: block, validator: peer)], at: [identity]))
                }
            }
            try await Task.sleep(for: .milliseconds(Self.lookMilliseconds))
        }
    }

    func keepCheckpoint(_ bytes: [UInt8], of block: Digest, by validator: UInt64, from peer: IdentityKey) {
        guard let signed = parse(ReceiptHeader.self, bytes, from: peer) else { return }
        if !checkpoints.keep(signed, of: block, by: validator) { gossip(.proved(.badSignature, of: peer)) }
    }
}

extension Problems {
    static func tooFewReceipts(found: Int, needed: Int) -> ProblemView {
        ProblemView(
            title: "Too few validators answered", status: 503,
            detail:
                "A proof needs the signatures of \(needed) validators over one checkpoint, and \(found) answered. Try "
                + "again, or ask another node.",
            rule: "node.too-few-receipts", parameters: ["found": "\(found)", "needed": "\(needed)"], retry: true)
    }
}
