import ProvChain
import Testing

@testable import ProvNode

struct IndexSearchTests {
    private let fixture: IndexFixture

    init() throws {
        var chain = try TestChain()
        let party = try chain.enrol("curator")
        let works = [
            WorkMetadata(title: "Blue and white vase", description: "Found near Jingdezhen.", authors: ["Li Wei"]),
            WorkMetadata(title: "青花瓷瓶", description: "景德镇出土的青花瓷器", authors: ["李伟", "Ann O'Brien"]),
            WorkMetadata(title: "花瓶3D模型"),
            WorkMetadata(title: "Café \"Größe\" chair; DROP TABLE works;--"),
            WorkMetadata(title: "ほうき星の地図"),
        ]
        for (number, metadata) in works.enumerated() {
            try chain.append([chain.registration(metadata, "file \(number)", by: party)])
        }
        fixture = try IndexFixture(chain)
    }

    @Test(arguments: [
        ("vase", ["Blue and white vase"]),
        ("VASE blue", ["Blue and white vase"]),
        ("whi", ["Blue and white vase"]),
        ("hite", []),
        ("jingdezhen", ["Blue and white vase"]),
        ("li wei", ["Blue and white vase"]),
        ("o'brien", ["青花瓷瓶"]),
        ("cafe", ["Café \"Größe\" chair; DROP TABLE works;--"]),
        ("grosse", []),
        ("größe", ["Café \"Größe\" chair; DROP TABLE works;--"]),
        ("vase bowl", []),
    ])
    func wordsAreFound(words: String, titles: [String]) throws {
        #expect(try fixture.titles(words) == titles)
    }

    @Test(arguments: [
        ("瓶", ["花瓶3D模型", "青花瓷瓶"]),
        ("花瓶", ["花瓶3D模型"]),
        ("青花", ["青花瓷瓶"]),
        ("青花瓷", ["青花瓷瓶"]),
        ("瓷青", []),
        ("景德镇", ["青花瓷瓶"]),
        ("李伟", ["青花瓷瓶"]),
        ("花瓶3d", ["花瓶3D模型"]),
        ("模型 花瓶", ["花瓶3D模型"]),
        ("ほうき", ["ほうき星の地図"]),
    ])
    func textWithoutSpacesIsFoundByAnyPartOfIt(words: String, titles: [String]) throws {
        #expect(try fixture.titles(words) == titles)
    }

    /// Nothing that somebody types is an operator, a column, or SQL; none of it is an error.
    @Test(arguments: [
        "\"", "\"\"", "'", "vase\"", "\"vase", "vase OR chair", "vase NOT blue", "NEAR(vase blue)", "title:vase",
        "{title}: vase", "^vase", "vase*", "-vase", "(vase", "vase)", "a AND", "AND", "'; DROP TABLE works; --",
        "\" OR 1=1 --", "%", "_", "\\", "\u{0}", "vase\u{0}\"", "words MATCH 'x'", "🏺", "\u{301}",
        String(repeating: "(", count: 1_000), String(repeating: "\"a\" ", count: 250),
    ])
    func anyInputIsOnlyWords(words: String) throws {
        _ = try fixture.titles(words)
        #expect(try fixture.titles("vase") == ["Blue and white vase"])
    }

    @Test func operatorsHaveNoEffect() throws {
        #expect(try fixture.titles("vase OR chair").isEmpty)
        #expect(try fixture.titles("vase*") == ["Blue and white vase"])
        #expect(try fixture.titles("\"vase") == ["Blue and white vase"])
        #expect(try fixture.titles("title:vase").isEmpty)
        #expect(try fixture.titles("drop table works") == ["Café \"Größe\" chair; DROP TABLE works;--"])
        #expect(try fixture.titles("%").isEmpty)
    }
}
