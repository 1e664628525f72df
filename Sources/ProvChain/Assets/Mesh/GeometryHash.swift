/// The `GEO` leaf, the exact identity of a mesh's shape: the same for every file that holds the same triangles, in
/// whatever order, indexing, container or format, with whatever normals, texture coordinates and materials.
///
/// A corner is its position: three f32 bit patterns, −0 taken as +0, ordered by x, then y, then z as unsigned
/// integers. Triangles with two equal corners are dropped; each remaining one is rotated until its smallest
/// corner comes first, which keeps its winding; the multiset of triangles is sorted by its nine numbers. The leaf
/// is the SHA-256 of CBOR `["provchain/geo/1", number of triangles, bytes]`, 36 bytes each, little-endian.
public enum GeometryHash {
    /// The leaf of a mesh in its own space; `nil` if no triangle has three different corners.
    ///
    /// - Throws: `AssetError.invalid` with `PROV_NOT_FINITE` if a position that a triangle uses is NaN or infinite;
    ///   `.overBudget` if the sorted copy does not fit the budget.
    public static func leaf(of mesh: Mesh, budget: inout AssetBudget) throws(AssetError) -> Digest? {
        try leaf(of: mesh, budget: &budget, at: "geometry leaf")
    }

    static func leaf(
        of mesh: Mesh, budget: inout AssetBudget, at place: String
    ) throws(AssetError) -> Digest? {
        let (vertices, positions) = try mesh.corners(&budget, place)
        let elements = try CanonicalElements(
            .triangle, vertices: vertices, columns: [positions], budget: &budget, at: place)
        return elements.count == 0 ? nil : elements.hash(.componentGeometry, 0) { _ in }
    }
}

extension Mesh {
    /// The corners of the triangles one after another, and the positions as a column.
    func corners(
        _ budget: inout AssetBudget, _ place: String
    ) throws(AssetError) -> (vertices: [UInt32], positions: CornerTable.Column) {
        try budget.pay(triangles.count, of: 12, at: place)
        var vertices: [UInt32] = []
        vertices.reserveCapacity(3 * triangles.count)
        for triangle in triangles {
            vertices.append(triangle.a)
            vertices.append(triangle.b)
            vertices.append(triangle.c)
        }
        return (vertices, CornerTable.Column(name: "POSITION", width: 3, source: .positions(positions)))
    }
}
