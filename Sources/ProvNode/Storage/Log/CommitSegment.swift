import ProvChain

/// One write-ahead file: blocks as they became final, until the tiles that hold them are synced.
///
/// ```
/// segment  "PROVSEG2" · first height (8 bytes) · salt (16 random bytes) · record…
/// record   "PREC" · length (4 bytes) · seal (8 bytes) · checksum (32 bytes) · payload
/// payload  one block or more, each CBOR [height, time, [leaf…], certificate]
/// seal     the first 8 bytes of SHA-256(salt · offset of the record (8 bytes) · length (4 bytes))
/// checksum SHA-256(salt · offset of the record (8 bytes) · length (4 bytes) · payload)
/// ```
/// Numbers are big-endian. Every record was synced before the next was written, so a record that cannot be
/// read is either the last thing in the file, cut short by a crash and never acknowledged, or damage. Salt
/// and offset keep a statement from carrying bytes that would pass for a record and blur the difference. The
/// seal keeps it from carrying bytes that have to be hashed to see that they are none: a damaged end may hold
/// a claimed record every few bytes, each reaching to the end of the file.
struct CommitSegment {
    static let magic = Array("PROVSEG2".utf8)
    static let recordMagic = Array("PREC".utf8)
    static let saltBytes = 16
    static let headerBytes = 8 + 8 + saltBytes
    static let sealBytes = 8
    static let recordHeaderBytes = 4 + 4 + sealBytes + Digest.byteCount
    /// The longest payload: what a reader must be ready to hold.
    static let maximumPayloadBytes = 64 << 20

    let path: String
    let firstHeight: UInt64
    private let bytes: [UInt8]
    /// Where the payloads are, in order.
    private let payloads: [Range<Int>]

    static func header(firstHeight: UInt64, salt: [UInt8]) -> [UInt8] {
        precondition(salt.count == saltBytes, "a salt of \(salt.count) bytes")
        return magic + bigEndian(firstHeight, count: 8) + salt
    }

    /// What stands before the payload of a record that starts `offset` bytes into its segment.
    static func recordHeader(_ payload: [UInt8], salt: [UInt8], offset: Int) -> [UInt8] {
        var record: [UInt8] = []
        record.reserveCapacity(recordHeaderBytes)
        record += recordMagic
        record += bigEndian(UInt64(payload.count), count: 4)
        record += seal(length: payload.count, salt: salt[...], offset: offset)
        let sum = payload.withUnsafeBytes { checksum($0, salt: salt[...], offset: offset) }
        sum.withBytes { record.append(contentsOf: $0) }
        return record
    }

    /// Reads a segment whole.
    /// - Parameter isLast: whether a crash may have cut its end.
    /// - Returns: `nil` if there is no such file any more.
    static func read(
        _ path: String, firstHeight: UInt64, isLast: Bool
    ) throws(LogStoreError) -> CommitSegment? {
        guard let bytes = try LogFile.openIfPresent(path, .read)?.readAll() else { return nil }
        // The header is synced before the first record is written.
        guard bytes.count >= headerBytes else {
            guard isLast else { throw .segmentCorrupt(file: path, offset: 0, reason: "no header") }
            return CommitSegment(path: path, firstHeight: firstHeight, bytes: bytes, payloads: [])
        }
        let salt = bytes[16..<headerBytes]
        let hasHeader = bytes.starts(with: header(firstHeight: firstHeight, salt: Array(salt)))
        guard hasHeader || (isLast && bytes.count == headerBytes) else {
            throw .segmentCorrupt(file: path, offset: 0, reason: "not a header for height \(firstHeight)")
        }
        var payloads: [Range<Int>] = []
        var offset = headerBytes
        while offset < bytes.count {
            switch payload(of: bytes, at: offset, salt: salt) {
            case .success(let range):
                payloads.append(range)
                offset = range.upperBound
            case .failure(let fault):
                guard isLast, !containsRecord(bytes, after: offset, salt: salt) else {
                    throw .segmentCorrupt(file: path, offset: offset, reason: fault.reason)
                }
                return CommitSegment(path: path, firstHeight: firstHeight, bytes: bytes, payloads: payloads)
            }
        }
        return CommitSegment(path: path, firstHeight: firstHeight, bytes: bytes, payloads: payloads)
    }

