/// Any deterministic CBOR item, for callers that do not know the schema: printing, and checking that an
/// encoding is canonical.
public indirect enum CBORValue: Hashable, Sendable, CBORCodable {
    case unsigned(UInt64)
    /// The integer -1 - n.
    case negative(UInt64)
    case bytes([UInt8])
    case text(String)
    case array([CBORValue])
    case map([Pair])
    case tagged(UInt64, CBORValue)
    case bool(Bool)
    case null

    public struct Pair: Hashable, Sendable {
        public let key: CBORValue
        public let value: CBORValue

        public init(_ key: CBORValue, _ value: CBORValue) {
            self.key = key
            self.value = value
        }
    }

    /// Arrays, maps and tags may be nested this deep.
    public static let maximumDepth = 16

    public init(from reader: inout CBORReader) throws(CBORError) {
        self = try Self.read(&reader, depth: 0)
    }

    /// `depth`: of how many items the reader is inside.
    static func read(_ reader: inout CBORReader, depth: Int) throws(CBORError) -> CBORValue {
        let start = reader.offset
        switch reader.nextMajorType {
        case 0: return .unsigned(try reader.uint())
        case 1: return .negative(try reader.head().value)
        case 2: return .bytes(try reader.byteString())
        case 3: return .text(try reader.text())
        case 4:
            guard depth < maximumDepth else { throw CBORError(.tooDeep(limit: maximumDepth), at: start) }
            let count = try reader.array()
            var items: [CBORValue] = []
            for _ in 0..<count { items.append(try read(&reader, depth: depth + 1)) }
            return .array(items)
        case 5:
            guard depth < maximumDepth else { throw CBORError(.tooDeep(limit: maximumDepth), at: start) }
            return .map(try pairs(&reader, depth: depth + 1))
        case 6:
            guard depth < maximumDepth else { throw CBORError(.tooDeep(limit: maximumDepth), at: start) }
            let number = try reader.tag()
            return .tagged(number, try read(&reader, depth: depth + 1))
        default:
            if reader.isNull {
                try reader.null()
                return .null
            }
            return .bool(try reader.bool())
        }
    }

    private static func pairs(_ reader: inout CBORReader, depth: Int) throws(CBORError) -> [Pair] {
        let count = try reader.mapHeader()
        var pairs: [Pair] = []
        var previous: [UInt8]?
        for _ in 0..<count {
            let start = reader.offset
            let key = try read(&reader, depth: depth)
            let encoded = reader.bytes(since: start)
            if let previous, !previous.lexicographicallyPrecedes(encoded) {
                throw CBORError(.keysNotSorted, at: start)
            }
            previous = encoded
            pairs.append(Pair(key, try read(&reader, depth: depth)))
        }
        return pairs
    }

    /// Writes the item; pairs are sorted here, so that a value built in any order encodes canonically.
    public func encode(to writer: inout CBORWriter) {
        switch self {
        case .unsigned(let value): writer.uint(value)
        case .negative(let value): writer.negative(value)
        case .bytes(let value): writer.byteString(value)
        case .text(let value): writer.text(value)
        case .array(let items): writer.list(items)
        case .map(let pairs):
            writer.map(pairs.count)
            let encoded = pairs.map { (key: $0.key.encoded, value: $0.value) }
            for pair in encoded.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) }) {
                writer.encoded(pair.key)
                pair.value.encode(to: &writer)
            }
        case .tagged(let number, let item):
            writer.tag(number)
            item.encode(to: &writer)
        case .bool(let value): writer.bool(value)
        case .null: writer.null()
        }
    }

    private var encoded: [UInt8] {
        var writer = CBORWriter()
        encode(to: &writer)
        return writer.bytes
    }
}
