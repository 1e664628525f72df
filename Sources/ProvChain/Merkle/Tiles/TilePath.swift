/// The path of a tile or an entry bundle below a log's prefix (C2SP tlog-tiles):
/// `tile/<L>/<N>[.p/<W>]` and `tile/entries/<N>[.p/<W>]`.
///
/// N is in groups of three digits, all but the last prefixed `x` (1234067 is `x001/x234/067`). `.p/<W>` is
/// there exactly if the width W is less than 256. Every path has one spelling; any other is refused.
public enum TilePath: Hashable, Sendable {
    /// `width` is 1 to 256.
    case hashes(TileCoordinate, width: Int)
    /// `width` is 1 to 256.
    case entries(index: UInt64, width: Int)

    /// The index of the last tile of the largest tree.
    public static let maximumIndex = HistoryTree.maximumSize / UInt64(TileCoordinate.fullWidth)
    /// The longest path has 7 groups of digits; nothing longer is looked at.
    public static let maximumByteCount = 64

    public var text: String {
        switch self {
        case .hashes(let tile, let width):
            "tile/\(tile.level)/\(Self.digits(tile.index))\(Self.suffix(width))"
        case .entries(let index, let width):
            "tile/entries/\(Self.digits(index))\(Self.suffix(width))"
        }
    }

    /// Throws ``TileFormatError/path`` for anything but the one spelling of a path that can exist.
    public init(_ text: String) throws(TileFormatError) {
        guard text.utf8.count <= Self.maximumByteCount else { throw .path }
        var parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map(Array.init)
        guard parts.count >= 3, parts[0] == Array("tile".utf8) else { throw .path }
        var width = TileCoordinate.fullWidth
        let partial = Array(".p".utf8)
        if parts.count >= 4, parts[parts.count - 2].suffix(2) == partial[...] {
            guard let value = Self.decimal(parts[parts.count - 1]), value > 0, value < width else { throw .path }
            width = Int(value)
            parts.removeLast()
            parts[parts.count - 1].removeLast(2)
        }
        guard let index = Self.index(parts[2...]) else { throw .path }
        if parts[1] == Array("entries".utf8) {
            self = .entries(index: index, width: width)
        } else {
            guard let level = Self.decimal(parts[1]), level <= TileCoordinate.maximumLevel else { throw .path }
            self = .hashes(TileCoordinate(level: Int(level), index: index), width: width)
        }
    }

    private static func digits(_ index: UInt64) -> String {
        var groups: [String] = []
        var rest = index
        repeat {
            let group = String(rest % 1000)
            groups.append(String(repeating: "0", count: 3 - group.utf8.count) + group)
            rest /= 1000
        } while rest > 0
        return groups.enumerated().reversed().map { $0.offset == 0 ? $0.element : "x\($0.element)/" }.joined()
    }

    private static func suffix(_ width: Int) -> String {
        precondition(width > 0 && width <= TileCoordinate.fullWidth, "tile width \(width)")
        return width == TileCoordinate.fullWidth ? "" : ".p/\(width)"
    }

    private static func index(_ groups: ArraySlice<[UInt8]>) -> UInt64? {
        // Seven groups hold any number below 10^21; with the first not zero, more would be too large.
        guard let last = groups.last, groups.count <= 7 else { return nil }
        var value: UInt64 = 0
        for (position, group) in groups.enumerated() {
            let isLast = position == groups.count - 1
            guard isLast ? last.count == 3 : group.count == 4 && group[0] == UInt8(ascii: "x") else { return nil }
            var number: UInt64 = 0
            for byte in group.suffix(3) {
                guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
                number = number * 10 + UInt64(byte - UInt8(ascii: "0"))
            }
            if position == 0, !isLast, number == 0 { return nil }
            let (product, overflow) = value.multipliedReportingOverflow(by: 1000)
            let (sum, carry) = product.addingReportingOverflow(number)
            guard !overflow, !carry else { return nil }
            value = sum
        }
        return value <= maximumIndex ? value : nil
    }

    /// A decimal number of at most three digits without leading zeros.
    private static func decimal(_ digits: [UInt8]) -> UInt64? {
        guard !digits.isEmpty, digits.count <= 3, digits.count == 1 || digits[0] != UInt8(ascii: "0") else {
            return nil
        }
        var value: UInt64 = 0
        for byte in digits {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + UInt64(byte - UInt8(ascii: "0"))
        }
        return value
    }
}

/// Why bytes are not a tile path or an entry bundle.
public enum TileFormatError: Error, Hashable, Sendable {
    /// Not the canonical path of a tile that can exist: answer 404.
    case path
    /// An entry is at most 65,535 bytes.
    case entryTooLong(Int)
    /// A bundle holds 1 to 256 entries, and as many as its width says.
    case wrongEntryCount(expected: Int, found: Int)
    /// The bundle ends inside the entry that starts at this byte.
    case truncatedEntry(offset: Int)
}
