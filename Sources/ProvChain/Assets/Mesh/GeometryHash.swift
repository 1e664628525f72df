/// The exact identity of a mesh's shape: the same for every file that holds the same triangles, in whatever
/// order, indexing, container or format, with whatever normals, texture coordinates and materials.
///
/// A corner is its position: three f32 bit patterns, −0 taken as +0, ordered by x, then y, then z as unsigned
/// integers. Triangles with two equal corners are dropped; each remaining one is rotated until its smallest
/// corner comes first, which keeps its winding; the multiset of triangles is sorted by its nine numbers. The leaf
/// is the domain-separated hash of the number of triangles and of their numbers, 36 bytes each, little-endian.
public enum GeometryHash {
    /// The `GEO` leaf of a mesh; `nil` if no triangle has an area to speak of (all are degenerate, or there is none).
    ///
    /// - Throws: `AssetError.invalid` with `PROV_NOT_FINITE` if a position that a triangle uses is NaN or infinite;
    ///   `.overBudget` if the sorted copy does not fit the budget.
    public static func leaf(of mesh: Mesh, budget: inout AssetBudget) throws(AssetError) -> Digest? {
        try budget.pay(mesh.triangles.count, of: 2 * CanonicalTriangle.byteCount, at: "geometry leaf")
        var triangles: [CanonicalTriangle] = []
        triangles.reserveCapacity(mesh.triangles.count)
        for (number, triangle) in mesh.triangles.enumerated() {
            let corners = (
                mesh.positions[Int(triangle.a)], mesh.positions[Int(triangle.b)], mesh.positions[Int(triangle.c)]
            )
            guard corners.0.isFinite, corners.1.isFinite, corners.2.isFinite else {
                throw .invalid([AssetIssue(.provNotFinite, "triangle \(number)")])
            }
            let (a, b, c) = (CanonicalCorner(corners.0), CanonicalCorner(corners.1), CanonicalCorner(corners.2))
            if a == b || b == c || c == a { continue }
            triangles.append(CanonicalTriangle(rotating: a, b, c))
        }
        guard !triangles.isEmpty else { return nil }
        triangles.sort()
        var data: [UInt8] = []
        data.reserveCapacity(triangles.count * CanonicalTriangle.byteCount)
        for triangle in triangles { triangle.write(to: &data) }
        return DomainTag.componentGeometry.hash(2) { writer in
            writer.uint(UInt64(triangles.count))
            writer.byteString(data)
        }
    }
}

/// A position as three ordered bit patterns.
private struct CanonicalCorner: Comparable {
    /// x in the high half, y in the low one.
    let xy: UInt64
    let z: UInt32

    init(_ position: Mesh.Position) {
        xy = UInt64(Self.bits(position.x)) << 32 | UInt64(Self.bits(position.y))
        z = Self.bits(position.z)
    }

    private static func bits(_ value: Float) -> UInt32 { value == 0 ? 0 : value.bitPattern }

    static func < (a: CanonicalCorner, b: CanonicalCorner) -> Bool { a.xy != b.xy ? a.xy < b.xy : a.z < b.z }
}

private struct CanonicalTriangle: Comparable {
    static let byteCount = 36

    let a, b, c: CanonicalCorner

    /// The corners are distinct, so exactly one is the smallest.
    init(rotating a: CanonicalCorner, _ b: CanonicalCorner, _ c: CanonicalCorner) {
        if a < b && a < c {
            (self.a, self.b, self.c) = (a, b, c)
        } else if b < c {
            (self.a, self.b, self.c) = (b, c, a)
        } else {
            (self.a, self.b, self.c) = (c, a, b)
        }
    }

    static func < (l: CanonicalTriangle, r: CanonicalTriangle) -> Bool {
        if l.a != r.a { return l.a < r.a }
        return l.b != r.b ? l.b < r.b : l.c < r.c
    }

    func write(to data: inout [UInt8]) {
        for corner in [a, b, c] {
            for word in [UInt32(corner.xy >> 32), UInt32(truncatingIfNeeded: corner.xy), corner.z] {
                for shift: UInt32 in [0, 8, 16, 24] { data.append(UInt8(truncatingIfNeeded: word >> shift)) }
            }
        }
    }
}
