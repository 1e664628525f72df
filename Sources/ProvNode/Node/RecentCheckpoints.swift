import ProvChain

/// The checkpoints of the latest blocks, by block id, and the signatures over them that are known. Whoever proves
/// something under a block asks other validators for theirs while the block is still among these.
struct RecentCheckpoints {
    /// Blocks that are remembered: minutes of them, when blocks come fast.
    static let capacity = 1_024

    private struct Checkpoint {
        let header: BlockHeader
        let root: Digest
        let epoch: EpochRecord
        /// By validator.
        var signatures: [UInt64: ReceiptHeader] = [:]
    }

    private let origin: String
    private var checkpoints: [Digest: Checkpoint] = [:]
    private var order: [Digest] = []
    private var oldest = 0

    init(origin: String) { self.origin = origin }

    mutating func add(_ tip: Tip) {
        let checkpoint = Checkpoint(header: tip.header, root: tip.history.root, epoch: tip.headerEpoch)
        guard checkpoints.updateValue(checkpoint, forKey: tip.blockID) == nil else { return }
        if order.count < Self.capacity {
            order.append(tip.blockID)
        } else {
            checkpoints[order[oldest]] = nil
            order[oldest] = tip.blockID
            oldest = (oldest + 1) % Self.capacity
        }
    }

    /// This validator's signature, made once for each block that somebody asks for.
    mutating func own(_ block: Digest, by key: SecretKey) -> ReceiptHeader? {
        guard let checkpoint = checkpoints[block],
            let place = checkpoint.epoch.validators.firstIndex(where: { $0.log == key.publicKey })
        else { return nil }
        if let made = checkpoint.signatures[UInt64(place)] { return made }
        let signed = ReceiptHeader.sign(checkpoint.header, root: checkpoint.root, origin: origin, by: key)
        checkpoints[block]?.signatures[UInt64(place)] = signed
        return signed
    }

    /// Keeps another validator's signature; false if it is none.
    mutating func keep(_ signed: ReceiptHeader, of block: Digest, by validator: UInt64) -> Bool {
        guard let checkpoint = checkpoints[block] else { return true }
        guard validator < UInt64(checkpoint.epoch.validators.count),
            signed.verify(
                checkpoint.header, root: checkpoint.root, origin: origin,
                key: checkpoint.epoch.validators[Int(validator)].log)
        else { return false }
        checkpoints[block]?.signatures[validator] = signed
        return true
    }

    /// By validator, ascending.
    func signatures(of block: Digest) -> [Bundle.SignedCheckpoint] {
        (checkpoints[block]?.signatures ?? [:]).sorted { $0.key < $1.key }.map {
            Bundle.SignedCheckpoint(validator: $0.key, header: $0.value)
        }
    }
}
