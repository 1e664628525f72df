/// A 32-byte value: a SHA-256 digest, or an identifier derived from one.
///
/// Stored inline as four big-endian words, so that a tree of millions of them allocates nothing,
/// and so that `<` is the lexicographic order of the bytes.
public struct Digest: Hashable, Sendable, Comparable {
    @usableFromInline let words: (UInt64, UInt64, UInt64, UInt64)

    /// The number of bytes of every digest.
    public static let byteCount = 32
    static let bitCount = 256

    /// 32 zero bytes: the empty state tree, the parent of the first block, the head of an empty history.
    public static let zero = Digest(words: (0, 0, 0, 0))

    @inlinable init(words: (UInt64, UInt64, UInt64, UInt64)) { self.words = words }

    /// Takes exactly 32 bytes; `nil` for any other length.
    @inlinable public init?(_ bytes: some Collection<UInt8>) {
        guard bytes.count == Digest.byteCount else { return nil }
        let contiguous = bytes.withContiguousStorageIfAvailable { Digest(loading: UnsafeRawBufferPointer($0)) }
        self = contiguous ?? Digest(loading: Array(bytes))
    }

    @inlinable init(loading bytes: [UInt8]) { self = bytes.withUnsafeBytes { Digest(loading: $0) } }

    /// Reads the first 32 bytes of at least as many.
    @inlinable public init(loading bytes: UnsafeRawBufferPointer) {
        precondition(bytes.count >= Digest.byteCount, "a digest of \(bytes.count) bytes")
        words = (
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
            UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
        )
    }

    /// Lets `body` fill 32 bytes, and takes them.
    @inlinable public init(filling body: (UnsafeMutablePointer<UInt8>) -> Void) {
        var raw: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)
        withUnsafeMutableBytes(of: &raw) { buffer in
            // A local tuple of four words is 32 contiguous bytes, never empty.
            body(buffer.baseAddress!.assumingMemoryBound(to: UInt8.self))
        }
        self.words = (raw.0.bigEndian, raw.1.bigEndian, raw.2.bigEndian, raw.3.bigEndian)
    }

    /// The 32 bytes.
    @inlinable public var bytes: [UInt8] { withBytes { Array($0) } }

    /// Lends the 32 bytes without allocating.
    @inlinable public func withBytes<R>(_ body: (UnsafeRawBufferPointer) -> R) -> R {
        var raw = (words.0.bigEndian, words.1.bigEndian, words.2.bigEndian, words.3.bigEndian)
        return withUnsafeBytes(of: &raw, body)
    }

    /// The first 64 bits, as a number.
    @inlinable public var firstBits: UInt64 { words.0 }

    /// The bit at `index`, 0 being the most significant bit of the first byte.
    @inlinable public func bit(_ index: Int) -> Bool {
        precondition(index >= 0 && index < 256, "bit \(index) of a digest")
        let word: UInt64
        switch index >> 6 {
        case 0: word = words.0
        case 1: word = words.1
        case 2: word = words.2
        default: word = words.3
        }
        return word >> UInt64(63 - (index & 63)) & 1 == 1
    }

    @inlinable public static func == (a: Digest, b: Digest) -> Bool {
        a.words.0 == b.words.0 && a.words.1 == b.words.1 && a.words.2 == b.words.2 && a.words.3 == b.words.3
    }

    @inlinable public static func < (a: Digest, b: Digest) -> Bool { a.words < b.words }

    @inlinable public func hash(into hasher: inout Hasher) {
        hasher.combine(words.0)
        hasher.combine(words.1)
        hasher.combine(words.2)
        hasher.combine(words.3)
    }
}

extension Digest: CustomStringConvertible {
    /// 64 lower-case hexadecimal digits.
    public var hex: String { withBytes { Hex.encode($0) } }

    public var description: String { hex }

    /// Reads 64 hexadecimal digits, upper or lower case.
    public init?(hex: String) {
        guard let bytes = Hex.decode(hex) else { return nil }
        self.init(bytes)
    }
}
