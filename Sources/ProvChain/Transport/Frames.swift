/// A frame is one message between nodes: its length, four bytes, big-endian, and its bytes.
///
/// Frames follow each other in what the Noise messages of a connection carry; where one Noise message ends
/// and the next begins means nothing.
struct FrameReader: Sendable {
    /// The bytes of a length that is not whole yet.
    private var head: [UInt8] = []
    private var body: [UInt8] = []
    private var expected: Int?

    static let headBytes = 4
    /// Kept for a frame before its bytes arrive: an announcement alone costs its receiver nothing more.
    static let reservedBytes = 64 << 10

    /// Bytes of the frame that is not whole yet.
    var pendingBytes: Int { head.count + body.count }

    /// Takes further bytes, and gives the frames that end in them.
    mutating func append(_ bytes: [UInt8]) throws(ChannelError) -> [[UInt8]] {
        var frames: [[UInt8]] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let count = expected else {
                let part = rest.prefix(Self.headBytes - head.count)
                head += part
                rest = rest.dropFirst(part.count)
                if head.count == Self.headBytes { try begin() }
                continue
            }
            let part = rest.prefix(count - body.count)
            body += part
            rest = rest.dropFirst(part.count)
            if body.count == count {
                frames.append(body)
                body = []
                expected = nil
            }
        }
        return frames
    }

    private mutating func begin() throws(ChannelError) {
        let count = head.reduce(0) { $0 << 8 | Int($1) }
        guard (1...Wire.frameBytes).contains(count) else { throw .frameLength(limit: Wire.frameBytes, found: count) }
        head.removeAll(keepingCapacity: true)
        expected = count
        body.reserveCapacity(min(count, Self.reservedBytes))
    }

    static func head(_ count: Int) -> [UInt8] {
        precondition((1...Wire.frameBytes).contains(count), "a frame of \(count) bytes")
        return (0..<headBytes).map { UInt8(truncatingIfNeeded: count >> (8 * (headBytes - 1 - $0))) }
    }
}
