/// What the compression function computes on: one 32-bit word, or the same word of several blocks side by side.
///
/// Writing the function once over this protocol gives the scalar and the parallel form the same code; both
/// are specialised inside this module.
protocol BLAKE3Word: Sendable {
    init(repeating word: UInt32)
    static func &+ (a: Self, b: Self) -> Self
    static func ^ (a: Self, b: Self) -> Self
    func rotatedRight(_ bits: UInt32) -> Self
}

extension UInt32: BLAKE3Word {
    @inline(__always) init(repeating word: UInt32) { self = word }

    @inline(__always) func rotatedRight(_ bits: UInt32) -> UInt32 { self &>> bits | self &<< (32 &- bits) }
}

extension SIMD4<UInt32>: BLAKE3Word {
    /// A left shift written as a product, and a sum for `|`: the standard library's `|` and `&<<` of a vector
    /// work lane by lane, the optimiser makes a scalar rotation of each lane, and never puts the lanes together
    /// again (five times slower). This form becomes two vector shifts and one `or`.
    @inline(__always) func rotatedRight(_ bits: UInt32) -> Self {
        (self &>> Self(repeating: bits)) &+ (self &* Self(repeating: 1 &<< (32 &- bits)))
    }
}

/// A chaining value: eight words, what a node of the tree hands to its parent.
struct BLAKE3Chain<Word: BLAKE3Word>: Sendable {
    var w0: Word, w1: Word, w2: Word, w3: Word, w4: Word, w5: Word, w6: Word, w7: Word
}

extension BLAKE3Chain<UInt32> {
    static let byteCount = 32

    /// The initial value of SHA-256, where hashing without a key starts (table 1).
    static let initial = BLAKE3Chain(
        w0: 0x6A09_E667, w1: 0xBB67_AE85, w2: 0x3C6E_F372, w3: 0xA54F_F53A,
        w4: 0x510E_527F, w5: 0x9B05_688C, w6: 0x1F83_D9AB, w7: 0x5BE0_CD19
    )

    /// Reads 32 little-endian bytes at `p`.
    @inline(__always) init(_ p: UnsafeRawPointer) {
        func word(_ index: Int) -> UInt32 {
            UInt32(littleEndian: p.loadUnaligned(fromByteOffset: 4 &* index, as: UInt32.self))
        }
        self.init(
            w0: word(0), w1: word(1), w2: word(2), w3: word(3),
            w4: word(4), w5: word(5), w6: word(6), w7: word(7)
        )
    }

    /// Writes 32 little-endian bytes at `p`.
    @inline(__always) func store(_ p: UnsafeMutableRawPointer) {
        func put(_ index: Int, _ word: UInt32) {
            p.storeBytes(of: word.littleEndian, toByteOffset: 4 &* index, as: UInt32.self)
        }
        put(0, w0)
        put(1, w1)
        put(2, w2)
        put(3, w3)
        put(4, w4)
        put(5, w5)
        put(6, w6)
        put(7, w7)
    }

    /// The same value in every lane.
    @inline(__always) var spread: BLAKE3Chain<SIMD4<UInt32>> {
        BLAKE3Chain<SIMD4<UInt32>>(
            w0: SIMD4(repeating: w0), w1: SIMD4(repeating: w1), w2: SIMD4(repeating: w2), w3: SIMD4(repeating: w3),
            w4: SIMD4(repeating: w4), w5: SIMD4(repeating: w5), w6: SIMD4(repeating: w6), w7: SIMD4(repeating: w7)
        )
    }
}

/// The flags of one compression (table 3).
enum BLAKE3Flag {
    static let chunkStart: UInt32 = 1
    static let chunkEnd: UInt32 = 2
    static let parent: UInt32 = 4
    static let root: UInt32 = 8
    static let keyedHash: UInt32 = 16
    static let deriveKeyContext: UInt32 = 32
    static let deriveKeyMaterial: UInt32 = 64
}
