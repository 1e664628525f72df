/// The inputs of `random.json`, as `Tests/Foreign/iscc/prng.py` makes them: xorshift64*, eight little-endian
/// bytes a step.
enum RandomInput {
    private static let period = 97

    static func bytes(seed: UInt64, size: Int, kind: Int) -> [UInt8] {
        switch kind {
        case 0: return stream(seed, size)
        // Two bits of each byte: chunks get long.
        case 1: return stream(seed, size).map { $0 & 3 }
        // Chunks repeat.
        default:
            let unit = stream(seed, period)
            return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
                for index in 0..<size { buffer[index] = unit[index % period] }
                count = size
            }
        }
    }

    private static func stream(_ seed: UInt64, _ size: Int) -> [UInt8] {
        var state = seed
        return [UInt8](unsafeUninitializedCapacity: (size + 7) / 8 * 8) { buffer, count in
            for offset in stride(from: 0, to: size, by: 8) {
                state ^= state >> 12
                state ^= state << 25
                state ^= state >> 27
                let word = (state &* 0x2545_F491_4F6C_DD1D).littleEndian
                UnsafeMutableRawBufferPointer(buffer).storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
            }
            count = size
        }
    }
}
