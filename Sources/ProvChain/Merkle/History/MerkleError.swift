/// Why a proof does not hold, or why a tree could not be read. Only ``tileUnavailable(_:width:reason:)`` and
/// ``storage(_:)`` can pass by retrying; everything else is a fact about the bytes.
public enum MerkleError: Error, Hashable, Sendable {
    /// A tree holds at most 2^63 - 1 leaves.
    case sizeTooLarge(UInt64)
    case indexOutOfRange(index: UInt64, size: UInt64)
    /// A compact tree of this size has exactly `expected` subtree roots.
    case wrongFrontierLength(expected: Int, found: Int)
    /// A proof has exactly one valid length.
    case wrongPathLength(expected: Int, found: Int)
    /// Every tree extends the empty one, so such a proof says nothing and is refused.
    case consistencyFromEmptyTree
    case treeShrinks(from: UInt64, to: UInt64)
    case rootMismatch(expected: Digest, computed: Digest)
    /// Only the proof of a tree's last leaf also yields the root before it.
    case notTheLastLeaf(index: UInt64, size: UInt64)

    case tileUnavailable(TileCoordinate, width: Int, reason: String)
    case wrongTileWidth(TileCoordinate, expected: Int, found: Int)
    /// The tile's hashes are not those that the tree's root commits to.
    case tileMismatch(TileCoordinate)

    /// The state database could not be read.
    case storage(String)
    /// The stored leaves of a subtree are not those that the state root commits to: rebuild the database from
    /// the log.
    case leavesCorrupt(StatePrefix)
    /// A batch sets one key twice.
    case duplicateKey(Digest)

    /// A state proof has at most 256 siblings.
    case proofTooDeep(Int)
    /// Compaction leaves no empty sibling at the end of a path.
    case deepestSiblingEmpty
    /// A proof of presence needs no other leaf.
    case unexpectedWitness
    /// The leaf that is to prove the key's absence is the key itself.
    case witnessIsTheKey
    /// The leaf that is to prove the key's absence does not lie on the key's path.
    case witnessOffPath(sharedBits: Int, depth: Int)
}
