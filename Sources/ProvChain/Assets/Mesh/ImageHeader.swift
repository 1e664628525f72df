/// What the first bytes of an encoded image say, read before anyone decodes pixels.
public struct ImageHeader: Hashable, Sendable {
    public enum Format: String, Hashable, Sendable {
        case png = "image/png"
        case jpeg = "image/jpeg"
    }

    public enum Failure: Error, Hashable, Sendable {
        /// Neither PNG nor JPEG.
        case unrecognized
        case truncated
        case invalid
    }

    public let format: Format
    /// Pixels; more than 0.
    public let width, height: Int

    public init(_ bytes: ArraySlice<UInt8>) throws(Failure) {
        let png: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
        if bytes.prefix(8) == png[...] {
            (format, width, height) = try Self.png(bytes)
        } else if bytes.prefix(3) == [0xff, 0xd8, 0xff] {
            (format, width, height) = try Self.jpeg(bytes)
        } else {
            throw .unrecognized
        }
        guard width > 0, height > 0 else { throw .invalid }
    }

    private static func big(_ bytes: ArraySlice<UInt8>, _ offset: Int, _ count: Int) throws(Failure) -> Int {
        guard offset <= bytes.count - count else { throw .truncated }
        return (0..<count).reduce(0) { $0 << 8 | Int(bytes[bytes.startIndex + offset + $1]) }
    }

    /// The IHDR chunk, which comes first (PNG section 11.2.1).
    private static func png(_ bytes: ArraySlice<UInt8>) throws(Failure) -> (Format, Int, Int) {
        let (length, type) = (try big(bytes, 8, 4), try big(bytes, 12, 4))
        guard length == 13, type == 0x4948_4452 else { throw .invalid }
        let size = (try big(bytes, 16, 4), try big(bytes, 20, 4))
        _ = try big(bytes, 28, 5)
        guard size.0 < 1 << 31, size.1 < 1 << 31 else { throw .invalid }
        return (.png, size.0, size.1)
    }

    /// The first frame header (ITU-T T.81 section B.2.2), past whatever segments precede it.
    private static func jpeg(_ bytes: ArraySlice<UInt8>) throws(Failure) -> (Format, Int, Int) {
        var position = 2
        while true {
            guard try big(bytes, position, 1) == 0xff else { throw .invalid }
            let marker = try big(bytes, position + 1, 1)
            if marker == 0xff {
                position += 1
                continue
            }
            let isFrame = (0xc0...0xcf).contains(marker) && marker != 0xc4 && marker != 0xc8 && marker != 0xcc
            if isFrame { return (.jpeg, try big(bytes, position + 7, 2), try big(bytes, position + 5, 2)) }
            guard marker != 0xd9, marker != 0xda else { throw .invalid }
            let length = try big(bytes, position + 2, 2)
            guard length >= 2 else { throw .invalid }
            position += 2 + length
        }
    }
}
