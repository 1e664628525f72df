import ProvChain
import Testing

@Suite struct StrictJSONTests {
    private func read(_ text: [UInt8]) throws(StrictJSONError) -> StrictJSON {
        var budget = AssetBudget(bytes: 1 << 20)
        return try StrictJSON.read(text[...], budget: &budget)
    }

    private func read(_ text: String) throws(StrictJSONError) -> StrictJSON { try read(Array(text.utf8)) }

    @Test func valuesAreRead() throws {
        let value = try read(#" {"a":[1,-2,1.5,1e2,true,false,null,"x\n\u00e9\ud83d\ude00/"],"b":{}} "#)
        #expect(
            value
                == .object([
                    "a": .array([
                        .integer(1), .integer(-2), .double(1.5), .double(100), .bool(true), .bool(false), .null,
                        .string("x\né😀/"),
                    ]), "b": .object([:]),
                ]))
        #expect(value["a"]?.array?[3].integer == 100)
    }

    @Test func integersAreExact() throws {
        #expect(try read("9223372036854775807") == .integer(.max))
        #expect(try read("-9223372036854775808") == .integer(.min))
        #expect(try read("9223372036854775808") == .double(9_223_372_036_854_775_808))
        #expect(try read("-0") == .double(-0.0))
        #expect(try read("9223372036854775808").integer == nil)
        #expect(try read("1.5").integer == nil)
        #expect(try read("1e999") == .double(.infinity))
    }

    @Test(arguments: [
        "", " ", "01", "1.", ".5", "+1", "1e", "-", "nan", "NaN", "Infinity", "tru", "'a'", "\"a", "\"\\x\"",
        "\"\\u12\"",
        "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800\\u0041\"", "\"\n\"", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":1,}", "{a:1}",
        "1 2", "[", "{", "\u{feff}{}", "/**/1",
    ])
    func whatRFC8259DoesNotAllowIsRefused(_ text: String) {
        #expect(throws: StrictJSONError.self) { try read(text) }
    }

    @Test(
        arguments: [
            [0xff], [0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x80, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80],
            [0xf5, 0x80, 0x80, 0x80], [0x80], [0xe2, 0x82], [0xf0, 0x80, 0x80, 0x80],
        ] as [[UInt8]])
    func malformedUTF8IsRefused(_ bytes: [UInt8]) {
        #expect(throws: StrictJSONError.self) { try read([0x22] + bytes + [0x22]) }
    }

    @Test func duplicatesAndDepthAreRefused() throws {
        #expect(throws: StrictJSONError.duplicateKey(offset: 7)) { try read(#"{"a":1,"\u0061":2}"#) }
        // The Kelvin sign is no K, though Swift's strings hold the two equal.
        #expect(try read("{\"K\":1,\"\u{212a}\":2}")["K"] == .integer(1))
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        _ = try read(nested(StrictJSON.maximumDepth))
        #expect(throws: StrictJSONError.tooDeep(offset: 64)) { try read(nested(StrictJSON.maximumDepth + 1)) }
    }
}
