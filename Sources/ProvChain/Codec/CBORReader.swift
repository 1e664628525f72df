/// Reads deterministic CBOR (RFC 8949 section 4.2.1) strictly: what is not canonical is an error.
///
/// The reader owns no copy of the input. No method allocates from a length before it has checked that
/// this many bytes, or at least one byte for each announced item, remain.
public struct CBORReader: Sendable {
    private let input: [UInt8]
    private let end: Int
    /// Bytes consumed so far.
    public private(set) var offset: Int

    public init(_ input: [UInt8]) {
        self.input = input
        self.offset = 0
        self.end = input.count
    }

    public var isAtEnd: Bool { offset == end }

    /// Passes over one item of any type, as strict as reading it would be. `depth`: of how many items the
    /// reader is inside.
    mutating func skip(depth: Int) throws(CBORError) {
        let start = offset
        let (major, value) = try head()
        guard major < 4 || major > 6 || depth < CBORValue.maximumDepth else {
            throw CBORError(.tooDeep(limit: CBORValue.maximumDepth), at: start)
        }
        switch major {
        case 0, 1, 7: break
        case 2: _ = try take(value, atMost: .max, from: start)
        case 3:
            guard String(validating: input[try take(value, atMost: .max, from: start)], as: UTF8.self) != nil else {
                throw CBORError(.invalidUTF8, at: start)
            }
        case 4:
            for _ in 0..<(try itemCount(value, atMost: .max, from: start)) { try skip(depth: depth + 1) }
        case 5:
            var previous = 0..<0
            for _ in 0..<(try itemCount(value, atMost: .max, from: start)) {
                let key = offset
                try skip(depth: depth + 1)
                guard previous.isEmpty || input[previous].lexicographicallyPrecedes(input[key..<offset]) else {
                    throw CBORError(.keysNotSorted, at: key)
                }
                previous = key..<offset
                try skip(depth: depth + 1)
            }
        default: try skip(depth: depth + 1)
        }
    }

    /// The bytes of the input from `start` to the current position.
    public func bytes(since start: Int) -> [UInt8] { Array(input[start..<offset]) }

    /// Throws unless everything was consumed.
    public func finish() throws(CBORError) {
        guard isAtEnd else { throw CBORError(.trailingBytes(end - offset), at: offset) }
    }

    // MARK: Items

    public mutating func uint() throws(CBORError) -> UInt64 {
        let start = offset
        let (major, value) = try head()
        guard major == 0 else { throw mismatch("an unsigned integer", at: start) }
        return value
    }

    /// An unsigned integer of at most `limit`.
    public mutating func uint(atMost limit: UInt64) throws(CBORError) -> UInt64 {
        let start = offset
        let value = try uint()
        guard value <= limit else { throw CBORError(.tooLarge(limit: Int(clamping: limit), found: value), at: start) }
        return value
    }

    public mutating func int() throws(CBORError) -> Int64 {
        let start = offset
        let (major, value) = try head()
        guard major == 0 || major == 1 else { throw mismatch("an integer", at: start) }
        guard value <= UInt64(Int64.max) else {
            throw CBORError(.tooLarge(limit: Int.max, found: value), at: start)
        }
        return major == 0 ? Int64(value) : -1 - Int64(value)
    }

    public mutating func byteString(atMost limit: Int = Int.max) throws(CBORError) -> [UInt8] {
        let start = offset
        let (major, value) = try head()
        guard major == 2 else { throw mismatch("a byte string", at: start) }
        return Array(input[try take(value, atMost: limit, from: start)])
    }

    /// A byte string of exactly `count` bytes.
    public mutating func byteString(count: Int) throws(CBORError) -> [UInt8] {
        let start = offset
        let value = try byteString(atMost: Int.max)
        guard value.count == count else {
            throw CBORError(.wrongLength(expected: count, found: value.count), at: start)
        }
        return value
    }

