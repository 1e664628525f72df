/// Where a mesh stands in a scene: a 3 × 3 matrix and a translation, in double precision.
///
/// The order of every operation is fixed, so that all implementations place a corner at the same numbers.
public struct MeshPlacement: Hashable, Sendable {
    /// Row by row: x′ = m[0]·x + m[1]·y + m[2]·z + t[0], and so on.
    var matrix: InlineRows
    var x, y, z: Double

    /// Nine numbers, row by row.
    struct InlineRows: Hashable, Sendable {
        var r0: SIMD3<Double>, r1: SIMD3<Double>, r2: SIMD3<Double>
    }

    /// The file's own space.
    public static let identity = MeshPlacement(
        matrix: InlineRows(r0: SIMD3(1, 0, 0), r1: SIMD3(0, 1, 0), r2: SIMD3(0, 0, 1)), x: 0, y: 0, z: 0)

    init(matrix: InlineRows, x: Double, y: Double, z: Double) {
        self.matrix = matrix
        (self.x, self.y, self.z) = (x, y, z)
    }

    /// A world matrix: 16 numbers, column by column, the last row of which is taken as 0 0 0 1; `nil` for
    /// another count.
    public init?(columns m: [Double]) {
        guard m.count == 16 else { return nil }
        self.init(
            matrix: InlineRows(
                r0: SIMD3(m[0], m[4], m[8]), r1: SIMD3(m[1], m[5], m[9]), r2: SIMD3(m[2], m[6], m[10])),
            x: m[12], y: m[13], z: m[14])
    }

    /// Without the translation: a shape is the same wherever it stands.
    var unmoved: MeshPlacement { MeshPlacement(matrix: matrix, x: 0, y: 0, z: 0) }

    @inline(__always) func point(_ px: Double, _ py: Double, _ pz: Double) -> (Double, Double, Double) {
        let m = matrix
        return (
            m.r0.x * px + m.r0.y * py + m.r0.z * pz + x, m.r1.x * px + m.r1.y * py + m.r1.z * pz + y,
            m.r2.x * px + m.r2.y * py + m.r2.z * pz + z
        )
    }
}
