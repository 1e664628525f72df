/// Reads a map with integer keys in their canonical order: required and optional keys are asked for in
/// ascending order, and whatever the schema does not name is an error.
public struct CBORMapReader: Sendable {
    private let start: Int
    private var remaining: Int
    private var pending: Int64?
    private var last: Int64?

    /// Reads the map's head.
    public init(_ reader: inout CBORReader) throws(CBORError) {
        start = reader.offset
        remaining = try reader.mapHeader()
    }

    /// Moves to the value of `key`, which must be the next one present.
    public mutating func key(_ key: Int64, _ reader: inout CBORReader) throws(CBORError) {
        guard try optionalKey(key, &reader) else { throw CBORError(.missingKey(key), at: start) }
    }

    /// True, and at the value, if `key` is present.
    public mutating func optionalKey(_ key: Int64, _ reader: inout CBORReader) throws(CBORError) -> Bool {
        if pending == nil, remaining > 0 {
            let at = reader.offset
            let next = try reader.int()
            if let last, !Self.precedes(last, next) { throw CBORError(.keysNotSorted, at: at) }
            pending = next
        }
        guard let next = pending else { return false }
        if next == key {
            pending = nil
            remaining -= 1
            last = key
            return true
        }
        // The next key comes later, so `key` is absent; or it comes earlier, so nobody asked for it.
        guard Self.precedes(key, next) else { throw CBORError(.unexpectedKey, at: reader.offset) }
        return false
    }

    /// Throws if a key is left that nobody asked for.
    public func finish(_ reader: CBORReader) throws(CBORError) {
        guard remaining == 0 else { throw CBORError(.unexpectedKey, at: reader.offset) }
    }

    /// Bytewise order of encoded integers: non-negative ones ascending, then -1, -2, ….
    private static func precedes(_ a: Int64, _ b: Int64) -> Bool {
        switch (a >= 0, b >= 0) {
        case (true, true): a < b
        case (true, false): true
        case (false, true): false
        case (false, false): a > b
        }
    }
}
