/// Text and queries in the form that the full-text index works with.
enum SearchText {
    /// Words of a query beyond these are left out.
    static let maximumWords = 16
    /// From this many characters on, a word also finds those that begin with it. Shorter ones would match
    /// most of the index.
    static let prefixCharacters = 2

    /// The text with a space on both sides of every character of a script that is written without spaces.
    static func segmented(_ text: String) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            if isUnspaced(scalar) {
                result.append(contentsOf: [" ", scalar, " "])
            } else {
                result.append(isIgnored(scalar) ? " " : scalar)
            }
        }
        return String(result)
    }

    /// The FTS5 query for what a person typed: every word, in any order and any column, with words of an
    /// unspaced script as they are written. `nil` if there is nothing to search for.
    ///
    /// Every word is put in quotation marks, within which FTS5 knows no operators, and one in a word is doubled.
    static func query(_ input: String) -> String? {
        var phrases: [String] = []
        for word in split(input) where phrases.count < maximumWords {
            let last = word.unicodeScalars.last
            let canGrow = word.unicodeScalars.count >= prefixCharacters && last.map { !isUnspaced($0) } ?? false
            phrases.append("\"" + segmented(word) + "\"" + (canGrow ? "*" : ""))
        }
        return phrases.isEmpty ? nil : phrases.joined(separator: " AND ")
    }

    /// The words of an input: runs of letters and digits, cut where an unspaced script begins or ends.
    private static func split(_ input: String) -> [String] {
        var words: [String] = []
        var word = String.UnicodeScalarView()
        func finish() {
            if !word.isEmpty { words.append(String(word)) }
            word = String.UnicodeScalarView()
        }
        for scalar in input.unicodeScalars {
            guard isWord(scalar) else {
                finish()
                continue
            }
            if let last = word.last, isUnspaced(last) != isUnspaced(scalar) { finish() }
            word.append(scalar)
        }
        finish()
        return words
    }

    /// What unicode61 makes words of: letters, numbers, private use, and the marks that combine with them.
    private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .decimalNumber, .letterNumber, .otherNumber, .privateUse, .nonspacingMark, .spacingMark:
            true
        default: false
        }
    }

    /// FTS5 reads its query as a C string, which a zero would cut off.
    private static func isIgnored(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .control
    }

    /// Han, kana, and Hangul syllables; with the planes that hold nothing but Han.
    private static func isUnspaced(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x3005...0x3007, 0x3041...0x3096, 0x309d...0x309f, 0x30a1...0x30fa, 0x30fc...0x30ff,
            0x3400...0x4dbf, 0x4e00...0x9fff, 0xac00...0xd7a3, 0xf900...0xfaff, 0x20000...0x3ffff:
            true
        default: false
        }
    }
}
