import ProvChain

/// The durable step: appends records to the newest segment and waits for the disk.
struct CommitLog {
    /// A segment that has reached this length is closed; the next block starts a new one.
    static let segmentBytes = 16 << 20

    private let paths: LogPaths
    private let steps: LogSteps
    private var current: Segment?
    /// Segments that will not grow any more, oldest first.
    private var closed: [String] = []
    /// False if a failed append could not be taken back, so that nothing may follow it.
    private(set) var isIntact = true
    /// The payload at hand; its memory is used again.
    private var payload = CBORWriter(reserving: 1 << 16)

    private struct Segment {
        let file: LogFile
        let salt: [UInt8]
        var length: Int
    }

    /// - Parameter old: the segments found on the disk; they are deleted with the next settlement.
    init(_ paths: LogPaths, old: [String], _ steps: LogSteps) {
        self.paths = paths
        self.closed = old
        self.steps = steps
    }

    /// Writes the blocks as one record: after a crash all of them are there or none. They are durable once the sync
    /// that this returns has run, and nothing may be written before that (``synced()``).
    /// - Returns: the bytes written, and the wait for the disk.
    mutating func append(_ blocks: [LogBlock]) throws(LogStoreError) -> (bytes: Int, sync: CommitSync) {
        precondition(!blocks.isEmpty, "a record without a block")
        payload.removeAll()
        for block in blocks { payload.value(block) }
        guard payload.bytes.count <= CommitSegment.maximumPayloadBytes else {
            throw .recordTooLong(bytes: payload.bytes.count, limit: CommitSegment.maximumPayloadBytes)
        }
        if let length = current?.length, length >= Self.segmentBytes { rotate() }
        var segment = try openSegment(firstHeight: blocks[0].height)
        let header = CommitSegment.recordHeader(payload.bytes, salt: segment.salt, offset: segment.length)
        let count = header.count + payload.bytes.count
        do {
            try write(header, payload.bytes, to: segment)
        } catch {
            isIntact = (try? segment.file.truncate(to: segment.length)) != nil
            current = segment
            throw error
        }
        // From here an error leaves open whether the block is on the disk.
        isIntact = false
        segment.length += count
        current = segment
        return (count, CommitSync(file: segment.file, steps: steps))
    }

    /// The sync of the last record has run.
    mutating func synced() { isIntact = true }

    /// Closes the current segment; the next block starts a new one.
    mutating func rotate() {
        guard let current else { return }
        closed.append(current.file.path)
        self.current = nil
    }

    /// Gives up the closed segments to whoever deletes them.
    mutating func takeClosed() -> [String] {
        defer { closed = [] }
        return closed
    }

    private mutating func openSegment(firstHeight: UInt64) throws(LogStoreError) -> Segment {
        if let current { return current }
        do {
            return try create(firstHeight: firstHeight)
        } catch {
            if case .syncFailed = error { isIntact = false }
            throw error
        }
    }

    /// A new segment whose name and header are on the disk before the first record is written.
    private func create(firstHeight: UInt64) throws(LogStoreError) -> Segment {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<CommitSegment.saltBytes).map { _ in UInt8.random(in: 0...255, using: &generator) }
        let header = CommitSegment.header(firstHeight: firstHeight, salt: salt)
        let path = paths.segment(firstHeight: firstHeight)
        do {
            let file = try LogFile.open(path, .replace(mode: 0o600))
            try file.write(header, at: 0)
            try file.sync()
            try LogFolder.sync(paths.commit)
            steps.reach(.segmentCreated)
            return Segment(file: file, salt: salt, length: header.count)
        } catch {
            // Nothing is in it; the error at hand says more than one about the clean-up would.
            try? LogFolder.remove(path)
            throw error
        }
    }

    private func write(_ header: [UInt8], _ payload: [UInt8], to segment: Segment) throws(LogStoreError) {
        let count = header.count + payload.count
        if let code = steps.failure(at: .appendBeforeWrite) {
            throw .last("write", segment.file.path, bytes: count, code: code)
        }
        try segment.file.write(header, at: segment.length)
        let start = segment.length + header.count
        guard steps.watches(.appendHalfWritten) else { return try segment.file.write(payload, at: start) }
        let half = payload.count / 2
        try segment.file.write(payload[..<half], at: start)
        if let code = steps.failure(at: .appendHalfWritten) {
            throw .last("write", segment.file.path, bytes: count, code: code)
        }
        try segment.file.write(payload[half...], at: start + half)
    }
}

/// The wait for the disk after a record was written.
struct CommitSync: Sendable {
    fileprivate let file: LogFile
    fileprivate let steps: LogSteps

    /// On any thread, once.
    func run() throws(LogStoreError) {
        if let code = steps.failure(at: .appendBeforeSync) { throw .syncFailed(file: file.path, code: code) }
        try file.sync()
        steps.reach(.appendAfterSync)
    }
}

extension CommitLog {
    /// The segments on the disk by first height. Files with other names are not ours and are left alone.
    static func segments(_ paths: LogPaths) throws(LogStoreError) -> [(path: String, firstHeight: UInt64)] {
        var found: [(path: String, firstHeight: UInt64)] = []
        for name in try LogFolder.names(in: paths.commit) where name.hasSuffix(".seg") {
            guard let height = UInt64(name.dropLast(4)), paths.segment(firstHeight: height).hasSuffix("/" + name) else {
                continue
            }
            found.append((paths.commit + "/" + name, height))
        }
        return found.sorted { $0.firstHeight < $1.firstHeight }
    }

    /// Hands over the blocks from `height` on that the segments hold, in order and without a gap.
    static func replay(
        _ segments: [(path: String, firstHeight: UInt64)], from height: UInt64,
        _ body: (LogBlock) throws(LogStoreError) -> Void
    ) throws(LogStoreError) {
        var expected = height
        for (index, entry) in segments.enumerated() {
            let isLast = index == segments.count - 1
            // Settled as a whole, only not deleted yet.
            if !isLast, segments[index + 1].firstHeight <= expected { continue }
            guard entry.firstHeight <= expected else {
                throw .blocksMissing(file: entry.path, expectedHeight: expected, foundHeight: entry.firstHeight)
            }
            // Gone since it was listed: a writer has settled it. If not, the next segment shows the gap.
            guard let segment = try CommitSegment.read(entry.path, firstHeight: entry.firstHeight, isLast: isLast)
            else { continue }
            try segment.forEachBlock { block throws(LogStoreError) in
                guard block.height >= expected else { return }
                guard block.height == expected else {
                    throw .blocksMissing(file: entry.path, expectedHeight: expected, foundHeight: block.height)
                }
                try body(block)
                expected += 1
            }
        }
    }
}
