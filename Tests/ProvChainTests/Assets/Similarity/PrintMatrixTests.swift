import ProvChain
import Testing

/// The search finds what comparing one by one finds.
@Suite struct PrintMatrixTests {
    private static func prints(_ count: Int, _ spread: ClosedRange<UInt8>, _ seed: UInt64) -> [ShapePrint] {
        var random = Repeatable(state: seed)
        return (0..<count).compactMap { _ in
            ShapePrint((0..<96).map { _ in UInt8.random(in: spread, using: &random) })
        }
    }

    private static func byHand(_ prints: [ShapePrint], _ wanted: ShapePrint, _ within: Int) -> [PrintMatrix.Match] {
        prints.enumerated().map { index, print in
            let distance = zip(print.bytes, wanted.bytes).reduce(0) { $0 + abs(Int($1.0) - Int($1.1)) }
            return PrintMatrix.Match(index: index, distance: distance)
        }
        .filter { $0.distance <= within }.sorted { ($0.distance, $0.index) < ($1.distance, $1.index) }
    }

    @Test(arguments: [0...1, 100...104, 0...255] as [ClosedRange<UInt8>])
    func itFindsAllAndTheNearest(spread: ClosedRange<UInt8>) throws {
        let prints = Self.prints(500, spread, 1)
        var matrix = PrintMatrix()
        for print in prints { matrix.append(print) }
        #expect(matrix.count == 500 && PrintMatrix(rows: matrix.rows)?.count == 500)
        for wanted in Self.prints(5, spread, 2) + prints.prefix(5) {
            for within in [0, 30, 60, 120, 160, 24_480] {
                let all = Self.byHand(prints, wanted, within)
                #expect(matrix.nearest(to: wanted, within: within) == all)
                for limit in [1, 7, 499] {
                    #expect(matrix.nearest(to: wanted, within: within, limit: limit) == Array(all.prefix(limit)))
                }
                for print in prints.prefix(20) {
                    #expect(print.distance(to: wanted) == Self.byHand([print], wanted, 24_480)[0].distance)
                }
            }
        }
    }

    /// An owner with many near prints takes one place, that of the nearest.
    @Test func ofEachOwnerTheNearestCounts() throws {
        let prints = Self.prints(300, 100...104, 3)
        let wanted = Self.prints(1, 100...104, 4)[0]
        let rows = prints.flatMap(\.bytes)
        // Ten owners of thirty rows each.
        func owner(_ row: Int) -> UInt64 { UInt64(row / 30) }
        for limit in [1, 4, 10, 11] {
            let found = rows.withUnsafeBytes {
                PrintMatrix.nearest(among: $0, to: wanted, within: 24_480, limit: limit, owner: owner)
            }
            var seen: Set<UInt64> = []
            let all = Self.byHand(prints, wanted, 24_480).filter { seen.insert(owner($0.index)).inserted }
            #expect(found == Array(all.prefix(limit)), "\(limit)")
        }
    }

    @Test func anEmptyOneFindsNothing() throws {
        #expect(PrintMatrix().nearest(to: Self.prints(1, 0...9, 1)[0]) == [])
        #expect(PrintMatrix(rows: [1, 2, 3]) == nil)
    }
}
