/// The chaining value of a complete subtree of 4 to 64 chunks, several nodes at a time, one per SIMD lane.
///
/// Chunks of a level do not depend on each other, nor do parents, so lane i works on node i of a group. Groups
/// are of four, which fills the vector registers that every x86-64 and ARM64 processor has, or of more
/// (``BLAKE3Width``). Only the top levels of a subtree are narrower than a group.
enum BLAKE3Subtree {
    typealias Lanes = SIMD4<UInt32>

    static let laneCount = 4
    static let maximumChunks = 64

    /// - Parameters:
    ///   - bytes: `chunkCount` · 1,024 bytes.
    ///   - chunkCount: a power of two, 4…64.
    ///   - firstChunk: the number of the first chunk, a multiple of `chunkCount`.
    static func chain(
        _ bytes: UnsafeRawPointer, chunkCount: Int, firstChunk: UInt64, key: BLAKE3Chain<UInt32>, flags: UInt32,
        width: BLAKE3Width
    ) -> BLAKE3Chain<UInt32> {
        precondition(
            chunkCount >= laneCount && chunkCount <= maximumChunks && chunkCount & (chunkCount - 1) == 0,
            "a subtree of \(chunkCount) chunks"
        )
        let nodeBytes = BLAKE3Chain<UInt32>.byteCount
        return withUnsafeTemporaryAllocation(byteCount: chunkCount * nodeBytes, alignment: 16) { level in
            // At least four chunks, so the allocation is never empty.
            let nodes = level.baseAddress!
            let step = width.fitting(chunkCount)
            for first in stride(from: 0, to: chunkCount, by: step.laneCount) {
                let (part, place) = (bytes + first * BLAKE3.chunkByteCount, nodes + first * nodeBytes)
                let number = firstChunk + UInt64(first)
                switch step {
                case .four: chunks(part, firstChunk: number, key: key, flags: flags, into: place)
                case .eight, .sixteen: step.chunks(part, firstChunk: number, key: key, flags: flags, into: place)
                }
            }
            var count = chunkCount
            while count >= 2 * laneCount {
                count /= 2
                let step = width.fitting(count)
                // In place: a group of parents is written below the place it was read from.
                for first in stride(from: 0, to: count, by: step.laneCount) {
                    let (children, place) = (nodes + 2 * first * nodeBytes, nodes + first * nodeBytes)
                    switch step {
                    case .four: parents(children, key: key, flags: flags, into: place)
                    case .eight, .sixteen: step.parents(children, key: key, flags: flags, into: place)
                    }
                }
            }
            func narrow(_ left: BLAKE3Chain<UInt32>, _ right: BLAKE3Chain<UInt32>) -> BLAKE3Chain<UInt32> {
                BLAKE3Node.parent(left, right, key: key, flags: flags).chain
            }
            func node(_ index: Int) -> BLAKE3Chain<UInt32> { BLAKE3Chain(nodes + index * nodeBytes) }
            return narrow(narrow(node(0), node(1)), narrow(node(2), node(3)))
        }
    }

    /// Four consecutive chunks.
    private static func chunks(
        _ bytes: UnsafeRawPointer, firstChunk: UInt64, key: BLAKE3Chain<UInt32>, flags: UInt32,
        into nodes: UnsafeMutableRawPointer
    ) {
        // A group starts at a multiple of four, so the low words of its counters do not overflow.
        let low = Lanes(repeating: UInt32(truncatingIfNeeded: firstChunk)) &+ Lanes(0, 1, 2, 3)
        let high = Lanes(repeating: UInt32(truncatingIfNeeded: firstChunk >> 32))
        let length = Lanes(repeating: UInt32(BLAKE3Block<UInt32>.byteCount))
        let blockCount = BLAKE3.chunkByteCount / BLAKE3Block<UInt32>.byteCount
        var chain = key.spread
        for index in 0..<blockCount {
            var flag = flags
            if index == 0 { flag |= BLAKE3Flag.chunkStart }
            if index == blockCount - 1 { flag |= BLAKE3Flag.chunkEnd }
            let block = BLAKE3Block<Lanes>(
                bytes + index * BLAKE3Block<UInt32>.byteCount, stride: BLAKE3.chunkByteCount
            )
            chain =
                blake3Mix(
                    chain, block, counter: (low, high), length: length, flags: Lanes(repeating: flag)
                ).chain
        }
        chain.store(nodes)
    }

    /// Four parents of eight nodes that lie one after the other.
    private static func parents(
        _ children: UnsafeRawPointer, key: BLAKE3Chain<UInt32>, flags: UInt32, into nodes: UnsafeMutableRawPointer
    ) {
        let block = BLAKE3Block<Lanes>(children, stride: BLAKE3Block<UInt32>.byteCount)
        let zero = Lanes(repeating: 0)
        let chain = blake3Mix(
            key.spread, block, counter: (zero, zero), length: Lanes(repeating: UInt32(BLAKE3Block<UInt32>.byteCount)),
            flags: Lanes(repeating: flags | BLAKE3Flag.parent)
        ).chain
        chain.store(nodes)
    }
}

extension BLAKE3Block<SIMD4<UInt32>> {
    /// Four blocks, `stride` bytes apart, transposed so that lane i of every word belongs to block i.
    @inline(__always) init(_ p: UnsafeRawPointer, stride: Int) {
        func word(_ index: Int) -> SIMD4<UInt32> {
            let at = p + 4 &* index
            return SIMD4(
                UInt32(littleEndian: at.loadUnaligned(as: UInt32.self)),
                UInt32(littleEndian: at.loadUnaligned(fromByteOffset: stride, as: UInt32.self)),
                UInt32(littleEndian: at.loadUnaligned(fromByteOffset: 2 &* stride, as: UInt32.self)),
                UInt32(littleEndian: at.loadUnaligned(fromByteOffset: 3 &* stride, as: UInt32.self))
            )
        }
        self.init(
            w0: word(0), w1: word(1), w2: word(2), w3: word(3), w4: word(4), w5: word(5), w6: word(6), w7: word(7),
            w8: word(8), w9: word(9), w10: word(10), w11: word(11), w12: word(12), w13: word(13), w14: word(14),
            w15: word(15)
        )
    }
}

extension BLAKE3Chain<SIMD4<UInt32>> {
    /// Writes the four chaining values one after the other, 128 bytes.
    @inline(__always) func store(_ p: UnsafeMutableRawPointer) {
        for lane in 0..<BLAKE3Subtree.laneCount {
            let one = BLAKE3Chain<UInt32>(
                w0: w0[lane], w1: w1[lane], w2: w2[lane], w3: w3[lane],
                w4: w4[lane], w5: w5[lane], w6: w6[lane], w7: w7[lane]
            )
            one.store(p + lane * BLAKE3Chain<UInt32>.byteCount)
        }
    }
}
