/// Why bytes are not deterministic CBOR (RFC 8949 section 4.2.1) of the expected shape, and where.
public struct CBORError: Error, Hashable, Sendable, CustomStringConvertible {
    public enum Kind: Hashable, Sendable {
        /// The input ends inside an item; `needed` more bytes were announced than remain.
        case truncated(needed: UInt64)
        /// A length or number that a shorter head could carry.
        case notShortest
        /// Indefinite lengths are not deterministic.
        case indefiniteLength
        /// Floating point has no place in anything that is hashed.
        case floatNotAllowed
        /// Additional information 28 to 30, or a simple value other than false, true and null.
        case reservedValue(UInt8)
        case invalidUTF8
        /// A map key that does not come after the one before it in bytewise order, or repeats it.
        case keysNotSorted
        case missingKey(Int64)
        case unexpectedKey
        case wrongType(expected: String)
        case wrongLength(expected: Int, found: Int)
        case tooDeep(limit: Int)
        case tooLarge(limit: Int, found: UInt64)
        case trailingBytes(Int)
        /// A well-formed value outside what the schema allows.
        case invalidValue(String)
    }

    public let kind: Kind
    /// Bytes before the item at fault.
    public let offset: Int

    public init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }

    public var description: String { "CBOR at byte \(offset): \(reason)" }

    private var reason: String {
        switch kind {
        case .truncated(let needed): "the input ends \(needed) bytes too early"
        case .notShortest: "a number or length is not in its shortest form"
        case .indefiniteLength: "indefinite lengths are not allowed"
        case .floatNotAllowed: "floating point is not allowed"
        case .reservedValue(let value): "reserved or unsupported value \(value)"
        case .invalidUTF8: "text is not valid UTF-8"
        case .keysNotSorted: "map keys are not sorted or not unique"
        case .missingKey(let key): "map key \(key) is missing"
        case .unexpectedKey: "a map key the schema does not know"
        case .wrongType(let expected): "expected \(expected)"
        case .wrongLength(let expected, let found): "expected a length of \(expected), found \(found)"
        case .tooDeep(let limit): "nested deeper than \(limit)"
        case .tooLarge(let limit, let found): "\(found) exceeds the limit of \(limit)"
        case .trailingBytes(let count): "\(count) bytes after the end of the item"
        case .invalidValue(let what): what
        }
    }
}
