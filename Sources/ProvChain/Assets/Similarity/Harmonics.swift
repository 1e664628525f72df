/// Real spherical harmonics of degrees 1 to 8 with Schmidt's normalisation: for every direction the squares of the
/// harmonics of one degree add up to 1.
///
/// Computed from the direction's coordinates by polynomial recurrences, without angles. The order of values is by m;
/// for m = 0 degrees 1 to 8; for each m from 1 to 8 and each degree from m to 8 the cosine, then the sine.
struct Harmonics {
    static let degrees = 8
    /// 3 + 5 + … + 17.
    static let count = 80

    /// For m and degree l at 9·m + l: S(l) = rise·z·S(l−1) − fall·S(l−2).
    private let rise, fall: [Double]
    /// S of degree m for m, without the factor of x and y.
    private let diagonal: [Double]

    init() {
        let n = Self.degrees + 1
        var (rise, fall) = ([Double](repeating: 0, count: n * n), [Double](repeating: 0, count: n * n))
        var diagonal = [1.0, 1.0]
        for m in 2..<n {
            diagonal.append(diagonal[m - 1] * (Double(2 * m - 1) / Double(2 * m)).squareRoot())
        }
        for m in 0..<n {
            for l in (m + 1)..<max(n, m + 1) {
                let root = Double(l * l - m * m).squareRoot()
                rise[n * m + l] = Double(2 * l - 1) / root
                fall[n * m + l] = Double((l - 1) * (l - 1) - m * m).squareRoot() / root
            }
        }
        (self.rise, self.fall, self.diagonal) = (rise, fall, diagonal)
    }

    /// Lends the three tables: `rise`, `fall`, `diagonal`.
    func withTables<R>(
        _ body: (UnsafePointer<Double>, UnsafePointer<Double>, UnsafePointer<Double>) -> R
    ) -> R {
        rise.withUnsafeBufferPointer { rise in
            fall.withUnsafeBufferPointer { fall in
                diagonal.withUnsafeBufferPointer { diagonal in
                    // The tables are never empty.
                    body(rise.baseAddress!, fall.baseAddress!, diagonal.baseAddress!)
                }
            }
        }
    }

    /// The degree of each value.
    static let degreeOfValue: [Int] =
        Array(1...degrees) + (1...degrees).flatMap { m in (m...degrees).flatMap { [$0, $0] } }
}
