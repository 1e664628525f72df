/// How the Meta-Code prepares a title and a description (ISO 24138:2024, Meta-Code).
enum MetaText {
    /// For display: NFKC, no control characters but line ends, at most one empty line in a row, trimmed.
    static func cleaned(_ text: String) -> String {
        let visible = UnicodeNormalization.nfkc(text.unicodeScalars).filter { !isOther($0) || isNewline($0) }
        var lines: [String.UnicodeScalarView] = []
        var previousIsEmpty = false
        for line in split(visible) {
            let isEmpty = line.allSatisfy(isSpace)
            if !isEmpty {
                lines.append(String.UnicodeScalarView(line))
            } else if !previousIsEmpty {
                lines.append(String.UnicodeScalarView())
            }
            previousIsEmpty = isEmpty
        }
        return trimmed(lines.map { String($0) }.joined(separator: "\n"))
    }

    /// One line: every run of white space becomes one space.
    static func singleLine(_ text: String) -> String {
        text.unicodeScalars.split(whereSeparator: isSpace).map { String($0) }.joined(separator: " ")
    }

    /// At most `byteCount` bytes of UTF-8, cut between scalars, trimmed.
    static func trimmed(_ text: String, toBytes byteCount: Int) -> String {
        var kept = String.UnicodeScalarView()
        var count = 0
        for scalar in text.unicodeScalars {
            count += UTF8.width(scalar)
            if count > byteCount { break }
            kept.append(scalar)
        }
        return trimmed(String(kept))
    }

    /// Without white space at either end.
    static func trimmed(_ text: String) -> String {
        let scalars = text.unicodeScalars
        let front = scalars.drop(while: isSpace)
        let count = front.reversed().drop(while: isSpace).count
        return String(front.prefix(count))
    }

    /// For comparison: lower case, without white space, control characters, marks and punctuation; NFKC.
    static func collapsed(_ text: String) -> [Unicode.Scalar] {
        let kept = lowercased(UnicodeNormalization.nfd(text.unicodeScalars)).filter {
            !isSpace($0) && !isOther($0) && !isMarkOrPunctuation($0)
        }
        return UnicodeNormalization.nfkc(kept)
    }

    /// The full lower-case mapping with the one rule that looks around: a capital sigma at the end of a word
    /// becomes ς (The Unicode Standard, section 3.13, Final_Sigma).
    static func lowercased(_ scalars: [Unicode.Scalar]) -> [Unicode.Scalar] {
        func isLetter(_ rest: some Sequence<Unicode.Scalar>) -> Bool {
            rest.first { !$0.properties.isCaseIgnorable }?.properties.isCased ?? false
        }
        return scalars.enumerated().flatMap { index, scalar -> [Unicode.Scalar] in
            guard scalar == "\u{3A3}" else { return Array(scalar.properties.lowercaseMapping.unicodeScalars) }
            let isFinal = isLetter(scalars[..<index].reversed()) && !isLetter(scalars[(index + 1)...])
            return [isFinal ? "\u{3C2}" : "\u{3C3}"]
        }
    }

    private static func split(_ scalars: [Unicode.Scalar]) -> [ArraySlice<Unicode.Scalar>] {
        // A carriage return and a line feed end one line, not two.
        let ends = scalars.indices.filter { index in
            isNewline(scalars[index])
                && !(scalars[index] == "\r" && index + 1 < scalars.count && scalars[index + 1] == "\n")
        }
        var lines: [ArraySlice<Unicode.Scalar>] = []
        var start = 0
        for end in ends {
            let line = scalars[start..<end]
            lines.append(line.last == "\r" ? line.dropLast() : line)
            start = end + 1
        }
        lines.append(scalars[start...])
        return lines
    }

    /// Line feed, vertical tab, form feed, carriage return, next line, line and paragraph separator.
    private static func isNewline(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x0A...0x0D, 0x85, 0x2028, 0x2029: true
        default: false
        }
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.isWhitespace }

    /// Categories C: control, format, surrogate, private use, unassigned.
    private static func isOther(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned: true
        default: false
        }
    }

    /// Categories M and P.
    private static func isMarkOrPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: true
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            true
        default: false
        }
    }
}
