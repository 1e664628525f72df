/// The minimum hash of a set of 32-bit features: two sets that share much share many of its 64 minima
/// (Broder 1997; ISO 24138:2024, Data-Code).
///
/// For each of 64 linear functions it keeps the smallest value over all features, so its size does not depend
/// on their number. The digest takes the four low bits of each minimum.
struct MinHash: Sendable {
    static let width = 64
    private static let bitsPerMinimum = 4
    /// The Mersenne prime 2⁶¹ − 1.
    private static let prime: UInt64 = 1 << 61 - 1

    private var minima = [UInt32](repeating: .max, count: MinHash.width)
    private(set) var isEmpty = true

    mutating func insert(_ feature: UInt32) {
        isEmpty = false
        let x = UInt64(feature)
        MinHashTable.factors.withUnsafeBufferPointer { factors in
            MinHashTable.summands.withUnsafeBufferPointer { summands in
                minima.withUnsafeMutableBufferPointer { minima in
                    for index in 0..<MinHash.width {
                        // Modulo 2⁶⁴ first, as the standard has it, then modulo the prime.
                        let sum = factors[index] &* x &+ summands[index]
                        var value = sum & MinHash.prime &+ sum &>> 61
                        if value >= MinHash.prime { value &-= MinHash.prime }
                        minima[index] = min(minima[index], UInt32(truncatingIfNeeded: value))
                    }
                }
            }
        }
    }

    /// 256 bits: the lowest bit of every minimum, then the second lowest of every one, and so on.
    var digest: Digest {
        var bytes = [UInt8](repeating: 0, count: Digest.byteCount)
        for plane in 0..<MinHash.bitsPerMinimum {
            for index in 0..<MinHash.width where minima[index] >> UInt32(plane) & 1 == 1 {
                let position = plane * MinHash.width + index
                bytes[position / 8] |= 0x80 >> UInt8(position % 8)
            }
        }
        guard let digest = Digest(bytes) else { preconditionFailure("\(bytes.count) bytes of minimum hash") }
        return digest
    }
}
