public import ArgumentParser
import Foundation
public import ProvChain

extension Language: ExpressibleByArgument {
    /// The operator's: that of the locale of this process.
    static let ofLocale: Language = {
        let environment = ProcessInfo.processInfo.environment
        return Language(
            locale: ["LC_ALL", "LC_MESSAGES", "LANG"].compactMap { environment[$0] }.first { !$0.isEmpty } ?? "")
    }()
}

extension ValidationError {
    /// Wrong usage, in the operator's language. What the argument parser itself finds is English.
    init(_ english: String, _ chinese: String) {
        self.init(Phrase(english, chinese).text(in: .ofLocale))
    }
}
