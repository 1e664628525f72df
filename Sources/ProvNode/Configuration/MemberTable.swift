import Foundation
import ProvChain
import TOMLKit

/// A table of the configuration that says something for each member, by the member's name in the genesis.
///
/// All members may share one such table: what a node says of itself is checked and otherwise ignored.
enum MemberTable {
    /// - Parameter parse: nil comes out for a text that is not of the form `expected`.
    static func read<Value>(
        _ table: TOMLTable?, _ name: String, expected: Phrase, parse: (String) -> Value?
    ) throws -> [String: Value] {
        guard let table else {
            throw ConfigurationError.invalid(
                key: name,
                expected: Phrase(
                    "a table from member name to text, \(expected.english)", "由成员名到文本的表，\(expected.chinese)"))
        }
        var values: [String: Value] = [:]
        for member in table.keys {
            guard let text = table[member]?.string, let value = parse(text) else {
                throw ConfigurationError.invalid(key: "\"\(member)\" in \(name)", expected: expected)
            }
            values[member] = value
        }
        return values
    }

    /// What a variable says: an inline table of TOML, such as `{ "City Museum" = "node.museum.example:8421" }`.
    static func inline(_ text: String, _ variable: String) throws -> TOMLTable {
        let form = Phrase(
            "an inline table such as { \"City Museum\" = \"…\" }", "内联表，例如 { \"City Museum\" = \"…\" }")
        guard let table = try? TOMLTable(string: "value = \(text)"), table.keys == ["value"],
            let value = table["value"]?.table
        else { throw ConfigurationError.invalid(key: variable, expected: form) }
        return value
    }

    /// A section of the file, in order of the names; commented out if there is nothing to say.
    static func section(_ name: String, _ values: [String: String], example: String) -> String {
        guard !values.isEmpty else { return "# [\(name)]\n# \"City Museum\" = \(quoted(example))" }
        let lines = values.sorted { $0.key < $1.key }.map { "\(quoted($0.key)) = \(quoted($0.value))" }
        return (["[\(name)]"] + lines).joined(separator: "\n")
    }

    /// A basic string of TOML: quotes, backslashes and control characters are escaped.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\" + String(scalar)
            case _ where scalar.value < 0x20 || scalar.value == 0x7F:
                result += String(format: "\\u%04X", scalar.value)
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}

extension NodeConfiguration {
    /// Where validators answer clients; the node's own place is its public URL, unless the table has it.
    ///
    /// - Parameter validator: this node; `nil` for an observer.
    func apis(ofOwn genesis: Genesis, validator: UInt64?) -> [String: String] {
        guard let publicURL, let validator else { return apis }
        let member = genesis.members[Int(genesis.validators[Int(validator)].member)]
        return [member.name: publicURL].merging(apis) { $1 }
    }

    /// Refuses a table that names somebody who is not a member: a name with a slip of the pen would leave a
    /// validator without an address, and nobody would notice before it is missed.
    func check(members: [Genesis.Member]) throws {
        let names = Set(members.map(\.name))
        for (table, keys) in [("peers", Array(peers.keys)), ("apis", Array(apis.keys))] {
            guard let unknown = keys.sorted().first(where: { !names.contains($0) }) else { continue }
            throw ConfigurationError.unknownMember(unknown, table: table, members: names.sorted())
        }
    }
}
