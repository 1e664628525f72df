/// The sums that a print is made of, over samples on a surface.
///
/// Each contribution is rounded to an integer before it is added, so no order of samples changes a sum.
struct PrintSums {
    static let radialBins = 32
    static let shells = 8
    /// Radial bins end at 2.5 RMS radii.
    static let binsPerRadius = 12.8
    /// The middle of the last shell is at 2.25 RMS radii.
    static let shellsPerRadius = 8.0 / 2.4

    private(set) var radial = [Int64](repeating: 0, count: radialBins)
    /// Eighty harmonics for each shell.
    private(set) var uneven = [Int64](repeating: 0, count: shells * Harmonics.count)

    private static let harmonics = Harmonics()

    /// 1.5 · 2⁵²: a number below 2⁵¹ in magnitude that is added to it loses its fraction, to the nearest integer,
    /// ties to even; what remains is in the low bits.
    private static let rounder = 6_755_399_441_055_744.0

    /// To the nearest integer, ties to even; below 2⁵¹ in magnitude.
    @inline(__always) static func rounded(_ value: Double) -> Int64 {
        Int64(bitPattern: (value + rounder).bitPattern) &- Int64(bitPattern: rounder.bitPattern)
    }

    /// Sums over the samples of every triangle.
    ///
    /// - Parameters:
    ///   - weights: for each triangle of the grid.
    ///   - centre: in grid steps × 2⁻²⁰, as is `radius`.
    init(_ grid: PrintGrid, weights: [Int64], centre: (Double, Double, Double), radius: Double) {
        let inverse = 1 / radius
        let step = 1 / PrintGrid.steps
        let values = UnsafeMutablePointer<Double>.allocate(capacity: Harmonics.count)
        values.initialize(repeating: 0, count: Harmonics.count)
        defer { values.deallocate() }
        var (radial, uneven) = (radial, uneven)
        radial.withUnsafeMutableBufferPointer { radial in
            uneven.withUnsafeMutableBufferPointer { uneven in
                Self.harmonics.withTables { rise, fall, diagonal in
                    // Neither buffer is empty.
                    let state = Sampler(
                        radial: radial.baseAddress!, uneven: uneven.baseAddress!, values: values, rise: rise,
                        fall: fall, diagonal: diagonal)
                    grid.corners.withUnsafeBufferPointer { corners in
                        for (number, weight) in weights.enumerated() {
                            let at = 9 * number
                            @inline(__always) func corner(_ first: Int) -> (Double, Double, Double) {
                                (
                                    (Double(corners[first]) * step - centre.0) * inverse,
                                    (Double(corners[first + 1]) * step - centre.1) * inverse,
                                    (Double(corners[first + 2]) * step - centre.2) * inverse
                                )
                            }
                            state.add(
                                corner(at), corner(at + 3), corner(at + 6), split: grid.split(grid.areas[number]),
                                weight: Double(weight))
                        }
                    }
                }
            }
        }
        (self.radial, self.uneven) = (radial, uneven)
    }
}

/// Adds samples to the sums. The memory belongs to the caller, and outlives it.
private struct Sampler {
    let radial, uneven: UnsafeMutablePointer<Int64>
    let values: UnsafeMutablePointer<Double>
    let rise, fall, diagonal: UnsafePointer<Double>

    typealias Point = (Double, Double, Double)

    /// The centroids of split² equal parts of a triangle.
    @inline(__always) func add(_ a: Point, _ b: Point, _ c: Point, split: Int, weight: Double) {
        let share = weight / Double(split * split)
        let third = 1 / Double(3 * split)
        let (ux, uy, uz) = (b.0 - a.0, b.1 - a.1, b.2 - a.2)
        let (vx, vy, vz) = (c.0 - a.0, c.1 - a.1, c.2 - a.2)
        for i in 0..<split {
            for j in 0..<(split - i) {
                // The part that stands like the triangle, then the one upside down beside it.
                for offset in 1...(i + j + 2 <= split ? 2 : 1) {
                    let (s, t) = (Double(3 * i + offset) * third, Double(3 * j + offset) * third)
                    sample(a.0 + ux * s + vx * t, a.1 + uy * s + vy * t, a.2 + uz * s + vz * t, share)
                }
            }
        }
    }

    @inline(__always) private func sample(_ x: Double, _ y: Double, _ z: Double, _ weight: Double) {
        let r = (x * x + y * y + z * z).squareRoot()
        let bin = r * PrintSums.binsPerRadius
        if bin >= Double(PrintSums.radialBins - 1) {
            radial[PrintSums.radialBins - 1] += PrintSums.rounded(weight)
        } else {
            let whole = Int(bin)
            let part = bin - Double(whole)
            radial[whole] += PrintSums.rounded(weight * (1 - part))
            radial[whole + 1] += PrintSums.rounded(weight * part)
        }
        // At the very centre there is no direction.
        guard r > 0 else { return }
        let inverse = 1 / r
        evaluate(x * inverse, y * inverse, z * inverse)
        let shell = r * PrintSums.shellsPerRadius - 0.5
        if shell <= 0 {
            accumulate(0, weight)
        } else if shell >= Double(PrintSums.shells - 1) {
            accumulate(PrintSums.shells - 1, weight)
        } else {
            let whole = Int(shell)
            let part = shell - Double(whole)
            accumulate(whole, weight * (1 - part))
            accumulate(whole + 1, weight * part)
        }
    }

    @inline(__always) private func accumulate(_ shell: Int, _ weight: Double) {
        let sums = uneven + shell * Harmonics.count
        for index in 0..<Harmonics.count { sums[index] &+= PrintSums.rounded(values[index] * weight) }
    }

    @inline(__always) private func evaluate(_ x: Double, _ y: Double, _ z: Double) {
        let n = Harmonics.degrees + 1
        var (previous, current) = (0.0, 1.0)
        for l in 1..<n {
            (previous, current) = (current, rise[l] * z * current - fall[l] * previous)
            values[l - 1] = current
        }
        var at = Harmonics.degrees
        var (cosine, sine) = (1.0, 0.0)
        for m in 1..<n {
            (cosine, sine) = (x * cosine - y * sine, x * sine + y * cosine)
            (previous, current) = (0, diagonal[m])
            values[at] = cosine * current
            values[at + 1] = sine * current
            at += 2
            var l = m + 1
            while l < n {
                (previous, current) = (current, rise[n * m + l] * z * current - fall[n * m + l] * previous)
                values[at] = cosine * current
                values[at + 1] = sine * current
                at += 2
                l += 1
            }
        }
    }
}
