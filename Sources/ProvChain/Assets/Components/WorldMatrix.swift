/// A 4 × 4 matrix, column by column, that brings the points of a mesh into the scene. Its arithmetic is part of the
/// specification: f64, every operation rounded on its own, in the order written here.
public struct WorldMatrix: Hashable, Sendable {
    /// 16 numbers.
    public let elements: [Double]

    static let unit = WorldMatrix(elements: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1])

    init(elements: [Double]) {
        precondition(elements.count == 16, "\(elements.count) numbers of a matrix")
        self.elements = elements
    }

    /// translation · rotation · scale, as glTF combines them. The quaternion (x, y, z, w) is not normalised.
    init(translation t: [Double], rotation q: [Double], scale s: [Double]) {
        let (x, y, z, w) = (q[0], q[1], q[2], q[3])
        let (x2, y2, z2) = (x + x, y + y, z + z)
        let (xx, xy, xz) = (x * x2, x * y2, x * z2)
        let (yy, yz, zz) = (y * y2, y * z2, z * z2)
        let (wx, wy, wz) = (w * x2, w * y2, w * z2)
        let first = [(1 - (yy + zz)) * s[0], (xy + wz) * s[0], (xz - wy) * s[0], 0]
        let second = [(xy - wz) * s[1], (1 - (xx + zz)) * s[1], (yz + wx) * s[1], 0]
        let third = [(xz + wy) * s[2], (yz - wx) * s[2], (1 - (xx + yy)) * s[2], 0]
        elements = first + second + third + [t[0], t[1], t[2], 1]
    }

    /// `self` · `other`: each element ((a + b) + c) + d.
    func times(_ other: WorldMatrix) -> WorldMatrix {
        var product: [Double] = []
        product.reserveCapacity(16)
        for column in 0..<4 {
            for row in 0..<4 {
                let a = elements[row] * other.elements[4 * column]
                let b = elements[4 + row] * other.elements[4 * column + 1]
                let c = elements[8 + row] * other.elements[4 * column + 2]
                let d = elements[12 + row] * other.elements[4 * column + 3]
                product.append(((a + b) + c) + d)
            }
        }
        return WorldMatrix(elements: product)
    }

    /// Each element rounded to f32.
    var floats: [Float] { elements.map { Float($0) } }

    /// A point of the mesh in the scene, computed in f64 and rounded once.
    public func transform(_ point: Mesh.Position) -> Mesh.Position {
        let (x, y, z) = (Double(point.x), Double(point.y), Double(point.z))
        func row(_ row: Int) -> Float {
            Float(
                ((elements[row] * x + elements[4 + row] * y) + elements[8 + row] * z) + elements[12 + row])
        }
        return Mesh.Position(row(0), row(1), row(2))
    }
}
