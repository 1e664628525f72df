/// Triangles as connected pieces: corners at the same position are one point, and triangles that share a point are
/// one component.
///
/// Exporters cut a model into primitives by material and duplicate vertices where normals or texture coordinates
/// break, and merge whole scenes into one primitive. Positions survive both, so the components do. Positions are the
/// same if their bits are, −0 taken as +0: no tolerance that a neighbour could fall over.
struct WeldedMesh {
    struct Component {
        /// Into `points`, counted in points.
        let points: Range<Int>
        /// Into `corners`, counted in triangles.
        let triangles: Range<Int>
    }

    /// Three numbers for each point, component by component.
    let points: [Float]
    /// Three points for each triangle, component by component.
    let corners: [UInt32]
    /// In order of their first triangles.
    let components: [Component]

    /// Bytes that one triangle can cost while welding: its corners, points, their places in the table, their order.
    static let bytesPerTriangle = 160

    var triangleCount: Int { corners.count / 3 }
    var pointCount: Int { points.count / 3 }

    /// - Parameter meshes: meshes of one space.
    /// - Throws: `AssetError.overBudget`; `.invalid` if there are more corners than 32 bits count.
    init(_ meshes: [Mesh], budget: inout AssetBudget) throws(AssetError) {
        let count = meshes.reduce(0) { $0 + $1.triangles.count }
        try budget.pay(count, of: Self.bytesPerTriangle, at: "welding")
        guard UInt32(exactly: 3 * count) != nil else {
            throw .invalid([AssetIssue(.provIndexOutOfRange, "triangles")])
        }
        var table = PointTable(triangles: count)
        var corners: [UInt32] = []
        corners.reserveCapacity(3 * count)
        for mesh in meshes {
            mesh.positions.withUnsafeBufferPointer { positions in
                for triangle in mesh.triangles {
                    corners.append(table.number(of: positions[Int(triangle.a)]))
                    corners.append(table.number(of: positions[Int(triangle.b)]))
                    corners.append(table.number(of: positions[Int(triangle.c)]))
                }
            }
        }
        let labels = Self.labels(corners, pointCount: table.points.count / 3)
        (self.points, self.corners, self.components) = Self.grouped(table.points, corners, labels)
    }

    /// The smallest point of a component.
    func first(_ component: Component) -> SIMD3<Float> {
        func point(_ number: Int) -> SIMD3<Float> {
            SIMD3(points[3 * number], points[3 * number + 1], points[3 * number + 2])
        }
        var first = point(component.points.lowerBound)
        for number in component.points where Self.precedes(point(number), first) { first = point(number) }
        return first
    }

    static func precedes(_ a: SIMD3<Float>, _ b: SIMD3<Float>) -> Bool {
        a.x != b.x ? a.x < b.x : a.y != b.y ? a.y < b.y : a.z < b.z
    }

    /// For each point the number of its component, counting from 0 in order of first triangles, and their count.
    private static func labels(_ corners: [UInt32], pointCount: Int) -> (of: [UInt32], count: Int) {
        var parents = (0..<UInt32(pointCount)).map(\.self)
        parents.withUnsafeMutableBufferPointer { parents in
            func root(_ point: UInt32) -> UInt32 {
                var at = Int(point)
                while Int(parents[at]) != at {
                    parents[at] = parents[Int(parents[at])]
                    at = Int(parents[at])
                }
                return UInt32(at)
            }
            corners.withUnsafeBufferPointer { corners in
                for first in stride(from: 0, to: corners.count, by: 3) {
                    for other in 1...2 {
                        let (a, b) = (root(corners[first]), root(corners[first + other]))
                        // The smaller number wins, and was met earlier.
                        if a < b { parents[Int(b)] = a } else { parents[Int(a)] = b }
                    }
                }
            }
        }
        var labels = [UInt32](repeating: 0, count: pointCount)
        var count = 0
        for point in 0..<pointCount {
            // Its parent has a smaller number, and so has its label already.
            let parent = Int(parents[point])
            if parent == point {
                labels[point] = UInt32(count)
                count += 1
            } else {
                labels[point] = labels[parent]
            }
        }
        return (labels, count)
    }

