import ProvChain

/// RFC 9162 section 2.1, word for word and as slowly: the recursive definitions of the root, the inclusion
/// path and the consistency proof.
final class ReferenceTree {
    let leaves: [Digest]
    private var memory: [Range<Int>: Digest] = [:]

    init(leaves: [Digest]) { self.leaves = leaves }

    /// MTH(D[range]).
    func root(_ range: Range<Int>) -> Digest {
        if range.isEmpty { return SHA256.hash([]) }
        if range.count == 1 { return leaves[range.lowerBound] }
        if let known = memory[range] { return known }
        let split = range.lowerBound + Self.split(range.count)
        let (left, right) = (root(range.lowerBound..<split), root(split..<range.upperBound))
        let hash = SHA256.hash([1] + left.bytes + right.bytes)
        memory[range] = hash
        return hash
    }

    /// PATH(index, D[range]).
    func path(_ index: Int, _ range: Range<Int>) -> [Digest] {
        if range.count == 1 { return [] }
        let k = Self.split(range.count)
        let split = range.lowerBound + k
        return index < k
            ? path(index, range.lowerBound..<split) + [root(split..<range.upperBound)]
            : path(index - k, split..<range.upperBound) + [root(range.lowerBound..<split)]
    }

    /// SUBPROOF(m, D[range], isComplete).
    func consistency(_ m: Int, _ range: Range<Int>, _ isComplete: Bool = true) -> [Digest] {
        if m == range.count { return isComplete ? [] : [root(range)] }
        let k = Self.split(range.count)
        let split = range.lowerBound + k
        return m <= k
            ? consistency(m, range.lowerBound..<split, isComplete) + [root(split..<range.upperBound)]
            : consistency(m - k, split..<range.upperBound, false) + [root(range.lowerBound..<split)]
    }

    private static func split(_ count: Int) -> Int {
        var k = 1
        while k * 2 < count { k *= 2 }
        return k
    }
}

/// Tiles in memory; refuses an append that would leave a gap.
struct MemoryTiles: TileReader {
    var tiles: [TileCoordinate: [Digest]] = [:]

    mutating func apply(_ appends: [TileAppend]) {
        for append in appends {
            precondition(tiles[append.tile, default: []].count == append.offset, "a gap in \(append.tile)")
            tiles[append.tile, default: []] += append.hashes
        }
    }

    func hashes(tile: TileCoordinate, width: Int) throws(MerkleError) -> [Digest] {
        guard let hashes = tiles[tile], hashes.count >= width else {
            throw .tileUnavailable(tile, width: width, reason: "not in memory")
        }
        return Array(hashes.prefix(width))
    }
}

/// Counts what is read.
final class CountingTiles: TileReader {
    let source: MemoryTiles
    private(set) var read: [TileCoordinate] = []

    init(_ source: MemoryTiles) { self.source = source }

    func hashes(tile: TileCoordinate, width: Int) throws(MerkleError) -> [Digest] {
        read.append(tile)
        return try source.hashes(tile: tile, width: width)
    }
}

/// SplitMix64: the same numbers on every run.
struct MerkleGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}

/// The leaf hash of the test entry `entry <index>`.
func merkleEntryHash(_ index: Int) -> Digest { MerkleHash.leaf(Array("entry \(index)".utf8)) }
