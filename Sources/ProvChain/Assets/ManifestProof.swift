/// That a leaf is part of a manifest of which only the root is known: one mesh of a registered scene, without
/// disclosing the scene.
public struct ManifestPresence: Hashable, Sendable {
    public static let format = "manifest-presence/1"

    public let leaf: Manifest.Leaf
    public let proof: InclusionProof

    public init(leaf: Manifest.Leaf, proof: InclusionProof) {
        self.leaf = leaf
        self.proof = proof
    }

    /// - Throws: ``MerkleError`` unless a manifest with this root has the leaf.
    public func verify(root: Digest) throws(MerkleError) {
        try proof.verify(leafHash: MerkleHash.leaf(Manifest.leafBytes(leaf)), root: root)
    }
}

/// That a leaf is not part of a manifest of which only the root is known: the two leaves between which it would
/// stand, or the first or last one, stand side by side.
///
/// This holds for trees whose leaves are sorted, as those of every well-formed manifest are; whoever has the
/// manifest can check that.
public struct ManifestAbsence: Hashable, Sendable {
    public static let format = "manifest-absence/1"

    public let leaf: Manifest.Leaf
    /// The last leaf before it; `nil` if it would be the first.
    public let before: ManifestPresence?
    /// The first leaf after it; `nil` if it would be the last.
    public let after: ManifestPresence?

    public init(leaf: Manifest.Leaf, before: ManifestPresence?, after: ManifestPresence?) {
        self.leaf = leaf
        self.before = before
        self.after = after
    }

    public enum Failure: Error, Hashable, Sendable {
        case neighbour(MerkleError)
        /// The leaf does not lie between those shown.
        case notBetween
        /// Other leaves may lie between those shown.
        case notAdjacent
    }

    /// Throws unless no manifest with this root and sorted leaves has the leaf.
    public func verify(root: Digest) throws(Failure) {
        for neighbour in [before, after].compactMap({ $0 }) {
            do throws(MerkleError) {
                try neighbour.verify(root: root)
            } catch {
                throw .neighbour(error)
            }
        }
        if let before, !(before.leaf < leaf) { throw .notBetween }
        if let after, !(leaf < after.leaf) { throw .notBetween }
        switch (before?.proof, after?.proof) {
        case (let before?, let after?):
            guard before.treeSize == after.treeSize, before.leafIndex + 1 == after.leafIndex else {
                throw .notAdjacent
            }
        case (let before?, nil): guard before.leafIndex + 1 == before.treeSize else { throw .notAdjacent }
        case (nil, let after?): guard after.leafIndex == 0 else { throw .notAdjacent }
        case (nil, nil): throw .notAdjacent
        }
    }
}

extension Manifest {
    /// - Returns: `nil` if the leaf is not there; of equal leaves the first is shown.
    public func presence(of leaf: Leaf) -> ManifestPresence? {
        let leaves = leaves
        return leaves.firstIndex(of: leaf).map { Self.presence(at: $0, of: leaves) }
    }

    /// - Returns: `nil` if the leaf is there.
    public func absence(of leaf: Leaf) -> ManifestAbsence? {
        let leaves = leaves
        guard !leaves.contains(leaf) else { return nil }
        let next = leaves.firstIndex { leaf < $0 } ?? leaves.count
        return ManifestAbsence(
            leaf: leaf, before: next > 0 ? Self.presence(at: next - 1, of: leaves) : nil,
            after: next < leaves.count ? Self.presence(at: next, of: leaves) : nil)
    }

    /// Level by level: the sibling where there is one (RFC 9162 section 2.1.3.1).
    private static func presence(at index: Int, of leaves: [Leaf]) -> ManifestPresence {
        var level = leaves.map { MerkleHash.leaf(leafBytes($0)) }
        var position = index
        var path: [Digest] = []
        while level.count > 1 {
            let sibling = position ^ 1
            if sibling < level.count { path.append(level[sibling]) }
            level = stride(from: 0, to: level.count, by: 2).map {
                $0 + 1 < level.count ? MerkleHash.node(level[$0], level[$0 + 1]) : level[$0]
            }
            position /= 2
        }
        return ManifestPresence(
            leaf: leaves[index],
            proof: InclusionProof(leafIndex: UInt64(index), treeSize: UInt64(leaves.count), path: path))
    }
}

extension ManifestPresence: CBORCodable {
    /// `{1: "manifest-presence/1", 2: leaf, 3: inclusion proof}`.
    public func encode(to writer: inout CBORWriter) {
        writer.map(3)
        writer.uint(1)
        writer.text(Self.format)
        writer.uint(2)
        writer.value(leaf)
        writer.uint(3)
        writer.value(proof)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        var map = try CBORMapReader(&reader)
        try map.key(1, &reader)
        try reader.text(exactly: Self.format)
        try map.key(2, &reader)
        leaf = try Manifest.Leaf(anyOf: &reader)
        try map.key(3, &reader)
        proof = try InclusionProof(from: &reader)
        try map.finish(reader)
    }
}

extension ManifestAbsence: CBORCodable {
    /// `{1: "manifest-absence/1", 2: leaf, ? 3: presence before, ? 4: presence after}`; at least one of the two.
    public func encode(to writer: inout CBORWriter) {
        writer.map(2 + (before == nil ? 0 : 1) + (after == nil ? 0 : 1))
        writer.uint(1)
        writer.text(Self.format)
        writer.uint(2)
        writer.value(leaf)
        if let before {
            writer.uint(3)
            writer.value(before)
        }
        if let after {
            writer.uint(4)
            writer.value(after)
        }
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        let start = reader.offset
        var map = try CBORMapReader(&reader)
        try map.key(1, &reader)
        try reader.text(exactly: Self.format)
        try map.key(2, &reader)
        leaf = try Manifest.Leaf(anyOf: &reader)
        before = try map.optionalKey(3, &reader) ? try ManifestPresence(from: &reader) : nil
        after = try map.optionalKey(4, &reader) ? try ManifestPresence(from: &reader) : nil
        try map.finish(reader)
        guard before != nil || after != nil else {
            throw CBORError(.invalidValue("a proof of absence shows at least one neighbour"), at: start)
        }
    }
}
