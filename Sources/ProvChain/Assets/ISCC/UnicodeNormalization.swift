/// Unicode normalization forms NFD and NFKC (Unicode Standard Annex 15), which the standard library does not offer.
///
/// Decompositions come from the tables beside this file; combining classes and composition exclusions from
/// the standard library, which has the same version of Unicode. Normalization of a scalar never changes once
/// it is assigned, so another version differs in new scalars only.
enum UnicodeNormalization {
    /// Canonical decomposition.
    static func nfd(_ text: String.UnicodeScalarView) -> [Unicode.Scalar] {
        ordered(text.flatMap { decomposed($0, compatible: false) })
    }

    /// Compatibility decomposition, then canonical composition.
    static func nfkc(_ text: some Sequence<Unicode.Scalar>) -> [Unicode.Scalar] {
        composed(ordered(text.flatMap { decomposed($0, compatible: true) }))
    }

    private static func decomposed(_ scalar: Unicode.Scalar, compatible: Bool) -> [Unicode.Scalar] {
        // ASCII has no decomposition.
        if scalar.value < 0x80 { return [scalar] }
        if let syllable = Hangul.decomposed(scalar) { return syllable }
        let tables = DecompositionTables.shared
        guard let step = tables.canonical[scalar] ?? (compatible ? tables.compatible[scalar] : nil) else {
            return [scalar]
        }
        return step.flatMap { decomposed($0, compatible: compatible) }
    }

    /// The canonical ordering: a run of marks is sorted by combining class, equal classes as they were.
    private static func ordered(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var result = scalars
        var start = 0
        while start < result.count {
            var end = start
            while end < result.count, combiningClass(result[end]) != 0 { end += 1 }
            if end - start > 1 {
                let run = result[start..<end].enumerated().sorted {
                    (combiningClass($0.element), $0.offset) < (combiningClass($1.element), $1.offset)
                }
                result.replaceSubrange(start..<end, with: run.map(\.element))
            }
            start = end + 1
        }
        return result
    }

    /// The canonical composition: a mark joins the last starter unless something between them blocks it.
    private static func composed(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        var starter: Int?
        var lastClass: UInt8 = 0
        for scalar in scalars {
            let scalarClass = combiningClass(scalar)
            if let place = starter {
                let adjacent = place == result.count - 1
                if adjacent || lastClass < scalarClass, let whole = composite(result[place], scalar) {
                    result[place] = whole
                    continue
                }
            }
            if scalarClass == 0 { starter = result.count }
            lastClass = scalarClass
            result.append(scalar)
        }
        return result
    }

    private static func composite(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
        Hangul.composed(first, second) ?? DecompositionTables.shared.composites[.init(first, second)]
    }

    private static func combiningClass(_ scalar: Unicode.Scalar) -> UInt8 {
        scalar.value < 0x300 ? 0 : scalar.properties.canonicalCombiningClass.rawValue
    }
}

/// Hangul syllables, whose decomposition is arithmetic (The Unicode Standard, section 3.12).
enum Hangul {
    private static let syllables: UInt32 = 0xAC00
    private static let leads: UInt32 = 0x1100
    private static let vowels: UInt32 = 0x1161
    private static let trails: UInt32 = 0x11A7
    private static let leadCount: UInt32 = 19
    private static let vowelCount: UInt32 = 21
    private static let trailCount: UInt32 = 28
    private static let syllableCount = leadCount * vowelCount * trailCount

    static func decomposed(_ scalar: Unicode.Scalar) -> [Unicode.Scalar]? {
        guard scalar.value >= syllables, scalar.value < syllables + syllableCount else { return nil }
        let index = scalar.value - syllables
        let parts = [
            leads + index / (vowelCount * trailCount), vowels + index % (vowelCount * trailCount) / trailCount,
            trails + index % trailCount,
        ]
        // The first trail stands for none.
        return parts.prefix(parts[2] == trails ? 2 : 3).compactMap(Unicode.Scalar.init)
    }

    static func composed(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
        let (a, b) = (first.value, second.value)
        if a >= leads, a < leads + leadCount, b >= vowels, b < vowels + vowelCount {
            return Unicode.Scalar(syllables + ((a - leads) * vowelCount + b - vowels) * trailCount)
        }
        let isOpenSyllable = a >= syllables && a < syllables + syllableCount && (a - syllables) % trailCount == 0
        if isOpenSyllable, b > trails, b < trails + trailCount { return Unicode.Scalar(a + b - trails) }
        return nil
    }
}
