/// The similarity hash of a list of digests: bit i is set if it is set in at least half of them
/// (Charikar 2002; ISO 24138:2024, Meta-Code).
struct SimilarityHash: Sendable {
    private var counts = [Int](repeating: 0, count: 8 * Digest.byteCount)
    private var total = 0

    mutating func insert(_ digest: Digest) {
        total += 1
        for index in counts.indices where digest.bit(index) { counts[index] += 1 }
    }

    /// At least one digest must have been inserted.
    var digest: Digest {
        precondition(total > 0, "the similarity hash of nothing")
        var bytes = [UInt8](repeating: 0, count: Digest.byteCount)
        for (index, count) in counts.enumerated() where 2 * count >= total {
            bytes[index / 8] |= 0x80 >> UInt8(index % 8)
        }
        guard let digest = Digest(bytes) else { preconditionFailure("\(bytes.count) bytes of similarity hash") }
        return digest
    }
}
