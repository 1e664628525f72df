/// Up to 256 log entries one after the other, each as its length (2 bytes, big-endian) and its bytes
/// (C2SP tlog-tiles). A bundle of fewer is a prefix of the full one.
public enum EntryBundle {
    /// The length of an entry is written in 16 bits.
    public static let maximumEntryByteCount = 65_535

    /// One entry as it is appended to a bundle.
    public static func encode(_ entry: [UInt8]) throws(TileFormatError) -> [UInt8] {
        try encode([entry])
    }

    public static func encode(_ entries: [[UInt8]]) throws(TileFormatError) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(entries.reduce(0) { $0 + 2 + $1.count })
        for entry in entries {
            guard entry.count <= maximumEntryByteCount else { throw .entryTooLong(entry.count) }
            bytes.append(UInt8(entry.count >> 8))
            bytes.append(UInt8(entry.count & 0xff))
            bytes.append(contentsOf: entry)
        }
        return bytes
    }

    /// The entries of a bundle of exactly `width` (1 to 256).
    public static func decode(_ bytes: [UInt8], width: Int) throws(TileFormatError) -> [[UInt8]] {
        var entries: [[UInt8]] = []
        for range in try ranges(bytes, width: width) { entries.append(Array(bytes[range])) }
        return entries
    }

    /// Where in the bundle of exactly `width` entries each one's bytes are, without copying them.
    public static func ranges(_ bytes: [UInt8], width: Int) throws(TileFormatError) -> [Range<Int>] {
        precondition(width > 0 && width <= TileCoordinate.fullWidth, "entry bundle of width \(width)")
        var ranges: [Range<Int>] = []
        var offset = 0
        while offset < bytes.count {
            guard bytes.count - offset >= 2 else { throw .truncatedEntry(offset: offset) }
            let count = Int(bytes[offset]) << 8 | Int(bytes[offset + 1])
            guard bytes.count - offset - 2 >= count else { throw .truncatedEntry(offset: offset) }
            guard ranges.count < width else { throw .wrongEntryCount(expected: width, found: width + 1) }
            ranges.append((offset + 2)..<(offset + 2 + count))
            offset += 2 + count
        }
        guard ranges.count == width else { throw .wrongEntryCount(expected: width, found: ranges.count) }
        return ranges
    }
}