    public mutating func digest() throws(CBORError) -> Digest {
        let start = offset
        let (major, value) = try head()
        guard major == 2 else { throw mismatch("a byte string of 32 bytes", at: start) }
        guard value == 32 else {
            throw CBORError(.wrongLength(expected: 32, found: Int(clamping: value)), at: start)
        }
        let range = try take(value, atMost: 32, from: start)
        return input.withUnsafeBytes { Digest(loading: UnsafeRawBufferPointer(rebasing: $0[range])) }
    }

    public mutating func text(atMost limit: Int = Int.max) throws(CBORError) -> String {
        let start = offset
        let (major, value) = try head()
        guard major == 3 else { throw mismatch("a text string", at: start) }
        let range = try take(value, atMost: limit, from: start)
        guard let text = String(validating: input[range], as: UTF8.self) else {
            throw CBORError(.invalidUTF8, at: start)
        }
        return text
    }

    /// The number of items of an array; at most `limit`, and never more than the bytes that remain.
    public mutating func array(atMost limit: Int = Int.max) throws(CBORError) -> Int {
        let start = offset
        let (major, value) = try head()
        guard major == 4 else { throw mismatch("an array", at: start) }
        return try itemCount(value, atMost: limit, from: start)
    }

    /// An array of exactly `count` items.
    public mutating func array(count: Int) throws(CBORError) {
        let start = offset
        let found = try array()
        guard found == count else { throw CBORError(.wrongLength(expected: count, found: found), at: start) }
    }

    /// The number of pairs of a map. Prefer ``map(_:)``, which checks the order of the keys.
    public mutating func mapHeader() throws(CBORError) -> Int {
        let start = offset
        let (major, value) = try head()
        guard major == 5 else { throw mismatch("a map", at: start) }
        let count = try itemCount(value, atMost: Int.max / 2, from: start)
        guard count <= (end - offset) / 2 else {
            throw CBORError(.truncated(needed: UInt64(count * 2 - (end - offset))), at: start)
        }
        return count
    }

    public mutating func tag() throws(CBORError) -> UInt64 {
        let start = offset
        let (major, value) = try head()
        guard major == 6 else { throw mismatch("a tag", at: start) }
        return value
    }

    public mutating func tag(_ number: UInt64) throws(CBORError) {
        let start = offset
        let found = try tag()
        guard found == number else {
            throw CBORError(.invalidValue("expected tag \(number), found \(found)"), at: start)
        }
    }

    public mutating func bool() throws(CBORError) -> Bool {
        let start = offset
        let (major, value) = try head()
        guard major == 7, value == 20 || value == 21 else { throw mismatch("a boolean", at: start) }
        return value == 21
    }

    public mutating func null() throws(CBORError) {
        let start = offset
        let (major, value) = try head()
        guard major == 7, value == 22 else { throw mismatch("null", at: start) }
    }

    /// The major type (0 to 7) of the next item, without consuming it; `nil` at the end.
    public var nextMajorType: UInt8? { offset < end ? input[offset] >> 5 : nil }

    /// True if the next item is null.
    public var isNull: Bool { offset < end && input[offset] == 0xf6 }

    /// A constant text, such as the domain tag that opens every hash input.
    public mutating func text(exactly expected: String) throws(CBORError) {
        if parsed(byUTF8: { Self.isASCII(expected, $0) ? true : nil }) != nil { return }
        let start = offset
        // By bytes: == on texts is canonical equivalence.
        guard try text(atMost: expected.utf8.count).utf8.elementsEqual(expected.utf8) else {
            throw CBORError(.invalidValue("expected \"\(expected)\""), at: start)
        }
    }

