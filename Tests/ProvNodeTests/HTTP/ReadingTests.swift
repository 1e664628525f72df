import ProvChain
import Testing

@testable import ProvNode

/// How queries and media types are read.
@Suite struct ReadingTests {
    @Test func queriesArePercentEncodedUTF8() throws {
        let pairs = try Query.parse("a=1&b=%41%62+c&&pretty&d=x=y&e=")
        #expect(pairs.map(\.name) == ["a", "b", "pretty", "d", "e"])
        #expect(pairs.map(\.value) == ["1", "Ab c", "", "x=y", ""])
        #expect(try Query.parse("").isEmpty)
        for text in ["a=%", "a=%4", "a=%4g", "%ff=1", "a=%C3"] {
            #expect(throws: Query.Malformed.self) { try Query.parse(text) }
        }
    }

    @Test("Separators are bytes, whatever combines with them")
    func separatorsAreBytes() throws {
        let pairs = try Query.parse("a=1&\u{301}b=\u{338}2")
        #expect(pairs.map(\.name) == ["a", "\u{301}b"])
        #expect(pairs.map(\.value) == ["1", "\u{338}2"])
        #expect(MediaType.essence("application/json;\u{301}a=b") == "application/json")
        // The Greek question mark is canonically equivalent to a semicolon.
        let greek = "application/json\u{37e}a=b"
        #expect(MediaType.essence(greek).utf8.elementsEqual(greek.utf8))
        #expect(MediaType.prefersCBOR("application/json;q=0.5,\u{301}x, application/cbor;q=0.9"))
        #expect(MediaType.prefersCBOR("application/json;q=0.5;\u{301}x, application/cbor;q=0.9"))
        #expect(!MediaType.prefersCBOR("application/json, application/cbor\u{37e}q=1"))
    }

    @Test func plusIsASpaceOnlyInQueries() {
        #expect(Query.decode("a+b") == "a+b")
        #expect(Query.decode("a+b", plusIsSpace: true) == "a b")
    }

    @Test func aTypesParametersDoNotMatter() {
        #expect(MediaType.essence(" Application/COSE ; a=b") == "application/cose")
        #expect(MediaType.essence("") == "")
    }

    @Test(arguments: [
        ("application/cbor", true),
        ("application/cbor, */*", true),
        ("application/json;q=0.5, application/cbor;q=0.9", true),
        ("application/cbor;q=0.5, application/json", false),
        ("application/json, application/cbor", false),
        ("application/cbor;q=0", false),
        ("*/*", false),
        ("", false),
    ]) func cborIsSentToThoseWhoNameIt(accept: String, isPreferred: Bool) {
        #expect(MediaType.prefersCBOR(accept) == isPreferred)
    }

    @Test func textIsEscapedForHTML() {
        #expect(LandingPage.escaped("<a b=\"c\">&'ö") == "&lt;a b=&quot;c&quot;&gt;&amp;&#39;ö")
    }
}
