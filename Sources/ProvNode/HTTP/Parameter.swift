import ProvChain

/// What a route takes from its path or query: how to read it, and how to say what it should look like.
///
/// The reader, the API document and the sentence in a problem come from the same value, so they agree.
struct Parameter<Value: Sendable>: Sendable {
    let description: ParameterDescription
    /// What holds if the client does not say.
    let fallback: Value?
    let parse: @Sendable (String) -> Value?

    init(
        _ description: ParameterDescription, fallback: Value? = nil, parse: @escaping @Sendable (String) -> Value?
    ) {
        self.description = description
        self.fallback = fallback
        self.parse = parse
    }
}

struct ParameterDescription: Sendable {
    enum Place: String, Sendable { case path, query, header }

    let name: String
    let place: Place
    var isRequired = false
    /// Continues the sentence "The parameter must be …".
    let expected: Phrase
    let about: String
    let schema: JSONValue
}

/// Regular expressions of the API document.
enum Pattern {
    static let digest = "^[0-9a-f]{64}$"
    static let urn =
        "^urn:provchain:((chain|member|party|key|work|offer|component|statement):[0-9a-f]{64}"
        + "|(version|title):[0-9a-f]{64}:(0|[1-9][0-9]*))$"
    static let statement = "^(urn:provchain:statement:)?[0-9a-f]{64}$"
    static let party = "^(urn:provchain:party:)?[0-9a-f]{64}$"
    static let height = "^(latest|0|[1-9][0-9]*)$"
    static let tile = "^(entries|[0-7])/(x[0-9]{3}/){0,6}[0-9]{3}(\\.p/[1-9][0-9]{0,2})?$"
}

extension Parameter where Value == URN {
    static var urn: Self {
        Self(
            ParameterDescription(
                name: "urn", place: .path, isRequired: true,
                expected: Phrase(
                    "a URN such as urn:provchain:work: followed by 64 lower-case hexadecimal digits",
                    " URN，例如 urn:provchain:work: 后接 64 位小写十六进制数字"),
                about: "The record's name. May be percent-encoded.",
                schema: ["type": "string", "pattern": .string(Pattern.urn)])
        ) { URN($0) }
    }
}

extension Parameter where Value == Digest {
    /// A statement by its URN or by its 64 digits alone.
    static var statement: Self {
        Self(
            ParameterDescription(
                name: "id", place: .path, isRequired: true,
                expected: Phrase(
                    "64 hexadecimal digits, or urn:provchain:statement: followed by them",
                    " 64 位十六进制数字，其前可加 urn:provchain:statement:"),
                about: "The statement's identifier.",
                schema: ["type": "string", "pattern": .string(Pattern.statement)])
        ) { text in
            if case .statement(let id) = URN(text) { id } else { Digest(hex: text) }
        }
    }

    /// A party by its URN or by its 64 digits alone.
    static var party: Self {
        Self(
            ParameterDescription(
                name: "party", place: .path, isRequired: true,
                expected: Phrase(
                    "64 hexadecimal digits, or urn:provchain:party: followed by them",
                    " 64 位十六进制数字，其前可加 urn:provchain:party:"),
                about: "The party's identifier.",
                schema: ["type": "string", "pattern": .string(Pattern.party)])
        ) { text in
            if case .party(let id) = URN(text) { id } else { Digest(hex: text) }
        }
    }

    static var sha256: Self {
        Self(
            ParameterDescription(
                name: "sha256", place: .path, isRequired: true,
                expected: Phrase("64 hexadecimal digits", " 64 位十六进制数字"),
                about: "A SHA-256 hash.", schema: ["type": "string", "pattern": .string(Pattern.digest)])
        ) { Digest(hex: $0) }
    }
}

/// A block's height, or the latest block.
enum BlockReference: Hashable, Sendable {
    case latest
    case height(UInt64)
}

extension Parameter where Value == BlockReference {
    static var height: Self {
        Self(
            ParameterDescription(
                name: "height", place: .path, isRequired: true,
                expected: Phrase("a block's height, or latest", "区块高度或 latest"),
                about: "A block's height, from 0, or `latest`.",
                schema: ["type": "string", "pattern": .string(Pattern.height)])
        ) { text in
            text == "latest" ? .latest : decimal(text, in: 0...Limits.exactInteger).map { .height($0) }
        }
    }
}

extension Parameter where Value == UInt64 {
    static var from: Self {
        integer("from", 1...Limits.exactInteger, default: 1, about: "The number of the first event, from 1.")
    }

    static var asOf: Self {
        integer(
            "asOf", 0...Limits.exactInteger, default: nil,
            about: "Only events of blocks up to this time, milliseconds since 1970.")
    }

    static func limit(_ range: ClosedRange<UInt64>, default value: UInt64) -> Self {
        integer("limit", range, default: value, about: "The most entries that one page may have.")
    }

    static func integer(
        _ name: String, _ range: ClosedRange<UInt64>, default value: UInt64?,
        place: ParameterDescription.Place = .query, about: String
    ) -> Self {
        var schema: [String: JSONValue] = [
            "type": "integer", "minimum": .number(Int64(range.lowerBound)), "maximum": .number(Int64(range.upperBound)),
        ]
        schema["default"] = value.map { .number(Int64($0)) }
        return Self(
            ParameterDescription(
                name: name, place: place,
                expected: Phrase(
                    "a whole number from \(range.lowerBound) to \(range.upperBound)",
                    " \(range.lowerBound) 至 \(range.upperBound) 的整数"), about: about,
                schema: .object(schema)), fallback: value
        ) { decimal($0, in: range) }
    }
}

extension Parameter where Value == String {
    static var words: Self {
        text("q", isRequired: true, about: "Words of the title, the description or the authors.")
    }

    static var after: Self {
        text("after", isRequired: false, about: "Where to go on: `next` of the previous page.")
    }

    private static func text(_ name: String, isRequired: Bool, about: String) -> Self {
        Self(
            ParameterDescription(
                name: name, place: .query, isRequired: isRequired,
                expected: Phrase("text of 1 to \(NodeLimits.queryBytes) bytes", " 1 至 \(NodeLimits.queryBytes) 字节的文本"),
                about: about,
                schema: ["type": "string", "minLength": 1, "maxLength": .number(Int64(NodeLimits.queryBytes))])
        ) { (1...NodeLimits.queryBytes).contains($0.utf8.count) ? $0 : nil }
    }
}

extension Parameter where Value == Bool {
    /// Whether to wait until a statement is final.
    static var wait: Self {
        Self(
            ParameterDescription(
                name: "wait", place: .query, expected: Phrase("final or submitted", " final 或 submitted"),
                about: "Whether to answer once the statement is final, or as soon as it is taken.",
                schema: ["type": "string", "enum": ["final", "submitted"], "default": "final"])
        ) { text in
            switch text {
            case "final": true
            case "submitted": false
            default: nil
            }
        }
    }

    static var pretty: Self {
        Self(
            ParameterDescription(
                name: "pretty", place: .query, expected: Phrase("without a value, or true or false", "空、true 或 false"),
                about: "JSON with line breaks, for people.",
                schema: ["type": "string", "enum": ["", "true", "false"]])
        ) { text in
            switch text {
            case "", "true": true
            case "false": false
            default: nil
            }
        }
    }
}

/// A decimal number in its one spelling: no sign, no leading zeros.
private func decimal(_ text: String, in range: ClosedRange<UInt64>) -> UInt64? {
    guard let value = UInt64(text), String(value) == text, range.contains(value) else { return nil }
    return value
}
