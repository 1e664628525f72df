/// What stands at the vertices of a mesh, column by column, as rows of canonical 32-bit words that can be compared:
/// only of vertices in use, and numbered anew from 0.
struct CornerTable {
    /// Values of one kind: an attribute, or one of a morph target.
    struct Column {
        /// `POSITION`, `TEXCOORD_0`, …; of a morph target with its number: `POSITION@0`.
        let name: String
        /// Numbers for each value.
        let width: Int
        let source: Source
        /// Which value each corner takes; `nil` if it is that of the corner's vertex.
        var indices: [UInt32]?
        /// What makes up for a fourth number that is not there.
        var fourth: Float?

        /// Words in a row.
        var words: Int { fourth != nil && width == 3 ? 4 : width }
    }

    enum Source {
        case numbers([Float])
        case positions([Mesh.Position])
    }

    /// Words of a row.
    let width: Int
    /// Row after row.
    let words: [UInt32]
    /// For each corner, the number of its row.
    let corners: [UInt32]

    var rowCount: Int { words.count / width }

    /// - Parameters:
    ///   - corners: a vertex for each.
    ///   - columns: at least one, positions first.
    init(
        corners vertices: [UInt32], columns: [Column], budget: inout AssetBudget, at place: String
    ) throws(AssetError) {
        let width = columns.reduce(0) { $0 + $1.words }
        try budget.pay(vertices.count, of: 4, at: place)
        // With indices of their own, columns combine at each corner in another way.
        let sharesVertices = columns.allSatisfy { $0.indices == nil }
        var rows: [Int] = []
        if sharesVertices {
            (corners, rows) = try Self.renumbered(vertices, &budget, place)
        } else {
            corners = (0..<UInt32(vertices.count)).map { $0 }
            rows = Array(0..<vertices.count)
        }
        try budget.pay(rows.count, of: 4 * width + 8, at: place)
        var words = [UInt32](repeating: 0, count: rows.count * width)
        var start = 0
        for column in columns {
            for (row, source) in rows.enumerated() {
                let value = sharesVertices ? source : Int(column.indices.map { $0[source] } ?? vertices[source])
                let target = row * width + start
                switch column.source {
                case .numbers(let numbers):
                    for offset in 0..<column.width {
                        let number = numbers[value * column.width + offset]
                        guard number.isFinite else { throw Self.notFinite(column, value, place) }
                        words[target + offset] = CanonicalFloat.bits(number)
                    }
                case .positions(let positions):
                    let position = positions[value]
                    guard position.isFinite else { throw Self.notFinite(column, value, place) }
                    words[target] = CanonicalFloat.bits(position.x)
                    words[target + 1] = CanonicalFloat.bits(position.y)
                    words[target + 2] = CanonicalFloat.bits(position.z)
                }
                if column.words > column.width, let fourth = column.fourth {
                    words[target + 3] = CanonicalFloat.bits(fourth)
                }
            }
            start += column.words
        }
        self.width = width
        self.words = words
    }

    private static func notFinite(_ column: Column, _ value: Int, _ place: String) -> AssetError {
        .invalid([AssetIssue(.provNotFinite, "\(place), \(column.name) \(value)")])
    }

    /// New numbers for the vertices in use, and the vertex behind each.
    private static func renumbered(
        _ vertices: [UInt32], _ budget: inout AssetBudget, _ place: String
    ) throws(AssetError) -> (corners: [UInt32], rows: [Int]) {
        guard let least = vertices.min(), let most = vertices.max() else { return ([], []) }
        // A part of a large file uses vertices that lie together: one slot for each in between, if that is no
        // more than the part itself is worth; else a look-up.
        let span = Int(most - least) + 1
        let isDense = span <= 4 * vertices.count + 1_024
        try budget.pay(isDense ? span : 16 * vertices.count, of: 4, at: place)
        var slots = [UInt32](repeating: .max, count: isDense ? span : 0)
        var known: [UInt32: UInt32] = [:]
        var corners: [UInt32] = []
        corners.reserveCapacity(vertices.count)
        var rows: [Int] = []
        for vertex in vertices {
            let slot = Int(vertex - least)
            var number = isDense ? slots[slot] : known[vertex] ?? .max
            if number == .max {
                number = UInt32(rows.count)
                rows.append(Int(vertex))
                if isDense { slots[slot] = number } else { known[vertex] = number }
            }
            corners.append(number)
        }
        return (corners, rows)
    }
}
