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

    /// The union of two ascending lists; where both have a key, the newer leaf counts.
    ///
    /// - Returns: the union, ascending, and how many of its keys `older` did not have.
    static func merge(
        _ older: some RandomAccessCollection<StateLeaf>, _ newer: some RandomAccessCollection<StateLeaf>
    ) -> (leaves: [StateLeaf], added: Int) {
        var leaves: [StateLeaf] = []
        leaves.reserveCapacity(older.count + newer.count)
        var (old, new) = (older.startIndex, newer.startIndex)
        while new != newer.endIndex {
            let next = newer[new]
            while old != older.endIndex, older[old].key < next.key {
                leaves.append(older[old])
                older.formIndex(after: &old)
            }
            if old != older.endIndex, older[old].key == next.key { older.formIndex(after: &old) }
            leaves.append(next)
            newer.formIndex(after: &new)
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
