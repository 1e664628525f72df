/// Prints of primitives in usual proportions.
enum PrimitivePrints {
    /// The tables have two lines for each print.
    static let all: [PrimitiveShape: [ShapePrint]] = plain.merging(turned) { first, _ in first }
        .mapValues { table in
            let lines = table.split(separator: "\n")
            return stride(from: 0, to: lines.count, by: 2).map { line in
                let hex = String(lines[line] + lines[line + 1])
                guard let print = ShapePrint(hex: hex) else { preconditionFailure("not a print: \(hex)") }
                return print
            }
        }
}
