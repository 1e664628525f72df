/// The last compression of a chunk or a parent, held back until it is known whether the node is the root.
///
/// Only the root's compression has the root flag; from it come any number of output bytes.
struct BLAKE3Node: Sendable {
    let input: BLAKE3Chain<UInt32>
    let block: BLAKE3Block<UInt32>
    let counter: UInt64
    let length: UInt32
    let flags: UInt32

    static func parent(
        _ left: BLAKE3Chain<UInt32>, _ right: BLAKE3Chain<UInt32>, key: BLAKE3Chain<UInt32>, flags: UInt32
    ) -> BLAKE3Node {
        BLAKE3Node(
            input: key, block: BLAKE3Block(left: left, right: right), counter: 0,
            length: UInt32(BLAKE3Block<UInt32>.byteCount), flags: flags | BLAKE3Flag.parent
        )
    }

    /// What this node hands to its parent.
    var chain: BLAKE3Chain<UInt32> {
        blake3Mix(
            input, block, counter: (UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32)),
            length: length, flags: flags
        ).chain
    }

    /// `count` bytes of output, this node being the root (section 2.6).
    func rootOutput(_ count: Int) -> [UInt8] {
        var output: [UInt8] = []
        output.reserveCapacity(count)
        var number: UInt64 = 0
        while output.count < count {
            let state = blake3Mix(
                input, block, counter: (UInt32(truncatingIfNeeded: number), UInt32(truncatingIfNeeded: number >> 32)),
                length: length, flags: flags | BLAKE3Flag.root
            )
            let low = state.chain
            let words = [
                low.w0, low.w1, low.w2, low.w3, low.w4, low.w5, low.w6, low.w7,
                state.w8 ^ input.w0, state.w9 ^ input.w1, state.w10 ^ input.w2, state.w11 ^ input.w3,
                state.w12 ^ input.w4, state.w13 ^ input.w5, state.w14 ^ input.w6, state.w15 ^ input.w7,
            ]
            for word in words {
                for shift in stride(from: UInt32(0), to: 32, by: 8) where output.count < count {
                    output.append(UInt8(truncatingIfNeeded: word >> shift))
                }
            }
            number += 1
        }
        return output
    }
}

/// A chunk in progress: up to 1,024 bytes, its last block kept back.
struct BLAKE3ChunkState: Sendable {
    private var chain: BLAKE3Chain<UInt32>
    private var pending: InlineArray<64, UInt8> = InlineArray(repeating: 0)
    private var pendingCount = 0
    private var blocksDone = 0
    let counter: UInt64
    private let flags: UInt32

    init(key: BLAKE3Chain<UInt32>, counter: UInt64, flags: UInt32) {
        self.chain = key
        self.counter = counter
        self.flags = flags
    }

    /// Bytes taken so far.
    var count: Int { blocksDone * BLAKE3Block<UInt32>.byteCount + pendingCount }

    private var startFlag: UInt32 { blocksDone == 0 ? BLAKE3Flag.chunkStart : 0 }

    /// Takes bytes that fit into this chunk.
    mutating func update(_ bytes: UnsafeRawBufferPointer) {
        precondition(count + bytes.count <= BLAKE3.chunkByteCount, "\(count) + \(bytes.count) bytes in a chunk")
        var rest = bytes[...]
        while !rest.isEmpty {
            if pendingCount == BLAKE3Block<UInt32>.byteCount { compressPending() }
            let taken = min(BLAKE3Block<UInt32>.byteCount - pendingCount, rest.count)
            for offset in 0..<taken { pending[pendingCount + offset] = rest[rest.startIndex + offset] }
            pendingCount += taken
            rest = rest.dropFirst(taken)
        }
    }

    private mutating func compressPending() {
        chain =
            blake3Mix(
                chain, pendingBlock,
                counter: (UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32)),
                length: UInt32(BLAKE3Block<UInt32>.byteCount), flags: flags | startFlag
            ).chain
        blocksDone += 1
        pendingCount = 0
        pending = InlineArray(repeating: 0)
    }

    private var pendingBlock: BLAKE3Block<UInt32> {
        var copy = pending
        // 64 bytes in place, never empty.
        return withUnsafeBytes(of: &copy) { BLAKE3Block($0.baseAddress!) }
    }

    /// The chunk as a node, if it ended here.
    var node: BLAKE3Node {
        BLAKE3Node(
            input: chain, block: pendingBlock, counter: counter, length: UInt32(pendingCount),
            flags: flags | startFlag | BLAKE3Flag.chunkEnd
        )
    }
}