    /// What `parse` makes of the bytes of a text, which it accepts only if they are ASCII. `nil`, and nothing is
    /// consumed, if the next item is not a text or `parse` does not accept it.
    mutating func parsed<T>(byUTF8 parse: (UnsafeBufferPointer<UInt8>) -> T?) -> T? {
        let start = offset
        if let (major, count) = try? head(), major == 3, let range = try? take(count, atMost: .max, from: start),
            let value = input.withUnsafeBufferPointer({ parse(UnsafeBufferPointer(rebasing: $0[range])) })
        {
            return value
        }
        offset = start
        return nil
    }

    public mutating func value<T: CBORDecodable>(_ type: T.Type = T.self) throws(CBORError) -> T {
        try T(from: &self)
    }

    /// An array of at most `limit` items of one type.
    public mutating func list<T: CBORDecodable>(
        _ type: T.Type = T.self, atMost limit: Int
    ) throws(CBORError) -> [T] {
        let count = try array(atMost: limit)
        var items: [T] = []
        items.reserveCapacity(count)
        for _ in 0..<count { items.append(try T(from: &self)) }
        return items
    }

    /// Whether the bytes are those of `expected`, all of them ASCII.
    private static func isASCII(_ expected: String, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
        var expected = expected
        return expected.withUTF8 { expected in
            expected.count == bytes.count
                && expected.indices.allSatisfy { expected[$0] == bytes[$0] && bytes[$0] < 0x80 }
        }
    }

    public mutating func digests(atMost limit: Int) throws(CBORError) -> [Digest] {
        let count = try array(atMost: limit)
        var items: [Digest] = []
        items.reserveCapacity(count)
        for _ in 0..<count { items.append(try digest()) }
        return items
    }

    // MARK: Heads

    mutating func head() throws(CBORError) -> (major: UInt8, value: UInt64) {
        let start = offset
        guard offset < end else { throw CBORError(.truncated(needed: 1), at: start) }
        let initial = input[offset]
        let major = initial >> 5
        let info = initial & 31
        let width: Int
        switch info {
        case 0..<24:
            if major == 7 && !(20...22).contains(info) { throw CBORError(.reservedValue(info), at: start) }
            offset += 1
            return (major, UInt64(info))
        case 24: width = 1
        case 25: width = 2
        case 26: width = 4
        case 27: width = 8
        case 31: throw CBORError(.indefiniteLength, at: start)
        default: throw CBORError(.reservedValue(info), at: start)
        }
        if major == 7 {
            throw CBORError(width == 1 ? .reservedValue(24) : .floatNotAllowed, at: start)
        }
        guard end - offset > width else {
            throw CBORError(.truncated(needed: UInt64(width + 1 - (end - offset))), at: start)
        }
        var value: UInt64 = 0
        for index in 1...width { value = value << 8 | UInt64(input[offset + index]) }
        let minimum: UInt64 = width == 1 ? 24 : UInt64(1) << UInt64(width * 4)
        guard value >= minimum else { throw CBORError(.notShortest, at: start) }
        offset += width + 1
        return (major, value)
    }

    private mutating func take(_ count: UInt64, atMost limit: Int, from start: Int) throws(CBORError) -> Range<Int> {
        guard count <= UInt64(limit) else { throw CBORError(.tooLarge(limit: limit, found: count), at: start) }
        let remaining = end - offset
        guard count <= UInt64(remaining) else {
            throw CBORError(.truncated(needed: count - UInt64(remaining)), at: start)
        }
        let range = offset..<(offset + Int(count))
        offset = range.upperBound
        return range
    }

    private func itemCount(_ count: UInt64, atMost limit: Int, from start: Int) throws(CBORError) -> Int {
        guard count <= UInt64(limit) else { throw CBORError(.tooLarge(limit: limit, found: count), at: start) }
        let remaining = UInt64(end - offset)
        guard count <= remaining else { throw CBORError(.truncated(needed: count - remaining), at: start) }
        return Int(count)
    }

    private func mismatch(_ expected: String, at start: Int) -> CBORError {
        CBORError(.wrongType(expected: expected), at: start)
    }
}
