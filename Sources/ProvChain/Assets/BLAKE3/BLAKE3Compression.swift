/// Sixteen words: a message block, or the state while it is mixed.
struct BLAKE3Block<Word: BLAKE3Word>: Sendable {
    var w0: Word, w1: Word, w2: Word, w3: Word, w4: Word, w5: Word, w6: Word, w7: Word
    var w8: Word, w9: Word, w10: Word, w11: Word, w12: Word, w13: Word, w14: Word, w15: Word

    /// The message words in the order the next round takes them (table 2).
    @inline(__always) var permuted: Self {
        Self(
            w0: w2, w1: w6, w2: w3, w3: w10, w4: w7, w5: w0, w6: w4, w7: w13,
            w8: w1, w9: w11, w10: w12, w11: w5, w12: w9, w13: w14, w14: w15, w15: w8
        )
    }

    /// One round: the columns, then the diagonals (section 2.2).
    @inline(__always) mutating func mix(_ m: Self) {
        Self.quarter(&w0, &w4, &w8, &w12, m.w0, m.w1)
        Self.quarter(&w1, &w5, &w9, &w13, m.w2, m.w3)
        Self.quarter(&w2, &w6, &w10, &w14, m.w4, m.w5)
        Self.quarter(&w3, &w7, &w11, &w15, m.w6, m.w7)
        Self.quarter(&w0, &w5, &w10, &w15, m.w8, m.w9)
        Self.quarter(&w1, &w6, &w11, &w12, m.w10, m.w11)
        Self.quarter(&w2, &w7, &w8, &w13, m.w12, m.w13)
        Self.quarter(&w3, &w4, &w9, &w14, m.w14, m.w15)
    }

    @inline(__always) private static func quarter(
        _ a: inout Word, _ b: inout Word, _ c: inout Word, _ d: inout Word, _ x: Word, _ y: Word
    ) {
        a = a &+ b &+ x
        d = (d ^ a).rotatedRight(16)
        c = c &+ d
        b = (b ^ c).rotatedRight(12)
        a = a &+ b &+ y
        d = (d ^ a).rotatedRight(8)
        c = c &+ d
        b = (b ^ c).rotatedRight(7)
    }

    /// The chaining value that the mixed state yields.
    @inline(__always) var chain: BLAKE3Chain<Word> {
        BLAKE3Chain(
            w0: w0 ^ w8, w1: w1 ^ w9, w2: w2 ^ w10, w3: w3 ^ w11,
            w4: w4 ^ w12, w5: w5 ^ w13, w6: w6 ^ w14, w7: w7 ^ w15
        )
    }
}

/// The compression function's state after seven rounds, not yet folded (BLAKE3 paper, section 2.2).
///
/// `length` is the number of message bytes in the block, `counter` the chunk's number in a chunk, 0 in a
/// parent, and the number of the 64-byte output block at the root.
@inline(__always)
func blake3Mix<Word>(
    _ input: BLAKE3Chain<Word>, _ block: BLAKE3Block<Word>,
    counter: (low: Word, high: Word), length: Word, flags: Word
) -> BLAKE3Block<Word> {
    let start = BLAKE3Chain<UInt32>.initial
    var state = BLAKE3Block(
        w0: input.w0, w1: input.w1, w2: input.w2, w3: input.w3,
        w4: input.w4, w5: input.w5, w6: input.w6, w7: input.w7,
        w8: Word(repeating: start.w0), w9: Word(repeating: start.w1),
        w10: Word(repeating: start.w2), w11: Word(repeating: start.w3),
        w12: counter.low, w13: counter.high, w14: length, w15: flags
    )
    // Seven rounds in a row, not a loop: the permutation then only renames, and costs nothing.
    let m1 = block.permuted
    let m2 = m1.permuted
    let m3 = m2.permuted
    let m4 = m3.permuted
    let m5 = m4.permuted
    let m6 = m5.permuted
    state.mix(block)
    state.mix(m1)
    state.mix(m2)
    state.mix(m3)
    state.mix(m4)
    state.mix(m5)
    state.mix(m6)
    return state
}

extension BLAKE3Block<UInt32> {
    static let byteCount = 64

    /// Reads 64 little-endian bytes at `p`.
    @inline(__always) init(_ p: UnsafeRawPointer) {
        func word(_ index: Int) -> UInt32 {
            UInt32(littleEndian: p.loadUnaligned(fromByteOffset: 4 &* index, as: UInt32.self))
        }
        self.init(
            w0: word(0), w1: word(1), w2: word(2), w3: word(3), w4: word(4), w5: word(5), w6: word(6), w7: word(7),
            w8: word(8), w9: word(9), w10: word(10), w11: word(11), w12: word(12), w13: word(13), w14: word(14),
            w15: word(15)
        )
    }

    /// A parent's message: the chaining values of its two children.
    @inline(__always) init(left: BLAKE3Chain<UInt32>, right: BLAKE3Chain<UInt32>) {
        self.init(
            w0: left.w0, w1: left.w1, w2: left.w2, w3: left.w3, w4: left.w4, w5: left.w5, w6: left.w6, w7: left.w7,
            w8: right.w0, w9: right.w1, w10: right.w2, w11: right.w3, w12: right.w4, w13: right.w5, w14: right.w6,
            w15: right.w7
        )
    }
}
