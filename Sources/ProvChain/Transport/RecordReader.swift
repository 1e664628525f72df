/// Finds Noise messages in a stream of bytes: each follows its length, two bytes, big-endian.
///
/// Holds at most one incomplete message. A length that cannot be is refused when its two bytes are there,
/// before anything is kept for it.
struct RecordReader: Sendable {
    private var stream: [UInt8] = []
    /// Bytes of `stream` already given away.
    private var consumed = 0

    static let headBytes = 2

    /// Bytes that wait for the rest of their message.
    var pendingBytes: Int { stream.count - consumed }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        // What is left is part of one message, so the move is short.
        if consumed > 0 {
            stream.removeFirst(consumed)
            consumed = 0
        }
        stream.append(contentsOf: bytes)
    }

    /// The next whole message, whose length must be one of `possible`; `nil` if more bytes are needed.
    mutating func next(_ possible: ClosedRange<Int>) throws(ChannelError) -> [UInt8]? {
        guard stream.count - consumed >= Self.headBytes else { return nil }
        let count = Int(stream[consumed]) << 8 | Int(stream[consumed + 1])
        guard possible.contains(count) else {
            throw .noise(.wrongLength(expected: possible, found: count))
        }
        let start = consumed + Self.headBytes
        guard stream.count - start >= count else { return nil }
        consumed = start + count
        return Array(stream[start..<consumed])
    }

    static func head(_ count: Int) -> [UInt8] {
        precondition(count <= NoiseSession.messageBytes, "a record of \(count) bytes")
        return [UInt8(count >> 8), UInt8(count & 0xff)]
    }
}
