import CBLAKE3

/// How many nodes of a BLAKE3 tree are hashed side by side: four on every processor, eight or sixteen where it has
/// the instructions for it. The hash is the same.
enum BLAKE3Width: Int, CaseIterable, Sendable {
    /// In Swift: ``BLAKE3Subtree``.
    case four = 4
    /// AVX2.
    case eight = 8
    /// AVX-512.
    case sixteen = 16

    /// All that this processor has, the narrowest first.
    static let available = allCases.filter { $0.level <= prov_blake3_level() }

    static let widest = available.last ?? .four

    var laneCount: Int { rawValue }

    /// This width or a narrower one, for a group that has `count` nodes.
    @inline(__always) func fitting(_ count: Int) -> BLAKE3Width {
        switch self {
        case .four: .four
        case .eight: count >= 8 ? .eight : .four
        case .sixteen: count >= 16 ? .sixteen : count >= 8 ? .eight : .four
        }
    }

    /// As `CBLAKE3` numbers them.
    private var level: Int32 {
        switch self {
        case .four: PROV_BLAKE3_NONE
        case .eight: PROV_BLAKE3_AVX2
        case .sixteen: PROV_BLAKE3_AVX512
        }
    }

    /// ``laneCount`` consecutive chunks, not for ``four``.
    func chunks(
        _ bytes: UnsafeRawPointer, firstChunk: UInt64, key: BLAKE3Chain<UInt32>, flags: UInt32,
        into nodes: UnsafeMutableRawPointer
    ) {
        let blocks = BLAKE3.chunkByteCount / BLAKE3Block<UInt32>.byteCount
        hash(
            prov_blake3_inputs(
                bytes: bytes, stride: BLAKE3.chunkByteCount, blocks: blocks, counter: firstChunk, step: 1,
                flags: flags, first: BLAKE3Flag.chunkStart, last: BLAKE3Flag.chunkEnd),
            key, into: nodes)
    }

    /// ``laneCount`` parents of twice as many nodes that lie one after the other, and may be overwritten. Not for
    /// ``four``.
    func parents(
        _ children: UnsafeRawPointer, key: BLAKE3Chain<UInt32>, flags: UInt32, into nodes: UnsafeMutableRawPointer
    ) {
        hash(
            prov_blake3_inputs(
                bytes: children, stride: BLAKE3Block<UInt32>.byteCount, blocks: 1, counter: 0, step: 0,
                flags: flags | BLAKE3Flag.parent, first: 0, last: 0),
            key, into: nodes)
    }

    private func hash(
        _ inputs: prov_blake3_inputs, _ key: BLAKE3Chain<UInt32>, into nodes: UnsafeMutableRawPointer
    ) {
        precondition(level != PROV_BLAKE3_NONE, "four lanes are hashed in Swift")
        var (inputs, key) = (inputs, key)
        prov_blake3_hash(level, &inputs, &key, nodes)
    }
}
