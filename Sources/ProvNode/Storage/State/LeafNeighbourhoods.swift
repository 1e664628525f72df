import ProvChain

/// Leaves that stood around a key when it was looked for.
///
/// A block asks for a record and, once it is executed, for the bucket of the tree around it. Both are on one page, so
/// what the second question needs is kept when the first is answered: some ten leaves instead of a page of 58, which
/// would push out of the processor's memory what signatures are checked with.
struct LeafNeighbourhoods {
    /// One bit less than the buckets that were asked for last, so that a bucket's neighbour is here too: the tree asks
    /// for it once after it became deeper. 0 before the first question.
    private var depth = 0
    /// By the last bits of a neighbourhood's number, its place in `entries`, counted from 1; 0 for none.
    private var places: [UInt32]
    private var entries: [Entry] = []
    private var leaves: [StateLeaf] = []

    private struct Entry {
        /// The first ``depth`` bits of its keys.
        let number: UInt64
        let first: UInt32
        let count: UInt32
    }

    private static let slots = 1 << 16
    /// About four blocks of 2,000 statements; some 8 MiB with the leaves.
    private static let capacity = 1 << 15
    private static let leafCapacity = 1 << 17

    init() { places = Array(repeating: 0, count: Self.slots) }

    /// The number of the neighbourhood of a key; `nil` as long as nobody knows how large they should be.
    func number(of key: Digest) -> UInt64? { depth == 0 ? nil : key.firstBits >> UInt64(64 - depth) }

    /// The first 64 bits of the lowest and the highest key of a neighbourhood.
    func bounds(_ number: UInt64) -> ClosedRange<UInt64> {
        let low = number << UInt64(64 - depth)
        return low...(low | UInt64.max >> UInt64(depth))
    }

    /// Appends the leaves under a prefix that are remembered; false if they are not.
    mutating func append(_ keys: ClosedRange<Digest>, depth asked: Int, to found: inout [StateLeaf]) -> Bool {
        guard asked - 1 == depth else {
            resize(to: asked - 1)
            return false
        }
        guard depth > 0, let number = number(of: keys.lowerBound), let entry = entry(number) else { return false }
        for place in Int(entry.first)..<Int(entry.first + entry.count) where keys.contains(leaves[place].key) {
            found.append(leaves[place])
        }
        return true
    }

    func contains(_ number: UInt64) -> Bool { entry(number) != nil }

    private func entry(_ number: UInt64) -> Entry? {
        let place = places[Int(number & UInt64(Self.slots - 1))]
        guard place != 0 else { return nil }
        let entry = entries[Int(place) - 1]
        return entry.number == number ? entry : nil
    }

    /// Remembers all leaves of a neighbourhood, ascending.
    mutating func remember(_ number: UInt64, count: Int, _ leaf: (Int) -> StateLeaf) {
        if entries.count == Self.capacity || leaves.count + count > Self.leafCapacity { removeAll() }
        entries.append(Entry(number: number, first: UInt32(leaves.count), count: UInt32(count)))
        for position in 0..<count { leaves.append(leaf(position)) }
        places[Int(number & UInt64(Self.slots - 1))] = UInt32(entries.count)
    }

    /// A leaf of the neighbourhood of a key changed.
    mutating func forget(_ key: Digest) {
        guard let number = number(of: key), entry(number) != nil else { return }
        places[Int(number & UInt64(Self.slots - 1))] = 0
    }

    private mutating func removeAll() {
        entries.removeAll(keepingCapacity: true)
        leaves.removeAll(keepingCapacity: true)
        for slot in places.indices { places[slot] = 0 }
    }

    /// Only what is smaller than a page is worth it; a prefix of few bits is a question about many pages.
    private mutating func resize(to asked: Int) {
        guard asked >= Self.fewestBits, asked < 64 else { return }
        removeAll()
        depth = asked
    }

    private static let fewestBits = 8
}
