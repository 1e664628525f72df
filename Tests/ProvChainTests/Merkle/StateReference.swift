import ProvChain

private func digest(_ text: String) -> Digest { SHA256.hash(Array(text.utf8)) }

/// The definition, word for word: a set of leaves, split by one bit after the other.
func stateNaiveRoot(_ leaves: [StateLeaf], depth: Int = 0) -> Digest {
    if leaves.isEmpty { return .zero }
    if leaves.count == 1 { return SHA256.hash([0] + leaves[0].key.bytes + leaves[0].recordHash.bytes) }
    let left = stateNaiveRoot(leaves.filter { !$0.key.bit(depth) }, depth: depth + 1)
    let right = stateNaiveRoot(leaves.filter { $0.key.bit(depth) }, depth: depth + 1)
    return SHA256.hash([1] + left.bytes + right.bytes)
}

func stateLeaf(_ index: Int, _ record: Int? = nil) -> StateLeaf {
    StateLeaf(key: digest("key \(index)"), recordHash: digest("record \(record ?? index)"))
}

/// A key that shares exactly `bits` bits with `key`, random below.
func stateNeighbour(of key: Digest, bits: Int, _ random: inout MerkleGenerator) -> Digest {
    var bytes = key.bytes
    bytes[bits / 8] ^= 0x80 >> UInt8(bits % 8)
    for bit in (bits + 1)..<256 where Bool.random(using: &random) { bytes[bit / 8] ^= 0x80 >> UInt8(bit % 8) }
    return Digest(bytes)!
}

/// Leaves whose keys share 0 to 255 bits with one another.
func stateCrowdedLeaves(_ count: Int, _ random: inout MerkleGenerator) -> [StateLeaf] {
    var keys = [digest("seed \(random.next())")]
    while keys.count < count {
        let bits = Int.random(in: 0..<256, using: &random)
        let key = stateNeighbour(of: keys[Int.random(in: keys.indices, using: &random)], bits: bits, &random)
        if !keys.contains(key) { keys.append(key) }
    }
    return keys.map { StateLeaf(key: $0, recordHash: digest("record of \($0)")) }
}

/// A database of leaves in memory.
struct StateMemoryLeaves: StateLeafSource {
    var leaves: [Digest: Digest] = [:]

    func leaves(under prefix: StatePrefix) -> [StateLeaf] {
        leaves.filter { prefix.keys.contains($0.key) }.map { StateLeaf(key: $0.key, recordHash: $0.value) }
            .sorted { $0.key < $1.key }
    }

    mutating func write(_ batch: some Sequence<StateLeaf>) {
        for leaf in batch { leaves[leaf.key] = leaf.recordHash }
    }
}
