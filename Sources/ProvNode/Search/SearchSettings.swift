import ProvChain
import TOMLKit

/// The search role of a node: `[search]` in its configuration.
struct SearchSettings: Hashable, Sendable {
    /// Off: a validator needs no prints, and its memory is meant for the chain.
    var isOn = false
    /// Bytes of prints and codes that may be mapped into memory. What does not fit is not found.
    var budget = 256 << 20

    static let leastBudget = 1 << 20
    /// The most that is mapped: some 300 million prints.
    static let mostBudget = 64 << 30

    /// Three quarters for prints with their places, since an asset has several.
    var prints: Int { budget / 4 * 3 / (SearchIndex.printRow + SearchIndex.placeRow) }
    var codes: Int { budget / 4 / SearchIndex.codeRow }

    /// What the configuration that `provnode init` writes says of it.
    static let template = """
        # Finds what looks like a model, by the prints and codes in manifests. Needs no trust, only memory: budget is
        # the most bytes of search/ that are mapped, 112 for a print.
        # [search]
        # enabled = true
        # budget = \(256 << 20)
        """

    init() {}

    /// - Parameter table: `[search]`; `nil` if `search` is something else.
    init(_ table: TOMLTable?) throws {
        guard let table else {
            throw ConfigurationError.invalid(key: "search", expected: Phrase("a table: [search]", "一个表：[search]"))
        }
        for key in table.keys {
            switch key {
            case "enabled":
                guard let value = table[key]?.bool else {
                    throw ConfigurationError.invalid(
                        key: "search.enabled", expected: Phrase("true or false", " true 或 false"))
                }
                isOn = value
            case "budget": budget = try Self.budget(table[key]?.int, "search.budget")
            default: throw ConfigurationError.unknownKey("search.\(key)")
            }
        }
    }

    mutating func override(_ environment: [String: String]) throws {
        if let text = environment["PROV_SEARCH"] {
            guard ["on", "off"].contains(text) else {
                throw ConfigurationError.invalid(key: "PROV_SEARCH", expected: Phrase("on or off", " on 或 off"))
            }
            isOn = text == "on"
        }
        if let text = environment["PROV_SEARCH_BUDGET"] { budget = try Self.budget(Int(text), "PROV_SEARCH_BUDGET") }
    }

    private static func budget(_ value: Int?, _ key: String) throws -> Int {
        guard let value, (leastBudget...mostBudget).contains(value) else {
            throw ConfigurationError.invalid(
                key: key,
                expected: Phrase(
                    "a number of bytes from \(leastBudget) to \(mostBudget)",
                    " \(leastBudget) 至 \(mostBudget) 的字节数"))
        }
        return value
    }
}
