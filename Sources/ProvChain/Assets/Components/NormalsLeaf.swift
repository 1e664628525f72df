/// The `NORM` leaf: the normals and tangents of a primitive, where it has any. Apart from ``PrimitiveLeaf``,
/// because exporters drop and regenerate them.
///
/// SHA-256 of CBOR `["provchain/norm/1", columns, number of elements, bytes]` with the columns `POSITION`,
/// `NORMAL`, `TANGENT`, then for each morph target k `NORMAL@k`, `TANGENT@k`, as far as they are there; the
/// positions say where each normal stands. Everything else is as in ``PrimitiveLeaf``.
public enum NormalsLeaf {
    /// `nil` if there are only positions, or no element is left.
    static func leaf(_ elements: CanonicalElements, columns: [CornerTable.Column]) -> Digest? {
        guard columns.count > 1, elements.count > 0 else { return nil }
        return elements.hash(.componentNormals, 1) { $0.columns(columns) }
    }
}