    /// Points and triangles moved together with those of their component, in their order.
    private static func grouped(
        _ points: [Float], _ corners: [UInt32], _ labels: (of: [UInt32], count: Int)
    ) -> ([Float], [UInt32], [Component]) {
        var pointEnds = [Int](repeating: 0, count: labels.count + 1)
        var triangleEnds = pointEnds
        for label in labels.of { pointEnds[Int(label) + 1] += 1 }
        for first in stride(from: 0, to: corners.count, by: 3) {
            triangleEnds[Int(labels.of[Int(corners[first])]) + 1] += 1
        }
        for label in 0..<labels.count {
            pointEnds[label + 1] += pointEnds[label]
            triangleEnds[label + 1] += triangleEnds[label]
        }
        let components = (0..<labels.count).map { label in
            Component(
                points: pointEnds[label]..<pointEnds[label + 1],
                triangles: triangleEnds[label]..<triangleEnds[label + 1])
        }
        if components.count <= 1 { return (points, corners, components) }
        var numbers = [UInt32](repeating: 0, count: labels.of.count)
        var movedPoints = [Float](repeating: 0, count: points.count)
        for (point, label) in labels.of.enumerated() {
            let to = pointEnds[Int(label)]
            pointEnds[Int(label)] += 1
            numbers[point] = UInt32(to)
            for axis in 0..<3 { movedPoints[3 * to + axis] = points[3 * point + axis] }
        }
        var movedCorners = [UInt32](repeating: 0, count: corners.count)
        for first in stride(from: 0, to: corners.count, by: 3) {
            let label = Int(labels.of[Int(corners[first])])
            let to = 3 * triangleEnds[label]
            triangleEnds[label] += 1
            for corner in 0..<3 { movedCorners[to + corner] = numbers[Int(corners[first + corner])] }
        }
        return (movedPoints, movedCorners, components)
    }
}

/// Numbers positions in order of appearance.
///
/// An open table with a multiplicative hash: a dictionary takes several times as long. The hash is keyed as the
/// standard library keys its own, so nobody can prepare a file whose positions all collide; numbers do not depend on
/// the key.
private struct PointTable {
    private(set) var points: [Float] = []
    /// A point's number + 1; 0 is a free place.
    private var places: [UInt32]
    private var mask: Int
    private let key: UInt64

    init(triangles: Int) {
        // A closed surface has half as many points as triangles.
        var size = 64
        while size < triangles { size *= 2 }
        places = [UInt32](repeating: 0, count: size)
        mask = size - 1
        key = UInt64(truncatingIfNeeded: Hasher().finalize()) | 1
        points.reserveCapacity(3 * (triangles / 2))
    }

    private func slot(_ x: UInt32, _ y: UInt32, _ z: UInt32) -> Int {
        func mixed(_ a: UInt64, _ b: UInt64) -> UInt64 {
            let product = a.multipliedFullWidth(by: b)
            return product.high ^ product.low
        }
        let first = mixed(UInt64(x) << 32 | UInt64(y) ^ key, key ^ 0x9e37_79b9_7f4a_7c15)
        return Int(truncatingIfNeeded: mixed(first ^ UInt64(z), key &* 0xd6e8_feb8_6659_fd93)) & mask
    }

    mutating func number(of position: Mesh.Position) -> UInt32 {
        // Adding 0 makes +0 of −0, and changes nothing else.
        let (x, y, z) = (position.x + 0, position.y + 0, position.z + 0)
        var at = slot(x.bitPattern, y.bitPattern, z.bitPattern)
        while places[at] != 0 {
            let known = 3 * Int(places[at] - 1)
            if points[known] == x, points[known + 1] == y, points[known + 2] == z { return places[at] - 1 }
            at = (at + 1) & mask
        }
        let number = UInt32(points.count / 3)
        points.append(x)
        points.append(y)
        points.append(z)
        places[at] = number + 1
        if Int(number) * 2 > mask { grow() }
        return number
    }

    private mutating func grow() {
        mask = mask * 2 + 1
        places = [UInt32](repeating: 0, count: mask + 1)
        for number in 0..<(points.count / 3) {
            var at = slot(
                points[3 * number].bitPattern, points[3 * number + 1].bitPattern, points[3 * number + 2].bitPattern)
            while places[at] != 0 { at = (at + 1) & mask }
            places[at] = UInt32(number) + 1
        }
    }
}
