/// A surface on a grid of 2²⁰ steps along its longest side, as triangles with weights.
///
/// Everything summed over triangles is an integer, so no order of triangles or corners changes a bit. This holds in
/// any language with IEEE 754 doubles: the operations are + − × ÷ √ and conversions.
struct PrintGrid {
    /// Part of a welded mesh, where it stands.
    struct Surface {
        let mesh: WeldedMesh
        let points: Range<Int>
        let triangles: Range<Int>
        let placement: MeshPlacement

        init(_ mesh: WeldedMesh, _ component: WeldedMesh.Component, _ placement: MeshPlacement) {
            self.mesh = mesh
            points = component.points
            triangles = component.triangles
            self.placement = placement
        }

        init(_ mesh: WeldedMesh, _ placement: MeshPlacement) {
            self.mesh = mesh
            points = 0..<mesh.pointCount
            triangles = 0..<mesh.triangleCount
            self.placement = placement
        }
    }

    /// 2²⁴ areas of up to √3 · 2³⁹ still fit 64 bits.
    static let maximumTriangles = 1 << 24
    /// Bytes that a triangle and up to three points of its own can cost.
    static let bytesPerTriangle = 9 * 8 + 9 * 4 + 9 * 4 + 8
    static let steps = 1_048_576.0
    /// What all weights add up to, nearly: each is rounded.
    static let wholeWeight = 1_099_511_627_776.0
    /// How many samples a surface is given, at least.
    static let samples = 12_000.0

    /// Nine grid coordinates for each triangle with an area, its corners in ascending order.
    private(set) var corners: [Int32] = []
    /// A quarter of twice the area, for each triangle.
    private(set) var areas: [UInt64] = []
    private(set) var totalArea: UInt64 = 0

    /// `nil` if there is no area, a number that is not finite, or more than `maximumTriangles`.
    init?(_ surfaces: [Surface]) {
        let count = surfaces.reduce(0) { $0 + $1.triangles.count }
        guard count <= Self.maximumTriangles, let grid = Self.gridPoints(surfaces) else { return nil }
        corners.reserveCapacity(9 * count)
        areas.reserveCapacity(count)
        var base = 0
        for surface in surfaces {
            let offset = base - surface.points.lowerBound
            base += surface.points.count
            surface.mesh.corners.withUnsafeBufferPointer { numbers in
                grid.withUnsafeBufferPointer { grid in
                    for first in stride(
                        from: 3 * surface.triangles.lowerBound, to: 3 * surface.triangles.upperBound, by: 3)
                    {
                        add(
                            grid.baseAddress! + 3 * (Int(numbers[first]) + offset),
                            grid.baseAddress! + 3 * (Int(numbers[first + 1]) + offset),
                            grid.baseAddress! + 3 * (Int(numbers[first + 2]) + offset))
                    }
                }
            }
        }
        guard totalArea > 0 else { return nil }
    }

    /// Three grid coordinates for each point, 0 to 2²⁰.
    private static func gridPoints(_ surfaces: [Surface]) -> [Int32]? {
        var placed: [Double] = []
        placed.reserveCapacity(3 * surfaces.reduce(0) { $0 + $1.points.count })
        for surface in surfaces {
            surface.mesh.points.withUnsafeBufferPointer { points in
                for point in surface.points {
                    let (x, y, z) = surface.placement.point(
                        Double(points[3 * point]), Double(points[3 * point + 1]), Double(points[3 * point + 2]))
                    placed.append(x)
                    placed.append(y)
                    placed.append(z)
                }
            }
        }
        guard placed.count >= 3 else { return nil }
        var (low, high) = ([placed[0], placed[1], placed[2]], [placed[0], placed[1], placed[2]])
        for axis in 0..<3 {
            for at in stride(from: axis, to: placed.count, by: 3) {
                let value = placed[at]
                // A NaN fails both comparisons, and so the check of the whole below.
                guard value.isFinite else { return nil }
                if value < low[axis] { low[axis] = value }
                if value > high[axis] { high[axis] = value }
            }
        }
        let extent = max(high[0] - low[0], high[1] - low[1], high[2] - low[2])
        guard extent > 0, extent.isFinite, (steps / extent).isFinite else { return nil }
        let scale = steps / extent
        var grid: [Int32] = []
        grid.reserveCapacity(placed.count)
        for first in stride(from: 0, to: placed.count, by: 3) {
            for axis in 0..<3 { grid.append(Int32((placed[first + axis] - low[axis]) * scale + 0.5)) }
        }
        return grid
    }

    private typealias Corner = UnsafePointer<Int32>

    private static func precedes(_ a: Corner, _ b: Corner) -> Bool {
        a[0] != b[0] ? a[0] < b[0] : a[1] != b[1] ? a[1] < b[1] : a[2] < b[2]
    }

    private mutating func add(_ first: Corner, _ second: Corner, _ third: Corner) {
        var (a, b, c) = (first, second, third)
        if Self.precedes(b, a) { (a, b) = (b, a) }
        if Self.precedes(c, b) { (b, c) = (c, b) }
        if Self.precedes(b, a) { (a, b) = (b, a) }
        let u = (Int64(b[0] - a[0]), Int64(b[1] - a[1]), Int64(b[2] - a[2]))
        let v = (Int64(c[0] - a[0]), Int64(c[1] - a[1]), Int64(c[2] - a[2]))
        let x = Double(u.1 * v.2 - u.2 * v.1)
        let y = Double(u.2 * v.0 - u.0 * v.2)
        let z = Double(u.0 * v.1 - u.1 * v.0)
        let area = UInt64((x * x + y * y + z * z).squareRoot() * 0.25 + 0.5)
        guard area > 0 else { return }
        totalArea += area
        areas.append(area)
        for corner in [a, b, c] {
            corners.append(corner[0])
            corners.append(corner[1])
            corners.append(corner[2])
        }
    }

    /// How many parts each side of a triangle of that area is split into, 1 to 110.
    func split(_ area: UInt64) -> Int {
        let exact = (Double(area) * Self.samples / Double(totalArea)).squareRoot()
        let whole = Int(exact)
        return max(1, Double(whole) < exact ? whole + 1 : whole)
    }

    /// How many samples the print takes: the measure of its work.
    var sampleCount: Int {
        areas.reduce(0) { sum, area in
            let split = split(area)
            return sum + split * split
        }
    }
}
