/// A record in the state tree: its key and the hash of its bytes.
public struct StateLeaf: Hashable, Sendable {
    public let key: Digest
    public let recordHash: Digest

    public init(key: Digest, recordHash: Digest) {
        self.key = key
        self.recordHash = recordHash
    }

    /// SHA-256(0x00 ‖ key ‖ record hash).
    public var hash: Digest { MerkleHash.stateLeaf(key: key, recordHash: recordHash) }
}

/// A leaf by which a list of leaves can be ascending.
protocol KeyedLeaf {
    var key: Digest { get }

    init(_ leaf: StateLeaf)
}

extension StateLeaf: KeyedLeaf {
    init(_ leaf: StateLeaf) { self = leaf }
}

extension KeyedLeaf {
    /// The union of two ascending lists; where both have a key, the newer leaf counts.
    ///
    /// - Returns: the union, ascending, and how many of its keys `older` did not have.
    static func merge(
        _ older: [Self], _ newer: some RandomAccessCollection<StateLeaf>
    ) -> (leaves: [Self], added: Int) {
        var leaves: [Self] = []
        leaves.reserveCapacity(older.count + newer.count)
        var old = 0
        for next in newer {
            while old < older.count, older[old].key < next.key {
                leaves.append(older[old])
                old += 1
            }
            if old < older.count, older[old].key == next.key { old += 1 }
            leaves.append(Self(next))
        }
        leaves.append(contentsOf: older[old...])
        return (leaves, leaves.count - older.count)
    }
}

extension RandomAccessCollection where Element == StateLeaf, Index == Int {
    /// The leaves, of an ascending list, whose keys lie in `range`.
    func leaves(in range: ClosedRange<Digest>) -> SubSequence {
        let first = partition { $0.key >= range.lowerBound }
        let end = partition { $0.key > range.upperBound }
        return self[first..<end]
    }

    /// The first index at which `isAfter` holds; it holds for everything that follows.
    func partition(where isAfter: (StateLeaf) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = low + (high - low) / 2
            if isAfter(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
