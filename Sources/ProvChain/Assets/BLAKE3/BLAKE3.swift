/// BLAKE3 (O'Connor, Aumasson, Neves, Wilcox-O'Hearn: "BLAKE3, one function, fast everywhere", 2020),
/// the hash of the ISCC Instance-Code, in steps and in bounded memory.
///
/// The input is cut into chunks of 1,024 bytes, the leaves of a binary tree. This value holds the chunk in
/// progress and one chaining value per complete subtree to its left, at most 54 of them, whatever the size of
/// the input. Pieces of 64 KiB and more are hashed at full speed,
/// four to sixteen chunks at a time.
public struct BLAKE3: Sendable {
    public static let chunkByteCount = 1_024
    public static let keyByteCount = 32

    private let key: BLAKE3Chain<UInt32>
    private let flags: UInt32
    private var chunk: BLAKE3ChunkState
    /// Complete subtrees left of `chunk`, the largest first.
    private var subtrees: [BLAKE3Chain<UInt32>] = []
    private let width: BLAKE3Width

    private init(key: BLAKE3Chain<UInt32>, flags: UInt32, width: BLAKE3Width = .widest) {
        self.key = key
        self.flags = flags
        self.width = width
        self.chunk = BLAKE3ChunkState(key: key, counter: 0, flags: flags)
    }

    /// The plain hash.
    public init() { self.init(key: .initial, flags: 0) }

    /// The plain hash on a processor that has no more than `width`.
    init(width: BLAKE3Width) { self.init(key: .initial, flags: 0, width: width) }

    /// The keyed hash, a message authentication code. `nil` unless the key has 32 bytes.
    public init?(key: [UInt8]) {
        guard key.count == BLAKE3.keyByteCount else { return nil }
        // 32 bytes, never empty.
        self.init(key: key.withUnsafeBytes { BLAKE3Chain($0.baseAddress!) }, flags: BLAKE3Flag.keyedHash)
    }

    /// Key derivation: what is hashed next is the key material, `context` a fixed text naming the use.
    public init(derivingKeyFor context: String) {
        var hasher = BLAKE3(key: .initial, flags: BLAKE3Flag.deriveKeyContext)
        hasher.update(Array(context.utf8))
        let contextKey = hasher.output(count: BLAKE3.keyByteCount)
        self.init(
            key: contextKey.withUnsafeBytes { BLAKE3Chain($0.baseAddress!) }, flags: BLAKE3Flag.deriveKeyMaterial)
    }

    public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes[...]
        while !rest.isEmpty {
            if chunk.count == BLAKE3.chunkByteCount {
                append(chunk.node.chain, chunkCount: 1)
            }
            let wide = wideChunkCount(rest.count)
            if chunk.count == 0, wide >= BLAKE3Subtree.laneCount {
                let part = UnsafeRawBufferPointer(rebasing: rest.prefix(wide * BLAKE3.chunkByteCount))
                // At least four chunks, never empty.
                let chain = BLAKE3Subtree.chain(
                    part.baseAddress!, chunkCount: wide, firstChunk: chunk.counter, key: key, flags: flags,
                    width: width
                )
                append(chain, chunkCount: UInt64(wide))
                rest = rest.dropFirst(part.count)
            } else {
                let taken = min(BLAKE3.chunkByteCount - chunk.count, rest.count)
                chunk.update(UnsafeRawBufferPointer(rebasing: rest.prefix(taken)))
                rest = rest.dropFirst(taken)
            }
        }
    }

    /// The largest complete subtree that may start at the present chunk. At least one byte must stay, since
    /// the last node of the input becomes the root or its right child and is not known to be complete.
    private func wideChunkCount(_ byteCount: Int) -> Int {
        var count = BLAKE3Subtree.maximumChunks
        while count > 1, count * BLAKE3.chunkByteCount >= byteCount || chunk.counter & UInt64(count - 1) != 0 {
            count /= 2
        }
        return count
    }

    /// Adds a complete subtree, more input being certain, and merges equal neighbours into their parent.
    private mutating func append(_ chain: BLAKE3Chain<UInt32>, chunkCount: UInt64) {
        let total = chunk.counter + chunkCount
        var merged = chain
        var size = chunkCount
        while total & size == 0 {
            guard let left = subtrees.popLast() else {
                preconditionFailure("\(total) chunks and no left neighbour of size \(size)")
            }
            merged = BLAKE3Node.parent(left, merged, key: key, flags: flags).chain
            size <<= 1
        }
        subtrees.append(merged)
        chunk = BLAKE3ChunkState(key: key, counter: total, flags: flags)
    }

    /// The first `count` bytes of output for everything so far; the hash itself is the first 32. The value
    /// stays usable.
    public func output(count: Int) -> [UInt8] {
        var node = chunk.node
        for left in subtrees.reversed() {
            node = .parent(left, node.chain, key: key, flags: flags)
        }
        return node.rootOutput(count)
    }

    /// The 32-byte hash of everything so far. The value stays usable.
    public func finalize() -> Digest {
        guard let digest = Digest(output(count: Digest.byteCount)) else {
            preconditionFailure("BLAKE3 gave other than \(Digest.byteCount) bytes")
        }
        return digest
    }

    public static func hash(_ bytes: [UInt8]) -> Digest { bytes.withUnsafeBytes { hash($0) } }

    public static func hash(_ bytes: UnsafeRawBufferPointer) -> Digest {
        var hasher = BLAKE3()
        hasher.update(bytes)
        return hasher.finalize()
    }
}
