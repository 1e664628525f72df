/// Which page of the state tree: the first `depth` bytes of every key beneath it.
public struct StatePageID: Hashable, Sendable, Comparable, CustomStringConvertible {
    /// Key bytes above the page: 0 to 31. The page branches on the next byte.
    public let depth: Int
    /// The key bytes above the page, and zeros.
    let prefix: Digest

    /// The page at the top.
    public static let top = StatePageID(depth: 0, prefix: .zero)
    /// Pages below one another on one path: one for each byte of a key.
    public static let levels = 32

    init(depth: Int, prefix: Digest) {
        precondition(depth >= 0 && depth < Self.levels, "state page at depth \(depth)")
        self.depth = depth
        self.prefix = prefix
    }

    /// The page at `depth` on the path of `key`.
    init(depth: Int, on key: Digest) {
        self.init(depth: depth, prefix: key.keepingBytes(depth))
    }

    /// A key for the database, `depth ‖ prefix` (1 to 32 bytes); its bytewise order is the order of the ids.
    public var storageKey: [UInt8] { [UInt8(depth)] + prefix.bytes.prefix(depth) }

    /// `nil` unless the bytes are the storage key of a page.
    public init?(storageKey: [UInt8]) {
        guard let depth = storageKey.first, Int(depth) < Self.levels, storageKey.count == 1 + Int(depth) else {
            return nil
        }
        let padding = Array(repeating: UInt8(0), count: Digest.byteCount - Int(depth))
        guard let prefix = Digest(storageKey.dropFirst() + padding) else { return nil }
        self.init(depth: Int(depth), prefix: prefix)
    }

    /// A page of eight bytes or less, as nearly all are, is told by one word.
    public func hash(into hasher: inout Hasher) {
        let words = prefix.words
        hasher.combine(words.0 ^ words.1 ^ words.2 ^ words.3 ^ UInt64(depth))
    }

    public static func < (a: StatePageID, b: StatePageID) -> Bool {
        (a.depth, a.prefix) < (b.depth, b.prefix)
    }

    public var description: String { "page \(Hex.encode(prefix.bytes.prefix(depth)))/\(depth)" }
}

extension Digest {
    /// The byte at `index`, 0 to 31.
    func byte(_ index: Int) -> UInt8 {
        let word = index < 16 ? (index < 8 ? words.0 : words.1) : (index < 24 ? words.2 : words.3)
        return UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * (index & 7)))
    }

    /// The first `count` bytes, and zeros.
    func keepingBytes(_ count: Int) -> Digest {
        func masked(_ word: UInt64, _ kept: Int) -> UInt64 {
            kept <= 0 ? 0 : kept >= 8 ? word : word & ~(UInt64.max >> UInt64(8 * kept))
        }
        return Digest(
            words: (
                masked(words.0, count), masked(words.1, count - 8), masked(words.2, count - 16),
                masked(words.3, count - 24)
            ))
    }

    /// The number of leading bits in common: 0 to 256.
    func sharedBits(with other: Digest) -> Int {
        let pairs = [
            (words.0, other.words.0), (words.1, other.words.1), (words.2, other.words.2), (words.3, other.words.3),
        ]
        var bits = 0
        for (a, b) in pairs {
            let equal = (a ^ b).leadingZeroBitCount
            bits += equal
            if equal < 64 { break }
        }
        return bits
    }
}
