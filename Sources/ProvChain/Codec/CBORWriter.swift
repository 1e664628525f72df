/// Writes deterministic CBOR (RFC 8949 section 4.2.1).
///
/// Lengths and numbers always take their shortest form. Map keys are written in the order in which the
/// caller gives them, which must be bytewise order of their encodings (for integer keys: 0, 1, 2, …, then
/// -1, -2, …); a debug build checks it when a whole item is taken with ``CBOREncodable/cbor``.
public struct CBORWriter: Sendable {
    public private(set) var bytes: [UInt8] = []

    public init() {}

    public init(reserving capacity: Int) { bytes.reserveCapacity(capacity) }

    /// Starts again, with the memory that is there.
    public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    public mutating func uint(_ value: UInt64) { head(major: 0, value) }

    public mutating func int(_ value: Int64) {
        if value >= 0 { head(major: 0, UInt64(value)) } else { head(major: 1, UInt64(-1 - value)) }
    }

    /// Writes -1 - `n`.
    public mutating func negative(_ n: UInt64) { head(major: 1, n) }

    public mutating func byteString(_ value: some Collection<UInt8>) {
        head(major: 2, UInt64(value.count))
        bytes.append(contentsOf: value)
    }

    /// Starts a byte string of `count` bytes that the caller hands on itself, piece by piece.
    mutating func byteString(count: Int) { head(major: 2, UInt64(count)) }

    public mutating func digest(_ value: Digest) {
        head(major: 2, UInt64(Digest.byteCount))
        value.withBytes { bytes.append(contentsOf: $0) }
    }

    public mutating func text(_ value: String) {
        let utf8 = value.utf8
        head(major: 3, UInt64(utf8.count))
        bytes.append(contentsOf: utf8)
    }

    public mutating func array(_ count: Int) { head(major: 4, UInt64(count)) }

    public mutating func map(_ count: Int) { head(major: 5, UInt64(count)) }

    public mutating func tag(_ number: UInt64) { head(major: 6, number) }

    public mutating func bool(_ value: Bool) { bytes.append(value ? 0xf5 : 0xf4) }

    public mutating func null() { bytes.append(0xf6) }

    /// Appends bytes that are already deterministic CBOR.
    public mutating func encoded(_ item: some Collection<UInt8>) { bytes.append(contentsOf: item) }

    public mutating func value(_ item: some CBOREncodable) { item.encode(to: &self) }

    /// Writes an array of items of one type.
    public mutating func list(_ items: [some CBOREncodable]) {
        array(items.count)
        for item in items { item.encode(to: &self) }
    }

    public mutating func digests(_ items: [Digest]) {
        array(items.count)
        for item in items { digest(item) }
    }

    private mutating func head(major: UInt8, _ value: UInt64) {
        let type = major << 5
        switch value {
        case 0..<24:
            bytes.append(type | UInt8(value))
        case 24...0xff:
            bytes.append(type | 24)
            bytes.append(UInt8(value))
        case 0x100...0xffff:
            bytes.append(type | 25)
            bigEndian(value, count: 2)
        case 0x1_0000...0xffff_ffff:
            bytes.append(type | 26)
            bigEndian(value, count: 4)
        default:
            bytes.append(type | 27)
            bigEndian(value, count: 8)
        }
    }

    private mutating func bigEndian(_ value: UInt64, count: Int) {
        for shift in stride(from: (count - 1) * 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> UInt64(shift)))
        }
    }
}
