/// The languages in which ProvChain speaks to people.
public enum Language: String, Sendable, CaseIterable {
    case english = "en"
    case chinese = "zh"

    /// The language of a POSIX locale such as `zh_CN.UTF-8`; English where it is not Chinese.
    public init(locale: String) { self = locale.hasPrefix("zh") ? .chinese : .english }

    /// The language that a browser or another client of HTTP asked for: of those in `Accept-Language` (RFC 9110
    /// section 12.5.4) the one with the greatest weight, the first of equals. English where there is none, or
    /// where the field is not well formed.
    public init(acceptLanguage field: String) {
        var best: (language: Language, weight: Int)?
        for range in field.split(separator: ",") {
            let parts = range.split(separator: ";").map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
            guard let tag = parts.first?.split(separator: "-").first,
                let language = Language(rawValue: String(tag)), let weight = Self.weight(parts.dropFirst())
            else { continue }
            if weight > best?.weight ?? 0 { best = (language, weight) }
        }
        self = best?.language ?? .english
    }

    /// Thousandths; `nil` for what is not a weight.
    private static func weight(_ parameters: ArraySlice<String>) -> Int? {
        guard let text = parameters.first else { return 1_000 }
        guard parameters.count == 1, text.hasPrefix("q="), let value = Double(text.dropFirst(2)),
            (0...1).contains(value)
        else { return nil }
        return Int(value * 1_000)
    }
}

/// A sentence in every language, with `{name}` where a value goes.
public struct Phrase: Sendable, Hashable {
    public let english: String
    public let chinese: String

    public init(_ english: String, _ chinese: String) {
        self.english = english
        self.chinese = chinese
    }

    /// What is the same in every language: a name, a number, or the words of the system.
    public init(same text: String) { self.init(text, text) }

    public func text(in language: Language) -> String {
        switch language {
        case .english: english
        case .chinese: chinese
        }
    }

    /// The sentence with its values filled in.
    public func text(in language: Language, _ values: [String: String]) -> String {
        var text = text(in: language)
        for (name, value) in values.sorted(by: { $0.key < $1.key }) {
            text = text.split(separator: "{\(name)}", omittingEmptySubsequences: false).joined(separator: value)
        }
        return text
    }

    /// The names between braces in one language.
    public func placeholders(in language: Language) -> Set<String> {
        Set(
            text(in: language).split(separator: "{", omittingEmptySubsequences: false).dropFirst().compactMap { part in
                part.firstIndex(of: "}").map { String(part[..<$0]) }
            })
    }
}

/// An error that says what is wrong, and what to do, in every language.
public protocol Spoken: Error, CustomStringConvertible {
    var phrase: Phrase { get }
}

extension Spoken {
    /// English: what logs and other errors quote.
    public var description: String { phrase.english }
}

extension Phrase {
    /// What an error says: in every language if it can, else in its own words.
    public init(of error: any Error) {
        self = (error as? any Spoken)?.phrase ?? Phrase(same: "\(error)")
    }
}
