/// Tells of most keys that are not in a set that they are not, for a fraction of what the set takes to look at: a
/// large dictionary lies in main memory, and each look-up waits for it twice.
///
/// Keys are hashes, so their own bits serve as the filter's hash. A wrong "perhaps" costs one look-up; whoever
/// makes keys that collide here gains nothing else.
struct KeyFilter: Sendable {
    private var words: [UInt64]

    /// 2^22 bits, half a megabyte: of keys that are not among 400,000, one in ten is taken for one that may be.
    private static let bits = 22

    init() { words = Array(repeating: 0, count: 1 << (Self.bits - 6)) }

    mutating func insert(_ key: Digest) {
        let (word, bit) = Self.place(key)
        words[word] |= bit
    }

    /// False only if the key was never inserted.
    func mayContain(_ key: Digest) -> Bool {
        let (word, bit) = Self.place(key)
        return words[word] & bit != 0
    }

    /// By the last bits of a key: the first ones are also what the tree and its buckets are sorted by.
    private static func place(_ key: Digest) -> (word: Int, bit: UInt64) {
        let index = Int(truncatingIfNeeded: key.words.3 & (1 << UInt64(bits) - 1))
        return (index >> 6, 1 << UInt64(index & 63))
    }
}
