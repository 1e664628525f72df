@testable import ProvChain
import Testing

@Suite struct PrimitivesTests {
    /// RFC 4648 section 10.
    @Test func base64IsThatOfTheRFC() {
        let vectors = [
            ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ]
        for (plain, text) in vectors {
            #expect(Base64.encode(Array(plain.utf8)) == text)
            #expect(Base64.decode(text) == Array(plain.utf8))
        }
        #expect(Base64.encode([0xfb, 0xff]) == "+/8=")
    }

    @Test func base64IsReadStrictly() {
        for text in ["Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Z===", "====", "Zm-_", "Zm9v\n", " Zm9v", "Zg==Zg=="] {
            #expect(Base64.decode(text) == nil, "\(text)")
        }
    }

    @Test func hexIsLowerCaseAndReadInEither() {
        #expect(Hex.encode([0, 0x0f, 0xab]) == "000fab")
        #expect(Hex.decode("000FaB") == [0, 0x0f, 0xab])
        for text in ["0", "0g", "０0", "0x00", " 00"] { #expect(Hex.decode(text) == nil) }
    }

    /// FIPS 180-4 examples, whole and in pieces.
    @Test func sha256IsThatOfTheStandard() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        #expect(SHA256.hash(Array("abc".utf8)).hex == abc)
        let two = Array("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8)
        #expect(SHA256.hash(two).hex == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
        for cut in 0...two.count {
            var hash = SHA256()
            hash.update(Array(two[..<cut]))
            hash.update(Array(two[cut...]))
            #expect(hash.finalize() == SHA256.hash(two))
        }
        let million = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        #expect(SHA256.hash(million).hex == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
    }

    @Test func aDigestIsExactly32Bytes() {
        #expect(Digest([UInt8](repeating: 1, count: 31)) == nil && Digest([UInt8](repeating: 1, count: 33)) == nil)
        let bytes = (0..<32).map { UInt8($0 * 7) }
        let digest = Digest(bytes)
        #expect(digest?.bytes == bytes && digest?.hex == Hex.encode(bytes))
        for index in 0..<256 {
            #expect(digest?.bit(index) == (bytes[index / 8] >> (7 - index % 8) & 1 == 1))
        }
    }

    @Test func digestsAreOrderedAsTheirBytes() {
        var random = SeededGenerator(seed: 7)
        let digests = (0..<200).map { _ in
            SHA256.hash([UInt8](repeating: UInt8.random(in: 0...255, using: &random), count: 3))
        }
        let byBytes = digests.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        #expect(digests.sorted() == byBytes)
    }

    @Test func domainTagsAreUniqueAndNoneOpensAnother() {
        let tags = DomainTag.allCases.map(\.rawValue)
        #expect(Set(tags).count == tags.count)
        for tag in tags {
            #expect(tag.hasPrefix("provchain/") && tag.split(separator: "/").count == 3)
            #expect(!tags.contains { $0 != tag && $0.hasPrefix(tag) })
        }
        // [tag, 1], by hand.
        let input = DomainTag.chain.input(1) { $0.uint(1) }
        #expect(input == [0x82, 0x71] + Array("provchain/chain/1".utf8) + [1])
        #expect(DomainTag.chain.hash(1) { $0.uint(1) } == SHA256.hash(input))
    }

    @Test func phrasesTakeTheirValuesByName() {
        let phrase = Phrase("{a} of {b}", "{b} 中的 {a}")
        #expect(phrase.text(in: .english, ["a": "1", "b": "2"]) == "1 of 2")
        #expect(phrase.text(in: .chinese, ["a": "1", "b": "2"]) == "2 中的 1")
        #expect(Language(locale: "zh_CN.UTF-8") == .chinese && Language(locale: "C") == .english)
    }

    @Test(arguments: [
        ("", Language.english), ("zh", .chinese), ("zh-CN,zh;q=0.9,en;q=0.8", .chinese), ("en-GB, zh;q=0.5", .english),
        ("fr, de;q=0.9, zh;q=0.1", .chinese), ("en;q=0.2,ZH-Hant;q=0.3", .chinese), ("zh;q=0", .english),
        ("zh;q=2", .english), ("zh;level=1", .english), ("*", .english), (";;,=", .english),
    ])
    func acceptLanguage(field: String, expected: Language) {
        #expect(Language(acceptLanguage: field) == expected)
        for rule in Rule.allCases {
            let phrase = Catalogue.phrase(for: rule)
            let names = Language.allCases.map { phrase.placeholders(in: $0) }
            #expect(names[0].isSuperset(of: names[1]) || names[1].isSuperset(of: names[0]), "\(rule)")
        }
    }
}
