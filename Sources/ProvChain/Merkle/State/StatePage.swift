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

/// Eight levels of the state tree: 256 slots, each empty, a single leaf, or the root of the page below.
///
/// The content depends only on the set of leaves beneath. Slots are stored in order and without gaps; the
/// hashes between slots and root are kept only where a page is full enough that computing them again would
/// cost more than the memory.
struct StatePage: Sendable {
    enum Slot: Hashable {
        case empty
        case leaf(StateLeaf)
        /// The root of the page below, which has two leaves or more.
        case child(Digest)
    }

    private(set) var leafSlots = SlotSet()
    private(set) var childSlots = SlotSet()
    private(set) var leaves: [StateLeaf] = []
    private(set) var children: [Digest] = []
    /// A heap: node 1 is the root, node n has the children 2n and 2n + 1. Empty if not kept.
    private var interior: [Digest] = []

    /// A page with this many occupied slots keeps its interior hashes (8 KiB).
    static let interiorThreshold = 24
    private static let levels = 8

    init() {}

    mutating func reserve(leaves leafCount: Int, children childCount: Int) {
        leaves.reserveCapacity(leafCount)
        children.reserveCapacity(childCount)
    }

    var occupiedCount: Int { leaves.count + children.count }

    subscript(slot: UInt8) -> Slot {
        let slot = Int(slot)
        if leafSlots.contains(slot) { return .leaf(leaves[leafSlots.rank(slot)]) }
        if childSlots.contains(slot) { return .child(children[childSlots.rank(slot)]) }
        return .empty
    }

    mutating func setLeaf(_ leaf: StateLeaf, at slot: UInt8) {
        let slot = Int(slot)
        precondition(!childSlots.contains(slot), "records are never deleted: slot \(slot) has a page below")
        let rank = leafSlots.rank(slot)
        if leafSlots.contains(slot) {
            leaves[rank] = leaf
        } else {
            leafSlots.insert(slot)
            leaves.insert(leaf, at: rank)
        }
    }

    mutating func setChild(_ root: Digest, at slot: UInt8) {
        let slot = Int(slot)
        if leafSlots.contains(slot) {
            leaves.remove(at: leafSlots.rank(slot))
            leafSlots.remove(slot)
        }
        let rank = childSlots.rank(slot)
        if childSlots.contains(slot) {
            children[rank] = root
        } else {
            childSlots.insert(slot)
            children.insert(root, at: rank)
        }
    }

    /// The root of the page after the slots in `changed` were set; hashes only what lies above them.
    mutating func rehash(changed: SlotSet) -> Digest {
        let isKept = !interior.isEmpty
        if !isKept, occupiedCount >= Self.interiorThreshold {
            interior = Array(repeating: .zero, count: SlotSet.slotCount)
        }
        return hash(node: 1, level: 0, changed: isKept ? changed : nil)
    }

    /// The root of the page.
    mutating func root() -> Digest { rehash(changed: SlotSet()) }

    /// `changed` is nil if nothing is known yet.
    private mutating func hash(node: Int, level: Int, changed: SlotSet?) -> Digest {
        let width = SlotSet.slotCount >> level
        let start = node * width - SlotSet.slotCount
        if let single = singleHash(start: start, width: width) { return single }
        if let changed, changed.count(from: start, width: width) == 0 { return interior[node] }
        let left = hash(node: 2 * node, level: level + 1, changed: changed)
        let right = hash(node: 2 * node + 1, level: level + 1, changed: changed)
        let hash = MerkleHash.node(left, right)
        if !interior.isEmpty { interior[node] = hash }
        return hash
    }

    /// The hash of a range of slots that is no node of its own: nothing, one leaf, or one slot.
    private func singleHash(start: Int, width: Int) -> Digest? {
        let leafCount = leafSlots.count(from: start, width: width)
        let childCount = childSlots.count(from: start, width: width)
        switch (leafCount, childCount) {
        case (0, 0): return .zero
        case (1, 0): return leaves[leafSlots.rank(start)].hash
        case (0, 1): return width == 1 ? children[childSlots.rank(start)] : nil
        default: return nil
        }
    }
}

extension StatePage {
    /// What ends the path of a key inside a page.
    enum PathEnd: Hashable {
        case empty
        case leaf(StateLeaf)
        /// The path goes on in the page below, which has this root.
        case child(Digest)
    }

    /// Follows the path of `slot` down to where it ends, and appends the siblings passed, from the top.
    /// The page must have been hashed since it was last changed.
    mutating func walk(slot: UInt8, siblings: inout [Digest]) -> PathEnd {
        let slot = Int(slot)
        var node = 1
        for level in 0...Self.levels {
            let width = SlotSet.slotCount >> level
            let start = node * width - SlotSet.slotCount
            let leafCount = leafSlots.count(from: start, width: width)
            let childCount = childSlots.count(from: start, width: width)
            if leafCount + childCount == 0 { return .empty }
            if leafCount == 1, childCount == 0 { return .leaf(leaves[leafSlots.rank(start)]) }
            if width == 1 { return .child(children[childSlots.rank(start)]) }
            let next = 2 * node + (slot >> (Self.levels - 1 - level) & 1)
            siblings.append(hash(node: next ^ 1, level: level + 1, changed: interior.isEmpty ? nil : SlotSet()))
            node = next
        }
        preconditionFailure("a path of \(Self.levels) levels ends in a slot")
    }
}
