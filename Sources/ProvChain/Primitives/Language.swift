/// The languages in which ProvChain speaks to people.
public enum Language: String, Sendable, CaseIterable {
    case english = "en"
    case chinese = "zh"

    /// The language of a POSIX locale such as `zh_CN.UTF-8`; English where it is not Chinese.
    public init(locale: String) { self = locale.hasPrefix("zh") ? .chinese : .english }
}

/// A sentence in every language, with `{name}` where a value goes.
public struct Phrase: Sendable, Hashable {
    public let english: String
    public let chinese: String

    public init(_ english: String, _ chinese: String) {
        self.english = english
        self.chinese = chinese
    }

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
