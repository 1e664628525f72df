/// xxHash, 32 bits, seed 0 (the xxHash fast digest algorithm, XXH32): the feature of one chunk of a Data-Code.
///
/// Not a cryptographic hash: it places a chunk among others and proves nothing.
enum XXH32 {
    private static let prime1: UInt32 = 0x9E37_79B1
    private static let prime2: UInt32 = 0x85EB_CA77
    private static let prime3: UInt32 = 0xC2B2_AE3D
    private static let prime4: UInt32 = 0x27D4_EB2F
    private static let prime5: UInt32 = 0x1656_67B1

    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var hash = prime5
        var position = 0
        if bytes.count >= 16 {
            var a = prime1 &+ prime2
            var b = prime2
            var c: UInt32 = 0
            var d = 0 &- prime1
            while position <= bytes.count - 16 {
                a = round(a, word(bytes, position))
                b = round(b, word(bytes, position + 4))
                c = round(c, word(bytes, position + 8))
                d = round(d, word(bytes, position + 12))
                position += 16
            }
            hash = rotate(a, 1) &+ rotate(b, 7) &+ rotate(c, 12) &+ rotate(d, 18)
        }
        hash = hash &+ UInt32(truncatingIfNeeded: bytes.count)
        while position <= bytes.count - 4 {
            hash = rotate(hash &+ word(bytes, position) &* prime3, 17) &* prime4
            position += 4
        }
        while position < bytes.count {
            hash = rotate(hash &+ UInt32(bytes[position]) &* prime5, 11) &* prime1
            position += 1
        }
        hash = (hash ^ hash &>> 15) &* prime2
        hash = (hash ^ hash &>> 13) &* prime3
        return hash ^ hash &>> 16
    }

    @inline(__always) private static func round(_ lane: UInt32, _ word: UInt32) -> UInt32 {
        rotate(lane &+ word &* prime2, 13) &* prime1
    }

    @inline(__always) private static func rotate(_ word: UInt32, _ bits: UInt32) -> UInt32 {
        word &<< bits | word &>> (32 &- bits)
    }

    @inline(__always) private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
        UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
}
