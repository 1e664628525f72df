/// A secret of 32 bytes as 24 English words (BIP-39), to be written on paper.
///
/// Only the words and their checksum are BIP-39's: they stand for the secret itself. There is no
/// passphrase and no derivation of further keys, so the words of a key restore that key and no other.
public struct Mnemonic: Hashable, Sendable {
    /// 24 words of the list.
    public let words: [String]
    /// The 32 bytes that the words stand for.
    public let entropy: [UInt8]

    public static let wordCount = 24
    public static let entropyByteCount = 32

    /// Eleven bits a word: 256 of the secret, then the first 8 of its SHA-256.
    private static let bitsPerWord = 11

    /// The words of 32 bytes.
    public init(entropy: [UInt8]) throws(MnemonicError) {
        guard entropy.count == Self.entropyByteCount else {
            throw MnemonicError.wrongEntropyLength(expected: Self.entropyByteCount, found: entropy.count)
        }
        var words: [String] = []
        var bits = 0
        var bitCount = 0
        for byte in entropy + [Self.checksum(entropy)] {
            bits = bits << 8 | Int(byte)
            bitCount += 8
            if bitCount >= Self.bitsPerWord {
                bitCount -= Self.bitsPerWord
                words.append(Self.wordList[bits >> bitCount])
                bits &= (1 << bitCount) - 1
            }
        }
        precondition(words.count == Self.wordCount && bitCount == 0, "\(words.count) words, \(bitCount) bits left")
        self.words = words
        self.entropy = entropy
    }

    /// Reads 24 words separated by white space, in upper or lower case.
    public init(phrase: String) throws(MnemonicError) {
        let words = phrase.split { $0.isWhitespace }.map { $0.lowercased() }
        guard words.count == Self.wordCount else {
            throw MnemonicError.wrongWordCount(expected: Self.wordCount, found: words.count)
        }
        var bytes: [UInt8] = []
        var bits = 0
        var bitCount = 0
        for (position, word) in words.enumerated() {
            guard let index = Self.wordIndex[word] else {
                throw MnemonicError.unknownWord(
                    position: position + 1, word: word, suggestion: Self.nearestWord(to: word))
            }
            bits = bits << Self.bitsPerWord | index
            bitCount += Self.bitsPerWord
            while bitCount >= 8 {
                bitCount -= 8
                bytes.append(UInt8(bits >> bitCount))
                bits &= (1 << bitCount) - 1
            }
        }
        let checksum = bytes.removeLast()
        guard Self.checksum(bytes) == checksum else { throw MnemonicError.wrongChecksum }
        self.words = words
        entropy = bytes
    }

    /// The words, one space between them.
    public var phrase: String { words.joined(separator: " ") }

    private static func checksum(_ entropy: [UInt8]) -> UInt8 { SHA256.hash(entropy).bytes[0] }

    private static let wordIndex = Dictionary(uniqueKeysWithValues: zip(wordList, 0...))

    /// A word is suggested only if so few letters were mistyped.
    private static let maximumSuggestedDistance = 2

    private static func nearestWord(to word: String) -> String? {
        // Nobody mistypes a word into one this long, and the comparison is quadratic.
        guard word.utf8.count <= 16 else { return nil }
        let nearest = wordList.map { (word: $0, distance: editDistance(Array($0.utf8), Array(word.utf8))) }
            .min { $0.distance < $1.distance }
        guard let nearest, nearest.distance <= maximumSuggestedDistance else { return nil }
        return nearest.word
    }

    /// Levenshtein's: insertions, deletions and replacements.
    private static func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var row = Array(0...b.count)
        for i in a.indices {
            var diagonal = row[0]
            row[0] = i + 1
            for j in b.indices {
                let cost = diagonal + (a[i] == b[j] ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(cost, row[j] + 1, diagonal + 1)
            }
        }
        return row[b.count]
    }
}

/// Why words are not a backup, in terms of what to look at on the paper.
public enum MnemonicError: Error, Hashable, Sendable, CustomStringConvertible {
    case wrongEntropyLength(expected: Int, found: Int)
    case wrongWordCount(expected: Int, found: Int)
    /// `position` counts from 1.
    case unknownWord(position: Int, word: String, suggestion: String?)
    case wrongChecksum

    public var description: String {
        switch self {
        case .wrongEntropyLength(let expected, let found):
            "a secret of \(found) bytes cannot be written as words; expected \(expected)"
        case .wrongWordCount(let expected, let found): "expected \(expected) words, found \(found)"
        case .unknownWord(let position, let word, let suggestion):
            "word \(position), \"\(word)\", is not in the list"
                + (suggestion.map { "; did you mean \"\($0)\"?" } ?? "")
        case .wrongChecksum:
            "every word is in the list, but they do not belong together: check their order, and each word"
        }
    }
}
