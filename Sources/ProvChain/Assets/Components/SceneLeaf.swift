/// The `SCENE` leaf: which meshes stand where, without the tree of nodes that puts them there.
///
/// A mesh is the SHA-256 of CBOR `["provchain/mesh/1", [PRIM leaf, …], weights]`: the leaves of its primitives,
/// sorted, and the weights of its morph targets at rest as a byte string of f32 (those of the node, else of the
/// mesh, else 0). The leaf is the SHA-256 of CBOR `["provchain/scene/1", number, bytes]` with 128 bytes for each use
/// of a mesh, sorted: the mesh, the ``SkinLeaf`` or 32 zero bytes, the ``WorldMatrix`` as 16 f32, which is the
/// unit matrix for meshes with a skin.
public enum SceneLeaf {
    /// One use of a mesh.
    struct Placement {
        let mesh: Digest
        let skin: Digest?
        let matrix: WorldMatrix
    }

    static let placementBytes = 128

    static func mesh(primitives: [Digest], weights: [Float], at place: String) throws(AssetError) -> Digest {
        let weights = try CanonicalFloat.bytes(weights, at: place)
        return DomainTag.placedMesh.hash(2) { writer in
            writer.digests(primitives.sorted())
            writer.byteString(weights)
        }
    }

    /// `nil` without placements.
    static func leaf(_ placements: [Placement], at place: String) throws(AssetError) -> Digest? {
        guard !placements.isEmpty else { return nil }
        var records: [[UInt8]] = []
        for placement in placements {
            records.append(
                placement.mesh.bytes + (placement.skin?.bytes ?? Array(repeating: 0, count: Digest.byteCount))
                    + (try CanonicalFloat.bytes(placement.matrix.floats, at: place)))
        }
        records.sort { $0.lexicographicallyPrecedes($1) }
        return DomainTag.componentScene.hash(2) { writer in
            writer.uint(UInt64(records.count))
            writer.byteString(count: records.count * placementBytes)
            for record in records { writer.encoded(record) }
        }
    }
}
