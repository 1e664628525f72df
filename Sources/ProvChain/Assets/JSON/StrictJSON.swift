/// A JSON document (RFC 8259) from an untrusted source, read so that no two readers can see different things
/// in it: duplicate member names are refused, and integers are never rounded.
public enum StrictJSON: Hashable, Sendable {
    case null
    case bool(Bool)
    /// A number without fraction and exponent that fits 64 bits.
    case integer(Int64)
    /// Any other number, correctly rounded; infinite if its magnitude is beyond every double.
    case double(Double)
    case string(JSONText)
    case array([StrictJSON])
    case object([JSONText: StrictJSON])

    /// The deepest nesting of arrays and objects.
    public static let maximumDepth = 64
    /// The longest number, in bytes: a double needs at most 1,077 significant characters to be exact.
    public static let maximumNumberBytes = 1_100
    /// What one value costs of the budget besides its text: an upper bound of its memory.
    static let valueCost = 48

    /// The member of an object; `nil` for any other value and for absent members.
    public subscript(key: JSONText) -> StrictJSON? {
        if case .object(let members) = self { members[key] } else { nil }
    }

    /// The integer, also when it is written as `1.0` or `1e2`; `nil` beyond ±2^53, where doubles are not exact.
    public var integer: Int64? {
        switch self {
        case .integer(let value): value
        case .double(let value): abs(value) <= 9_007_199_254_740_992 ? Int64(exactly: value) : nil
        case .null, .bool, .string, .array, .object: nil
        }
    }

    public var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .double(let value): value
        case .null, .bool, .string, .array, .object: nil
        }
    }

    public var text: JSONText? { if case .string(let text) = self { text } else { nil } }
    public var array: [StrictJSON]? { if case .array(let elements) = self { elements } else { nil } }
    public var object: [JSONText: StrictJSON]? { if case .object(let members) = self { members } else { nil } }
    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
}

/// Why a text is not acceptable JSON, and the byte offset where that shows.
public enum StrictJSONError: Error, Hashable, Sendable {
    case unexpectedByte(offset: Int)
    case unexpectedEnd(offset: Int)
    case invalidUTF8(offset: Int)
    case invalidEscape(offset: Int)
    case invalidNumber(offset: Int)
    case duplicateKey(offset: Int)
    case tooDeep(offset: Int)
    case overBudget(offset: Int, needed: Int, remaining: Int)
}
