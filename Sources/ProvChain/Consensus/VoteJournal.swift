/// The bytes of a validator's journal: what it said about views that are not decided, and the blocks and
/// certificates it needs to go on. There are two copies; each step is written and synced to one, then to the
/// other.
///
/// A frame is `mark, length, sequence number, payload, checksum`. Frames are numbered without gaps, so that
/// bytes missing at the end (a torn write, which nobody relied on) differ from bytes missing in between
/// (damage, after which the validator does not know what it said).
public enum VoteJournal {
    public enum Record: Hashable, Sendable, CBORCodable {
        /// The first record: whose journal it is.
        case owner(chain: Digest, key: Digest)
        case vote(SignedVote)
        case certificate(Certificate)
        case block(BlockHeader, body: [UInt8])

        /// CBOR `[number, content…]`.
        public func encode(to writer: inout CBORWriter) {
            switch self {
            case .owner(let chain, let key):
                writer.array(3)
                writer.uint(0)
                writer.digest(chain)
                writer.digest(key)
            case .vote(let vote):
                writer.array(2)
                writer.uint(1)
                writer.value(vote)
            case .certificate(let certificate):
                writer.array(2)
                writer.uint(2)
                writer.value(certificate)
            case .block(let header, let body):
                writer.array(3)
                writer.uint(3)
                writer.value(header)
                writer.byteString(body)
            }
        }

        public init(from reader: inout CBORReader) throws(CBORError) {
            let start = reader.offset
            let count = try reader.array()
            switch (try reader.uint(), count) {
            case (0, 3): self = .owner(chain: try reader.digest(), key: try reader.digest())
            case (1, 2): self = .vote(try reader.value())
            case (2, 2): self = .certificate(try reader.value())
            case (3, 3):
                self = .block(try reader.value(), body: try reader.byteString(atMost: VoteJournal.maximumRecordBytes))
            case let (number, count):
                throw CBORError(.invalidValue("no journal record \(number) of \(count) items"), at: start)
            }
        }
    }

    /// "PVJ1"
    static let mark: [UInt8] = [0x50, 0x56, 0x4a, 0x31]
    static let checksumBytes = 16
    /// Mark, 4 bytes of length, 8 of number.
    static let headBytes = 16
    public static let maximumRecordBytes = 16 << 20

    /// The frame of record number `sequence`: 0 for the owner, then counting up without a gap.
    public static func frame(_ record: Record, sequence: UInt64) -> [UInt8] {
        let payload = record.cbor
        precondition(payload.count <= maximumRecordBytes, "a journal record of \(payload.count) bytes")
        var bytes = mark
        bytes.reserveCapacity(headBytes + payload.count + checksumBytes)
        bytes += bigEndian(UInt64(payload.count), bytes: 4)
        bytes += bigEndian(sequence, bytes: 8)
        bytes += payload
        return bytes + SHA256.hash(bytes).bytes.prefix(checksumBytes)
    }

    private static func bigEndian(_ value: UInt64, bytes: Int) -> [UInt8] {
        stride(from: (bytes - 1) * 8, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> UInt64($0)) }
    }

    /// The frame that starts at `offset`, if there is a whole one.
    static func frame(in bytes: [UInt8], at offset: Int) -> (sequence: UInt64, payload: [UInt8], end: Int)? {
        guard bytes.count - offset >= headBytes + checksumBytes, bytes[offset..<(offset + 4)].elementsEqual(mark)
        else { return nil }
        func number(_ range: Range<Int>) -> UInt64 { bytes[range].reduce(0) { $0 << 8 | UInt64($1) } }
        let length = number((offset + 4)..<(offset + 8))
        guard length <= UInt64(maximumRecordBytes), bytes.count - offset >= headBytes + Int(length) + checksumBytes
        else { return nil }
        let end = offset + headBytes + Int(length)
        guard
            SHA256.hash(Array(bytes[offset..<end])).bytes.prefix(checksumBytes)
                .elementsEqual(bytes[end..<(end + checksumBytes)])
        else { return nil }
        return (
            number((offset + 8)..<(offset + 16)), Array(bytes[(offset + headBytes)..<end]), end + checksumBytes
        )
    }
}
