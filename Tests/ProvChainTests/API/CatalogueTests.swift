import ProvChain
import Testing

@Suite("What is said to people")
struct CatalogueTests {
    static let entries: [(name: String, phrase: Phrase)] =
        Rule.allCases.map { ($0.rawValue, Catalogue.phrase(for: $0)) }
        + Catalogue.Failure.allCases.map { ($0.rawValue, $0.phrase) }
        + Catalogue.NodeProblem.allCases.map { ($0.rawValue, $0.phrase) }
        + Catalogue.Notice.allCases.map { ($0.rawValue, $0.phrase) }
        + Catalogue.Label.allCases.map { ($0.rawValue, $0.phrase) }

    @Test("Every entry is there in both languages")
    func bothLanguages() {
        for (name, phrase) in Self.entries {
            #expect(!phrase.english.isEmpty && !phrase.chinese.isEmpty, "\(name)")
        }
    }

    @Test("Every entry names the same values in both languages")
    func equalPlaceholders() {
        for (name, phrase) in Self.entries {
            let english = phrase.placeholders(in: .english)
            let chinese = phrase.placeholders(in: .chinese)
            #expect(english == chinese, "\(name)")
        }
    }

    @Test("Every sentence of the Chinese catalogue is in Chinese")
    func chineseIsChinese() {
        // A name that is the same in every language.
        let international = ["SHA-256"]
        for (name, phrase) in Self.entries where !international.contains(phrase.chinese) {
            let isChinese = phrase.chinese.unicodeScalars.contains { (0x4e00...0x9fff).contains($0.value) }
            #expect(isChinese, "\(name): \(phrase.chinese)")
        }
    }

    @Test("Names of failures are unique among rules and failures")
    func uniqueNames() {
        let names =
            Rule.allCases.map(\.rawValue) + Catalogue.Failure.allCases.map(\.rawValue)
            + Catalogue.NodeProblem.allCases.map(\.rawValue)
        #expect(Set(names).count == names.count)
    }

    @Test("No value stays unfilled when its name is given, and braces are balanced")
    func filled() {
        for (name, phrase) in Self.entries {
            for language in Language.allCases {
                let values = [String: String](
                    uniqueKeysWithValues: phrase.placeholders(in: language).map { ($0, "7") })
                let text = phrase.text(in: language, values)
                #expect(!text.contains("{") && !text.contains("}"), "\(name): \(text)")
            }
        }
    }
}

@Suite("What a client hands to a node")
struct SubmissionTests {
    @Test("A submission is the map {1: statement, 2: attachments}")
    func goldenBytes() throws {
        let submission = Submission(statement: [0xd2], attachments: [[0x01, 0x02], []])
        let bytes: [UInt8] = [0xa2, 0x01, 0x41, 0xd2, 0x02, 0x82, 0x42, 0x01, 0x02, 0x40]
        #expect(submission.cbor == bytes)
        #expect(try Submission(cbor: bytes) == submission)
    }

    @Test("A ninth attachment is refused")
    func tooManyAttachments() {
        let nine = Submission(statement: [0xd2], attachments: [[UInt8]](repeating: [0], count: 9))
        #expect(throws: CBORError.self) { try Submission(cbor: nine.cbor) }
    }
}
