/// Writes a short item of deterministic CBOR into memory on the stack: what is only hashed, and hashed for every
/// record that a statement touches, needs no array of its own.
struct ShortCBOR: ~Copyable {
    private let buffer: UnsafeMutableRawBufferPointer
    private var count = 0

    /// The longest item, in bytes.
    static let capacity = 256

    private init(_ buffer: UnsafeMutableRawBufferPointer) { self.buffer = buffer }

    /// SHA-256 of what `body` writes, at most ``capacity`` bytes.
    static func hash(_ body: (inout ShortCBOR) -> Void) -> Digest {
        withUnsafeTemporaryAllocation(byteCount: capacity, alignment: 8) { buffer in
            var item = ShortCBOR(buffer)
            body(&item)
            return SHA256.hash(UnsafeRawBufferPointer(rebasing: buffer[..<item.count]))
        }
    }

    mutating func array(_ count: Int) { head(major: 4, UInt64(count)) }

    mutating func uint(_ value: UInt64) { head(major: 0, value) }

    mutating func text(_ value: StaticString) {
        head(major: 3, UInt64(value.utf8CodeUnitCount))
        value.withUTF8Buffer { append(UnsafeRawBufferPointer($0)) }
    }

    mutating func byteString(_ value: [UInt8]) {
        head(major: 2, UInt64(value.count))
        value.withUnsafeBytes { append($0) }
    }

    mutating func digest(_ value: Digest) {
        head(major: 2, UInt64(Digest.byteCount))
        value.withBytes { append($0) }
    }

    private mutating func append(_ bytes: UnsafeRawBufferPointer) {
        precondition(count + bytes.count <= buffer.count, "an item of more than \(Self.capacity) bytes")
        UnsafeMutableRawBufferPointer(rebasing: buffer[count...]).copyMemory(from: bytes)
        count += bytes.count
    }

    private mutating func head(major: UInt8, _ value: UInt64) {
        precondition(count + 9 <= buffer.count, "an item of more than \(Self.capacity) bytes")
        let type = major << 5
        let width: Int
        switch value {
        case 0..<24:
            buffer[count] = type | UInt8(value)
            count += 1
            return
        case 24...0xff: width = 0
        case 0x100...0xffff: width = 1
        case 0x1_0000...0xffff_ffff: width = 2
        default: width = 3
        }
        buffer[count] = type | UInt8(24 + width)
        count += 1
        for shift in (0..<1 << width).reversed() {
            buffer[count] = UInt8(truncatingIfNeeded: value >> UInt64(shift * 8))
            count += 1
        }
    }
}
