/// That a key has a record of a certain hash under a state root, or that it has none.
///
/// Presence: the siblings from the key's leaf up to the root. Absence: the same from where the key's path
/// ends, which is an empty subtree, or another leaf that stands for the whole subtree (the *witness*).
///
/// Encoded as `[bitmap, [sibling, …], null / [key, record hash]]`. Bit i of the bitmap (from the most
/// significant bit of the first byte) says whether the sibling at depth i is not empty; empty ones are left
/// out of the list, which runs from the leaf up. The deepest sibling is never empty, so the last 1 bit gives
/// the depth, and trailing zero bytes are not written: a proof has one encoding.
public struct StateProof: Hashable, Sendable {
    /// From the leaf up; empty subtrees as ``Digest/zero``. As many as the path is deep, at most 256.
    public let siblings: [Digest]
    /// The leaf that the key's path ends in, if it is another key's.
    public let witness: StateLeaf?

    public static let maximumDepth = 256

    public init(siblings: [Digest], witness: StateLeaf?) {
        self.siblings = siblings
        self.witness = witness
    }

    /// Throws unless, under `root`, the key has a record with this hash, or for nil, no record.
    public func verify(key: Digest, recordHash: Digest?, root: Digest) throws(MerkleError) {
        let computed = try self.root(key: key, recordHash: recordHash)
        guard computed == root else { throw .rootMismatch(expected: root, computed: computed) }
    }

    /// The state root under which this proves the key's record hash, or for nil, its absence.
    public func root(key: Digest, recordHash: Digest?) throws(MerkleError) -> Digest {
        let depth = siblings.count
        guard depth <= Self.maximumDepth else { throw .proofTooDeep(depth) }
        guard siblings.first != .zero else { throw .deepestSiblingEmpty }
        var hash = try end(key: key, recordHash: recordHash)
        for (height, sibling) in siblings.enumerated() {
            hash = key.bit(depth - 1 - height) ? MerkleHash.node(sibling, hash) : MerkleHash.node(hash, sibling)
        }
        return hash
    }

    /// The hash of what the key's path ends in.
    private func end(key: Digest, recordHash: Digest?) throws(MerkleError) -> Digest {
        switch (recordHash, witness) {
        case (let recordHash?, nil):
            return MerkleHash.stateLeaf(key: key, recordHash: recordHash)
        case (_?, _?):
            throw .unexpectedWitness
        case (nil, nil):
            return .zero
        case (nil, let witness?):
            guard witness.key != key else { throw .witnessIsTheKey }
            let shared = witness.key.sharedBits(with: key)
            guard shared >= siblings.count else {
                throw .witnessOffPath(sharedBits: shared, depth: siblings.count)
            }
            return witness.hash
        }
    }
}

extension StateProof: CBORCodable {
    public func encode(to writer: inout CBORWriter) {
        let depth = siblings.count
        var bitmap = [UInt8](repeating: 0, count: (depth + 7) / 8)
        for (height, sibling) in siblings.enumerated() where sibling != .zero {
            let position = depth - 1 - height
            bitmap[position / 8] |= 0x80 >> UInt8(position % 8)
        }
        writer.array(3)
        writer.byteString(bitmap)
        writer.digests(siblings.filter { $0 != .zero })
        if let witness {
            writer.array(2)
            writer.digest(witness.key)
            writer.digest(witness.recordHash)
        } else {
            writer.null()
        }
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 3)
        let start = reader.offset
        let bitmap = try reader.byteString(atMost: Self.maximumDepth / 8)
        guard bitmap.last != 0 else { throw CBORError(.invalidValue("a bitmap ends in a zero byte"), at: start) }
        let listStart = reader.offset
        let list = try reader.digests(atMost: Self.maximumDepth)
        let count = bitmap.reduce(0) { $0 + $1.nonzeroBitCount }
        guard list.count == count else {
            throw CBORError(.wrongLength(expected: count, found: list.count), at: listStart)
        }
        guard !list.contains(.zero) else {
            throw CBORError(.invalidValue("an empty sibling is not written"), at: listStart)
        }
        let depth = bitmap.count * 8 - (bitmap.last?.trailingZeroBitCount ?? 0)
        var siblings: [Digest] = []
        siblings.reserveCapacity(depth)
        var present = list.makeIterator()
        for position in (0..<depth).reversed() {
            let isPresent = bitmap[position / 8] & 0x80 >> UInt8(position % 8) != 0
            siblings.append(isPresent ? present.next() ?? .zero : .zero)
        }
        self.siblings = siblings
        if reader.isNull {
            try reader.null()
            witness = nil
        } else {
            try reader.array(count: 2)
            witness = StateLeaf(key: try reader.digest(), recordHash: try reader.digest())
        }
    }
}
