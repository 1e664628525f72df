import Foundation
import Testing

@testable import ProvNode

struct SearchTextTests {
    @Test(arguments: [
        ("vase", "\"vase\"*"),
        ("Blue vase", "\"Blue\"* AND \"vase\"*"),
        ("a b", "\"a\" AND \"b\""),
        ("青花瓷", "\" 青  花  瓷 \""),
        ("青花vase", "\" 青  花 \" AND \"vase\"*"),
        // Operators, columns and quotation marks are words or nothing.
        ("a OR NOT b*", "\"a\" AND \"OR\"* AND \"NOT\"* AND \"b\""),
        ("title:vase", "\"title\"* AND \"vase\"*"),
        ("\"vase", "\"vase\"*"),
        ("vase\u{0}bowl", "\"vase\"* AND \"bowl\"*"),
    ])
    func aQueryIsWordsAndNothingElse(input: String, query: String) {
        #expect(SearchText.query(input) == query)
    }

    @Test(arguments: ["", "  ", "\"", "*", "()", "-- ';", "\u{0}", "🏺"])
    func withoutWordsThereIsNoQuery(input: String) {
        #expect(SearchText.query(input) == nil)
    }

    @Test func wordsBeyondTheBoundAreLeftOut() {
        let input = Array(repeating: "word", count: 500).joined(separator: " ")
        #expect(SearchText.query(input)?.components(separatedBy: " AND ").count == SearchText.maximumWords)
    }

    @Test func unspacedScriptsAreSegmented() {
        #expect(SearchText.segmented("青花vase") == " 青  花 vase")
        #expect(SearchText.segmented("plain text") == "plain text")
    }
}
