import ProvChain

/// Signatures of several validators over one checkpoint. One of them may lie; of one more than can be faulty, one is
/// honest.
extension Node {
    private static let receiptMilliseconds: UInt64 = 3_000
    private static let lookMilliseconds: UInt64 = 10
    private static let questionMilliseconds: UInt64 = 300

    /// One more signature over the tip's checkpoint than validators may be faulty. The others are asked when somebody
    /// wants a proof, and only then.
    ///
    /// - Parameter enough: how many are asked for, if another number.
    func receipts(under tip: Tip, enough: Int? = nil) async throws -> [Bundle.SignedCheckpoint] {
        let block = tip.blockID
        let count = tip.headerEpoch.validators.count
        let needed = enough ?? (count - 1) / 3 + 1
        if let keys, checkpoints.own(block, by: keys.log) == nil {
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

    /// The receipt of a final statement by a node that has no key of its own: some validator's signature over the
    /// tip's checkpoint.
    func borrowedReceipt(_ id: Digest) async throws -> [UInt8]? {
        guard let leaf = try await ofFinal(id, { $0 }) else { return nil }
        let tip = ledger.tip
        guard let signed = try await receipts(under: tip, enough: 1).first else {
            throw Problems.tooFewReceipts(found: 0, needed: 1)
        }
        let (header, size, reader) = (signed.header, tip.header.checkpointSize, reader)
        return try await readers.run {
            header.receipt(try HistoryTree.inclusionProof(index: leaf, size: size, reader: reader))
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
