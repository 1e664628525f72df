/// ``UnicodeDecompositions`` unpacked, on first use.
struct DecompositionTables: Sendable {
    /// Two scalars that compose.
    struct Pair: Hashable, Sendable {
        let first: Unicode.Scalar
        let second: Unicode.Scalar

        init(_ first: Unicode.Scalar, _ second: Unicode.Scalar) {
            self.first = first
            self.second = second
        }
    }

    /// One step each, to be repeated.
    let canonical: [Unicode.Scalar: [Unicode.Scalar]]
    let compatible: [Unicode.Scalar: [Unicode.Scalar]]
    let composites: [Pair: Unicode.Scalar]

    static let shared = DecompositionTables()

    private init() {
        canonical = DecompositionTables.unpack(UnicodeDecompositions.canonical)
        compatible = DecompositionTables.unpack(UnicodeDecompositions.compatible)
        var pairs: [Pair: Unicode.Scalar] = [:]
        for (scalar, parts) in canonical where parts.count == 2 && !scalar.properties.isFullCompositionExclusion {
            pairs[Pair(parts[0], parts[1])] = scalar
        }
        composites = pairs
    }

    /// The format is that of ``UnicodeDecompositions``; a mistake in it is a mistake in this program.
    private static func unpack(_ packed: StaticString) -> [Unicode.Scalar: [Unicode.Scalar]] {
        var table: [Unicode.Scalar: [Unicode.Scalar]] = [:]
        var next: UInt32 = 0
        var previous: UInt32 = 0
        let text = packed.withUTF8Buffer { String(decoding: $0, as: UTF8.self) }
        for word in text.split(whereSeparator: \.isWhitespace) {
            if word.first == "@" {
                next = number(word.dropFirst())
            } else if word.first == "~" {
                for _ in 0..<number(word.dropFirst()) {
                    previous += 1
                    table[scalar(next)] = [scalar(previous)]
                    next += 1
                }
            } else {
                let parts = word.split(separator: "+").map { number($0) }
                table[scalar(next)] = parts.map(scalar)
                previous = parts[0]
                next += 1
            }
        }
        return table
    }

    private static func number(_ digits: Substring) -> UInt32 {
        guard let number = UInt32(digits, radix: 16) else { preconditionFailure("\(digits) in the Unicode tables") }
        return number
    }

    private static func scalar(_ value: UInt32) -> Unicode.Scalar {
        guard let scalar = Unicode.Scalar(value) else { preconditionFailure("\(value) in the Unicode tables") }
        return scalar
    }
}
