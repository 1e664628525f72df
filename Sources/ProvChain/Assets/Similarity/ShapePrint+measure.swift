extension ShapePrint {
    /// The print of a surface; the grid has an area. `nil` if its radius is 0: all triangles with an area are so small
    /// and so close together, and what has none so far away, that nothing is left of their distances but zeros.
    init?(_ grid: PrintGrid) {
        let scale = PrintGrid.wholeWeight / Double(grid.totalArea)
        let weights = grid.areas.map { PrintSums.rounded(Double($0) * scale) }
        let whole = weights.reduce(0, +)
        let centre = Self.centre(grid, weights, whole)
        let radius = Self.radius(grid, weights, whole, centre)
        guard radius > 0 else { return nil }
        let sums = PrintSums(grid, weights: weights, centre: centre, radius: radius)
        let bytes =
            sums.radial.map { Self.byte(Double($0) / Double(whole) * 0.5) }
            + (0..<PrintSums.shells).flatMap { shell in
                Self.power(sums.uneven[(shell * Harmonics.count)..<((shell + 1) * Harmonics.count)])
                    .map { Self.byte($0.squareRoot() / Double(whole)) }
            }
        guard let print = ShapePrint(bytes) else { preconditionFailure("a print of \(bytes.count) bytes") }
        self = print
    }

    private static func byte(_ value: Double) -> UInt8 { UInt8(min(255, 512 * value + 0.5)) }

    /// The centre of mass, exactly: that of a triangle is the mean of its corners.
    private static func centre(_ grid: PrintGrid, _ weights: [Int64], _ whole: Int64) -> (Double, Double, Double) {
        var sum: (Int64, Int64, Int64) = (0, 0, 0)
        grid.corners.withUnsafeBufferPointer { corners in
            for (number, weight) in weights.enumerated() {
                let at = 9 * number
                sum.0 += weight * Int64(corners[at] + corners[at + 3] + corners[at + 6])
                sum.1 += weight * Int64(corners[at + 1] + corners[at + 4] + corners[at + 7])
                sum.2 += weight * Int64(corners[at + 2] + corners[at + 5] + corners[at + 8])
            }
        }
        let divisor = Double(3 * whole)
        let step = 1 / PrintGrid.steps
        return (Double(sum.0) / divisor * step, Double(sum.1) / divisor * step, Double(sum.2) / divisor * step)
    }

    /// The root of the mean square distance from the centre, exactly: over a triangle with corners p, q, r seen from
    /// the centre the mean square is (p² + q² + r² + p·q + q·r + r·p) / 6.
    private static func radius(
        _ grid: PrintGrid, _ weights: [Int64], _ whole: Int64, _ centre: (Double, Double, Double)
    ) -> Double {
        var sum: Int64 = 0
        let step = 1 / PrintGrid.steps
        grid.corners.withUnsafeBufferPointer { corners in
            for (number, weight) in weights.enumerated() {
                let at = 9 * number
                @inline(__always) func corner(_ first: Int) -> (Double, Double, Double) {
                    (
                        Double(corners[first]) * step - centre.0, Double(corners[first + 1]) * step - centre.1,
                        Double(corners[first + 2]) * step - centre.2
                    )
                }
                let (p, q, r) = (corner(at), corner(at + 3), corner(at + 6))
                let x = p.0 * p.0 + q.0 * q.0 + r.0 * r.0 + p.0 * q.0 + q.0 * r.0 + r.0 * p.0
                let y = p.1 * p.1 + q.1 * q.1 + r.1 * r.1 + p.1 * q.1 + q.1 * r.1 + r.1 * p.1
                let z = p.2 * p.2 + q.2 * q.2 + r.2 * r.2 + p.2 * q.2 + q.2 * r.2 + r.2 * p.2
                sum += PrintSums.rounded(Double(weight) * (x + y + z))
            }
        }
        return (Double(sum) / Double(6 * whole)).squareRoot()
    }

    /// For each degree the sum of the squares of its harmonics.
    private static func power(_ sums: ArraySlice<Int64>) -> [Double] {
        var power = [Double](repeating: 0, count: Harmonics.degrees)
        for (degree, sum) in zip(Harmonics.degreeOfValue, sums) { power[degree - 1] += Double(sum) * Double(sum) }
        return power
    }
}
