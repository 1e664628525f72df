/// The points, lines or triangles of a mesh as a sorted multiset, the same for every order, indexing and start of
/// the same elements.
///
/// A corner is a row of words, ordered word by word as unsigned integers, positions first. Lines and triangles
/// with two equal positions are dropped. A triangle is rotated until its smallest corner comes first, which keeps
/// its winding; a line starts with its smaller end. Elements are sorted by their corners, and equal ones are kept.
struct CanonicalElements {
    /// Corners of an element.
    enum Arity: Int {
        case point = 1
        case line = 2
        case triangle = 3
    }

    /// Of its corners, the ranks: comparing them compares the rows.
    private struct Element: Comparable {
        let first: UInt64
        let third: UInt32

        static func < (a: Element, b: Element) -> Bool {
            a.first != b.first ? a.first < b.first : a.third < b.third
        }
    }

    let arity: Arity
    private let table: CornerTable
    /// A row for each rank.
    private let rows: [UInt32]
    private let elements: [Element]

    var count: Int { elements.count }
    var byteCount: Int { count * arity.rawValue * table.width * 4 }

    /// - Parameter vertices: `arity` for each element.
    init(
        _ arity: Arity, vertices: [UInt32], columns: [CornerTable.Column], budget: inout AssetBudget, at place: String
    ) throws(AssetError) {
        precondition(vertices.count.isMultiple(of: arity.rawValue), "\(vertices.count) corners of \(arity)")
        let table = try CornerTable(corners: vertices, columns: columns, budget: &budget, at: place)
        try budget.pay(table.rowCount, of: 24, at: place)
        try budget.pay(vertices.count / arity.rawValue, of: MemoryLayout<Element>.stride, at: place)
        let (ranks, rows) = Self.ranked(table)
        var elements: [Element] = []
        elements.reserveCapacity(vertices.count / arity.rawValue)
        for start in stride(from: 0, to: table.corners.count, by: arity.rawValue) {
            if let element = Self.element(arity, at: start, ranks, table) { elements.append(element) }
        }
        elements.sort()
        self.arity = arity
        self.table = table
        self.rows = rows
        self.elements = elements
    }

    private static func element(
        _ arity: Arity, at start: Int, _ ranks: [UInt32], _ table: CornerTable
    ) -> Element? {
        func row(_ corner: Int) -> Int { Int(table.corners[start + corner]) }
        func samePlace(_ a: Int, _ b: Int) -> Bool {
            let (a, b) = (row(a) * table.width, row(b) * table.width)
            return table.words[a] == table.words[b] && table.words[a + 1] == table.words[b + 1]
                && table.words[a + 2] == table.words[b + 2]
        }
        switch arity {
        case .point: return Element(first: UInt64(ranks[row(0)]) << 32, third: 0)
        case .line:
            if samePlace(0, 1) { return nil }
            let (a, b) = (ranks[row(0)], ranks[row(1)])
            return Element(first: UInt64(min(a, b)) << 32 | UInt64(max(a, b)), third: 0)
        case .triangle:
            if samePlace(0, 1) || samePlace(1, 2) || samePlace(2, 0) { return nil }
            var (a, b, c) = (ranks[row(0)], ranks[row(1)], ranks[row(2)])
            // Three different positions: exactly one rank is the smallest.
            while a > b || a > c { (a, b, c) = (b, c, a) }
            return Element(first: UInt64(a) << 32 | UInt64(b), third: c)
        }
    }

    /// Sixteen words, which are there.
    @inline(__always) private static func block(
        _ words: UnsafeBufferPointer<UInt32>, _ start: Int
    ) -> SIMD16<UInt32> {
        UnsafeRawBufferPointer(words).loadUnaligned(fromByteOffset: 4 * start, as: SIMD16<UInt32>.self)
    }

    /// A rank for each row, equal for equal rows, and a row for each rank.
    private static func ranked(_ table: CornerTable) -> (ranks: [UInt32], rows: [UInt32]) {
        let width = table.width
        var order = (0..<table.rowCount).map { row in
            (UInt64(table.words[row * width]) << 32 | UInt64(table.words[row * width + 1]), UInt32(row))
        }
        return table.words.withUnsafeBufferPointer { words in
            func compare(_ a: UInt32, _ b: UInt32) -> Int {
                let (a, b) = (Int(a) * width, Int(b) * width)
                var offset = 2
                // Rows of many morph targets are long, and may differ in the last words only.
                while offset + 16 <= width, block(words, a + offset) == block(words, b + offset) { offset += 16 }
                while offset < width {
                    let (x, y) = (words[a + offset], words[b + offset])
                    if x != y { return x < y ? -1 : 1 }
                    offset += 1
                }
                return 0
            }
            order.sort { $0.0 != $1.0 ? $0.0 < $1.0 : compare($0.1, $1.1) < 0 }
            var ranks = [UInt32](repeating: 0, count: order.count)
            var rows: [UInt32] = []
            var previous: (UInt64, UInt32)?
            for entry in order {
                if let previous, previous.0 == entry.0, compare(previous.1, entry.1) == 0 {
                    ranks[Int(entry.1)] = UInt32(rows.count - 1)
                    continue
                }
                ranks[Int(entry.1)] = UInt32(rows.count)
                rows.append(entry.1)
                previous = entry
            }
            return (ranks, rows)
        }
    }

    /// SHA-256 of CBOR `[tag, fields…, number of elements, their corners' rows as one byte string]`.
    ///
    /// - Parameter count: of the items that `fields` writes.
    func hash(_ tag: DomainTag, _ count: Int, _ fields: (inout CBORWriter) -> Void) -> Digest {
        var writer = CBORWriter(reserving: 256)
        writer.array(count + 3)
        writer.text(tag.rawValue)
        fields(&writer)
        writer.uint(UInt64(elements.count))
        writer.byteString(count: byteCount)
        var hash = SHA256()
        hash.update(writer.bytes)
        var piece: [UInt32] = []
        piece.reserveCapacity(Self.pieceWords + 3 * table.width)
        func append(_ rank: UInt32) {
            let start = Int(rows[Int(rank)]) * table.width
            for word in table.words[start..<(start + table.width)] { piece.append(word.littleEndian) }
        }
        for element in elements {
            append(UInt32(truncatingIfNeeded: element.first >> 32))
            if arity != .point { append(UInt32(truncatingIfNeeded: element.first)) }
            if arity == .triangle { append(element.third) }
            if piece.count >= Self.pieceWords {
                piece.withUnsafeBytes { hash.update($0) }
                piece.removeAll(keepingCapacity: true)
            }
        }
        piece.withUnsafeBytes { hash.update($0) }
        return hash.finalize()
    }

    private static let pieceWords = 1 << 14
}
