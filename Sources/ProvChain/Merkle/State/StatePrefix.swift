/// A subtree of the state tree, by the first bits of the keys beneath it.
public struct StatePrefix: Hashable, Sendable, CustomStringConvertible {
    /// How many bits: 0 to ``maximumDepth``.
    public let depth: Int
    /// The bits, as a number of `depth` bits.
    let bits: UInt32

    public static let maximumDepth = 24

    /// The whole tree.
    public static let all = StatePrefix(depth: 0, bits: 0)

    /// All subtrees at a depth, in the order of their keys.
    public static func parts(depth: Int) -> [StatePrefix] {
        (0..<UInt32(1 << depth)).map { StatePrefix(depth: depth, bits: $0) }
    }

    init(depth: Int, bits: UInt32) {
        precondition((0...Self.maximumDepth).contains(depth), "a prefix of \(depth) bits")
        precondition(bits >> UInt32(depth) == 0, "\(bits) has more than \(depth) bits")
        self.depth = depth
        self.bits = bits
    }

    /// The subtree at `depth` on the path of `key`.
    init(depth: Int, of key: Digest) {
        self.init(depth: depth, bits: depth == 0 ? 0 : UInt32(key.words.0 >> UInt64(64 - depth)))
    }

    /// The subtree at a place of the heap: 1 is the root, n has the children 2n and 2n + 1.
    init(heapIndex: Int) {
        let depth = Int.bitWidth - 1 - heapIndex.leadingZeroBitCount
        self.init(depth: depth, bits: UInt32(heapIndex - 1 << depth))
    }

    var heapIndex: Int { 1 << depth + Int(bits) }

    /// The lowest and the highest key beneath it.
    public var keys: ClosedRange<Digest> {
        let low = depth == 0 ? 0 : UInt64(bits) << UInt64(64 - depth)
        let high = low | (depth == 0 ? UInt64.max : UInt64.max >> UInt64(depth))
        return Digest(words: (low, 0, 0, 0))...Digest(words: (high, .max, .max, .max))
    }

    public var description: String {
        let digits = String(bits, radix: 2)
        return depth == 0 ? "the root" : "subtree " + String(repeating: "0", count: depth - digits.count) + digits
    }
}

extension Digest {
    /// The number of leading bits in common: 0 to 256.
    func sharedBits(with other: Digest) -> Int {
        let first = (words.0 ^ other.words.0).leadingZeroBitCount
        if first < 64 { return first }
        let second = (words.1 ^ other.words.1).leadingZeroBitCount
        if second < 64 { return 64 + second }
        let third = (words.2 ^ other.words.2).leadingZeroBitCount
        return third < 64 ? 128 + third : 192 + (words.3 ^ other.words.3).leadingZeroBitCount
    }
}
