/// Many prints in one piece of memory, searched by comparing with every one.
///
/// A million prints are 96 MB, and the processor reads them as fast as memory gives them. An index that skips prints
/// would have to be kept, and would still read a large part of them at the distances that matter.
public struct PrintMatrix: Sendable {
    /// A print at a distance.
    public struct Match: Hashable, Sendable {
        /// The number of the row.
        public let index: Int
        public let distance: Int

        public init(index: Int, distance: Int) {
            self.index = index
            self.distance = distance
        }
    }

    /// The most matches that one search returns.
    public static let maximumMatches = 1_024

    /// Row after row of 96 bytes.
    public private(set) var rows: [UInt8]

    public init() { rows = [] }

    /// Takes whole rows; `nil` for another number of bytes.
    public init?(rows: [UInt8]) {
        guard rows.count.isMultiple(of: ShapePrint.byteCount) else { return nil }
        self.rows = rows
    }

    public var count: Int { rows.count / ShapePrint.byteCount }

    /// Its row is `count` before.
    public mutating func append(_ print: ShapePrint) { print.withBytes { rows.append(contentsOf: $0) } }

    public mutating func reserve(_ prints: Int) { rows.reserveCapacity(prints * ShapePrint.byteCount) }

    /// The nearest prints, by distance, then by row.
    ///
    /// - Parameters:
    ///   - distance: the greatest that counts, 0 to 24,480.
    ///   - limit: the most matches to return, 1 to `maximumMatches`.
    public func nearest(
        to print: ShapePrint, within distance: Int = ShapePrint.reviewDistance, limit: Int = maximumMatches
    ) -> [Match] {
        rows.withUnsafeBytes { Self.nearest(among: $0, to: print, within: distance, limit: limit) }
    }

    /// The same among whole rows of 96 bytes that lie elsewhere, such as in a mapped file.
    ///
    /// - Parameter owner: whose the row of a number is. Rows of one owner lie together, and only the nearest of them is
    ///   a match: else an owner of many prints would leave no room for others. `nil`: each row counts.
    public static func nearest(
        among rows: UnsafeRawBufferPointer, to print: ShapePrint, within distance: Int = ShapePrint.reviewDistance,
        limit: Int = maximumMatches, owner: ((Int) -> UInt64)? = nil
    ) -> [Match] {
        precondition((1...maximumMatches).contains(limit), "\(limit) matches")
        precondition(distance >= 0, "within \(distance)")
        precondition(rows.count.isMultiple(of: ShapePrint.byteCount), "\(rows.count) bytes of rows")
        var matches: [Match] = []
        // The nearest of the owner whose rows are being passed.
        var nearest: (owner: UInt64, match: Match)?
        // A row farther away than this is of no interest.
        var bound = UInt32(clamping: distance)
        guard var row = rows.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return [] }
        print.withBytes { wanted in
            // 96 bytes, never empty.
            let wanted = wanted.baseAddress!.assumingMemoryBound(to: UInt8.self)
            for index in 0..<rows.count / ShapePrint.byteCount {
                // Most rows are too far away after their first half already.
                var sum = difference(row, wanted, 48)
                if sum <= bound {
                    sum += difference(row + 48, wanted + 48, 48)
                    if sum <= bound {
                        let match = Match(index: index, distance: Int(sum))
                        if let owner = owner?(index) {
                            if let known = nearest, known.owner == owner {
                                if known.match.distance <= match.distance {
                                    row += ShapePrint.byteCount
                                    continue
                                }
                                if let at = matches.lastIndex(of: known.match) { matches.remove(at: at) }
                            }
                            nearest = (owner, match)
                        }
                        insert(match, into: &matches)
                        if matches.count > limit { matches.removeLast() }
                        if matches.count == limit {
                            guard let last = matches.last, last.distance > 0 else { return }
                            bound = UInt32(last.distance - 1)
                        }
                    }
                }
                row += ShapePrint.byteCount
            }
        }
        return matches
    }

    /// Behind all that are at most as far away, which have smaller numbers.
    private static func insert(_ match: Match, into matches: inout [Match]) {
        var at = matches.count
        while at > 0, matches[at - 1].distance > match.distance { at -= 1 }
        matches.insert(match, at: at)
    }

    /// Compiles to the processor's sum of absolute differences.
    @inline(__always) private static func difference(
        _ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ count: Int
    ) -> UInt32 {
        var sum: UInt32 = 0
        for index in 0..<count { sum &+= UInt32(bitPattern: abs(Int32(a[index]) &- Int32(b[index]))) }
        return sum
    }
}
