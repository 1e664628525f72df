extension StatePage {
    /// The page as stored; one set of slots has one encoding.
    ///
    /// The number of leaves and the number of children (2 bytes each, big-endian); each leaf as key and record
    /// hash; each child as slot (1 byte) and root; both in ascending order of slots. A leaf's slot is a byte
    /// of its key. So a leaf takes 64 bytes, a child 33, and a page 4 more.
    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount(leaves: leaves.count, children: children.count))
        for count in [leaves.count, children.count] {
            bytes.append(UInt8(count >> 8))
            bytes.append(UInt8(count & 0xff))
        }
        for leaf in leaves {
            leaf.key.withBytes { bytes.append(contentsOf: $0) }
            leaf.recordHash.withBytes { bytes.append(contentsOf: $0) }
        }
        var slot = -1
        for child in children {
            // One slot for each child, by the way both are kept.
            slot = childSlots.first(from: slot + 1)!
            bytes.append(UInt8(slot))
            child.withBytes { bytes.append(contentsOf: $0) }
        }
        return bytes
    }

    /// Reads the page `id` strictly: the exact length, slots in ascending order and none twice, every key on
    /// the page's path. Throws ``MerkleError/pageCorrupt(_:reason:)``.
    init(bytes: [UInt8], id: StatePageID) throws(MerkleError) {
        self.init()
        guard bytes.count >= Self.headerByteCount else {
            throw .pageCorrupt(id, reason: "\(bytes.count) bytes are no header")
        }
        let leafCount = Int(bytes[0]) << 8 | Int(bytes[1])
        let childCount = Int(bytes[2]) << 8 | Int(bytes[3])
        let expected = Self.byteCount(leaves: leafCount, children: childCount)
        guard bytes.count == expected, (1...SlotSet.slotCount).contains(leafCount + childCount) else {
            throw .pageCorrupt(id, reason: "\(bytes.count) bytes for \(leafCount) leaves and \(childCount) pages")
        }
        guard id.depth + 1 < StatePageID.levels || childCount == 0 else {
            throw .pageCorrupt(id, reason: "a page below the last level")
        }
        var offset = Self.headerByteCount
        var next = 0
        reserve(leaves: leafCount, children: childCount)
        for _ in 0..<leafCount {
            let leaf = StateLeaf(
                key: Self.digest(bytes, offset), recordHash: Self.digest(bytes, offset + Digest.byteCount))
            let slot = Int(leaf.key.byte(id.depth))
            guard slot >= next, leaf.key.keepingBytes(id.depth) == id.prefix else {
                throw .pageCorrupt(id, reason: "key \(leaf.key) does not belong at byte \(offset)")
            }
            setLeaf(leaf, at: UInt8(slot))
            next = slot + 1
            offset += Self.leafByteCount
        }
        next = 0
        for _ in 0..<childCount {
            let slot = Int(bytes[offset])
            guard slot >= next, !leafSlots.contains(slot) else {
                throw .pageCorrupt(id, reason: "slot \(slot) does not belong at byte \(offset)")
            }
            setChild(Self.digest(bytes, offset + 1), at: UInt8(slot))
            next = slot + 1
            offset += Self.childByteCount
        }
    }

    private static let headerByteCount = 4
    private static let leafByteCount = 2 * Digest.byteCount
    private static let childByteCount = 1 + Digest.byteCount

    private static func byteCount(leaves: Int, children: Int) -> Int {
        headerByteCount + leaves * leafByteCount + children * childByteCount
    }

    private static func digest(_ bytes: [UInt8], _ offset: Int) -> Digest {
        precondition(offset >= 0 && offset + Digest.byteCount <= bytes.count, "32 bytes at \(offset)")
        return Digest { digest in
            bytes.withUnsafeBufferPointer { source in
                // An array with bytes has a base address.
                digest.update(from: source.baseAddress! + offset, count: Digest.byteCount)
            }
        }
    }
}
