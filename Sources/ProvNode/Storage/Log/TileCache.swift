import ProvChain
import Synchronization

/// The tiles that recent proofs went through, with every hash above their leaves.
///
/// The first hashes of a tile never change, so what was read once holds for every later tree: a full tile for
/// ever, an unfinished one until more of its hashes are asked for. Bounded: when the younger half is full,
/// what was not used since the last time goes with the older half.
final class TileCache: Sendable {
    /// Tiles of 16 KiB each, so 8 MiB at most.
    static let capacity = 512

    private struct Halves {
        var young: [TileCoordinate: TileNodes] = [:]
        var old: [TileCoordinate: TileNodes] = [:]

        mutating func insert(_ nodes: TileNodes, _ tile: TileCoordinate) {
            if young.count >= TileCache.capacity / 2, young[tile] == nil {
                old = young
                young = [:]
            }
            young[tile] = nodes
        }
    }

    private let halves = Mutex(Halves())

    /// The tile, if at least `width` of its hashes are here.
    func nodes(_ tile: TileCoordinate, width: Int) -> TileNodes? {
        halves.withLock { halves in
            if let nodes = halves.young[tile] { return nodes.hashes.count >= width ? nodes : nil }
            guard let nodes = halves.old[tile], nodes.hashes.count >= width else { return nil }
            halves.insert(nodes, tile)
            return nodes
        }
    }

    func insert(_ nodes: TileNodes, _ tile: TileCoordinate) { halves.withLock { $0.insert(nodes, tile) } }

    /// Tiles in memory.
    var count: Int { halves.withLock { $0.young.count + $0.old.count } }
}

/// The first hashes of a tile and the roots of all perfect subtrees over them: a proof then only looks up.
final class TileNodes: Sendable {
    /// By height: the hashes themselves, then the nodes over pairs of them, and so on.
    private let levels: [[Digest]]

    /// - Parameter hashes: 1 to 256.
    init(_ hashes: [Digest]) {
        var levels = [hashes]
        while let below = levels.last, below.count > 1 {
            levels.append((0..<(below.count / 2)).map { MerkleHash.node(below[2 * $0], below[2 * $0 + 1]) })
        }
        self.levels = levels
    }

    var hashes: [Digest] { levels[0] }

    /// The root over 2^`height` hashes from `index`·2^`height` on; `nil` if not all of them are here.
    func subtree(height: Int, index: Int) -> Digest? {
        guard height < levels.count, index < levels[height].count else { return nil }
        return levels[height][index]
    }
}
