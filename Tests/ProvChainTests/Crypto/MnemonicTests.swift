import ProvChain
import Testing

/// BIP-39's own vectors of 32 bytes, and what happens to a person who misreads a word.
struct MnemonicTests {
    static let vectors = [
        (
            "0000000000000000000000000000000000000000000000000000000000000000",
            String(repeating: "abandon ", count: 23) + "art"
        ),
        (
            "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f",
            "legal winner thank year wave sausage worth useful legal winner thank year wave sausage worth useful "
                + "legal winner thank year wave sausage worth title"
        ),
        (
            "8080808080808080808080808080808080808080808080808080808080808080",
            "letter advice cage absurd amount doctor acoustic avoid letter advice cage absurd amount doctor "
                + "acoustic avoid letter advice cage absurd amount doctor acoustic bless"
        ),
        (
            "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
            String(repeating: "zoo ", count: 23) + "vote"
        ),
        (
            "68a79eaca2324873eacc50cb9c6eca8cc68ea5d936f98787c60c7ebc74e6ce7c",
            "hamster diagram private dutch cause delay private meat slide toddler razor book happy fancy gospel "
                + "tennis maple dilemma loan word shrug inflict delay length"
        ),
    ]

    @Test(arguments: vectors)
    func published(entropy: String, phrase: String) throws {
        let words = try Mnemonic(entropy: hex(entropy))
        #expect(words.phrase == phrase)
        #expect(try Mnemonic(phrase: phrase) == words)
        #expect(try Mnemonic(phrase: "  " + phrase.uppercased().replacing(" ", with: "\n ")).entropy == hex(entropy))
    }

    @Test func everyPatternOfBitsSurvives() throws {
        for seed in 0..<200 as Range<UInt8> {
            let entropy = SHA256.hash([seed]).bytes
            #expect(try Mnemonic(phrase: Mnemonic(entropy: entropy).phrase).entropy == entropy)
        }
    }

    @Test func aMisreadWordIsNamed() throws {
        let good = Self.vectors[1].1
        #expect(throws: MnemonicError.unknownWord(position: 2, word: "winnar", suggestion: "winner")) {
            try Mnemonic(phrase: good.replacing("winner", with: "winnar", maxReplacements: 1))
        }
        #expect(throws: MnemonicError.unknownWord(position: 24, word: "qqqqqqqq", suggestion: nil)) {
            try Mnemonic(phrase: good.replacing("title", with: "qqqqqqqq"))
        }
        #expect(throws: MnemonicError.wrongChecksum) { try Mnemonic(phrase: good.replacing("title", with: "tiger")) }
        #expect(throws: MnemonicError.wrongWordCount(expected: 24, found: 23)) {
            try Mnemonic(phrase: good.replacing(" title", with: ""))
        }
        #expect(throws: MnemonicError.wrongWordCount(expected: 24, found: 0)) { try Mnemonic(phrase: "") }
        #expect(throws: MnemonicError.wrongEntropyLength(expected: 32, found: 16)) {
            try Mnemonic(entropy: [UInt8](repeating: 0, count: 16))
        }
        let error = MnemonicError.unknownWord(position: 2, word: "winnar", suggestion: "winner")
        #expect("\(error)" == "word 2, \"winnar\", is not in the list; did you mean \"winner\"?")
    }

    @Test func theWordsOfAKeyRestoreIt() throws {
        let key = try SecretKey(algorithm: .es256k, secret: KeyFileTests.seed)
        let phrase = try Mnemonic(entropy: key.withSecret { Array($0) }).phrase
        let restored = try SecretKey(algorithm: .es256k, secret: Mnemonic(phrase: phrase).entropy)
        #expect(restored.publicKey == key.publicKey)
    }
}