    /// Hands over every block in order.
    func forEachBlock(_ body: (LogBlock) throws(LogStoreError) -> Void) throws(LogStoreError) {
        for range in payloads {
            var reader = CBORReader(Array(bytes[range]))
            while !reader.isAtEnd {
                let block: LogBlock
                do {
                    block = try reader.value()
                } catch {
                    throw .segmentCorrupt(file: path, offset: range.lowerBound, reason: "\(error)")
                }
                try body(block)
            }
        }
    }

    // MARK: Records

    /// Why there is no record at a place. The text is made for the one place that is reported.
    enum Fault: Error, Equatable {
        case cutShort(Int)
        case noStart
        case tooLong(Int, remaining: Int)
        case seal
        case checksum

        var reason: String {
            switch self {
            case .cutShort(let count): "\(count) bytes of a record"
            case .noStart: "not the start of a record"
            case .tooLong(let length, let remaining): "a record of \(length) bytes where \(remaining) remain"
            case .seal: "a length that was not written here"
            case .checksum: "wrong checksum"
            }
        }
    }

    /// Where the payload of the record at `offset` lies. It is hashed only if the record's length was written there.
    static func payload(
        of bytes: [UInt8], at offset: Int, salt: ArraySlice<UInt8>
    ) -> Result<Range<Int>, Fault> {
        let start = offset + recordHeaderBytes
        guard start <= bytes.count else { return .failure(.cutShort(bytes.count - offset)) }
        guard bytes[offset..<(offset + 4)].elementsEqual(recordMagic) else { return .failure(.noStart) }
        let length = bytes[(offset + 4)..<(offset + 8)].reduce(0) { $0 << 8 | Int($1) }
        guard length <= maximumPayloadBytes, length <= bytes.count - start else {
            return .failure(.tooLong(length, remaining: bytes.count - start))
        }
        let sealEnd = offset + 8 + sealBytes
        guard bytes[(offset + 8)..<sealEnd].elementsEqual(seal(length: length, salt: salt, offset: offset)) else {
            return .failure(.seal)
        }
        let range = start..<(start + length)
        let found = bytes.withUnsafeBytes { buffer in
            checksum(UnsafeRawBufferPointer(rebasing: buffer[range]), salt: salt, offset: offset)
        }
        guard found.bytes.elementsEqual(bytes[sealEnd..<start]) else { return .failure(.checksum) }
        return .success(range)
    }

    /// One short hash for each place that looks like a record; payloads are hashed only behind a true seal, so
    /// only those that were written, which do not overlap.
    private static func containsRecord(_ bytes: [UInt8], after offset: Int, salt: ArraySlice<UInt8>) -> Bool {
        let last = bytes.count - recordHeaderBytes
        guard offset < last else { return false }
        return ((offset + 1)...last).contains { candidate in
            guard bytes[candidate] == recordMagic[0] else { return false }
            return switch payload(of: bytes, at: candidate, salt: salt) {
            case .success: true
            case .failure: false
            }
        }
    }

    private static func seal(length: Int, salt: ArraySlice<UInt8>, offset: Int) -> ArraySlice<UInt8> {
        var hash = SHA256()
        hash.update(Array(salt) + bigEndian(UInt64(offset), count: 8) + bigEndian(UInt64(length), count: 4))
        return hash.finalize().bytes.prefix(sealBytes)
    }

    private static func checksum(_ payload: UnsafeRawBufferPointer, salt: ArraySlice<UInt8>, offset: Int) -> Digest {
        var hash = SHA256()
        hash.update(Array(salt) + bigEndian(UInt64(offset), count: 8) + bigEndian(UInt64(payload.count), count: 4))
        hash.update(payload)
        return hash.finalize()
    }

    static func bigEndian(_ value: UInt64, count: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64((count - 1 - $0) * 8)) }
    }
}
