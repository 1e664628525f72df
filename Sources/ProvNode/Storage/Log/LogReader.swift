import ProvChain
import Synchronization

/// Reads the log from any thread: entries, certificates, and tiles for proofs and for serving.
///
/// Files only grow and never change, so what was published once can be read without a lock, for ever.
final class LogReader: Sendable {
    let paths: LogPaths
    /// What is in the commit segments only, for a log opened by ``open(at:)``.
    private let additions: [LogUnsettled.File: LogAddition]
    private let published: Mutex<LogExtent>
    /// Tiles of recent proofs.
    let tiles = TileCache()

    init(_ paths: LogPaths, extent: LogExtent, additions: [LogUnsettled.File: LogAddition] = [:]) {
        self.paths = paths
        self.additions = additions
        published = Mutex(extent)
    }

    /// Attempts at a moment between two settlements of the log's writer.
    private static let maximumAttempts = 8

    /// The log in `<home>/log` as it is now, without writing anything; its writer may be at work. Blocks
    /// appended later are not seen. Blocks that are not settled yet are held in memory.
    static func open(at home: String) throws(LogStoreError) -> LogReader {
        let paths = LogPaths(home: home)
        var attempt = 0
        while true {
            attempt += 1
            guard let point = try DurablePoint.load(paths) else { throw .fileMissing(file: paths.durable) }
            let result = Result { () throws(LogStoreError) in try LogReader(paths, continuing: point) }
            // A settlement in between has deleted segments or moved files under our eyes.
            if attempt < maximumAttempts, try DurablePoint.load(paths) != point { continue }
            return try result.get()
        }
    }

    private convenience init(_ paths: LogPaths, continuing point: DurablePoint) throws(LogStoreError) {
        let segments = try CommitLog.segments(paths)
        var tiles = try LogTiles(recovering: point, paths, LogSteps(), isReadOnly: true)
        try CommitLog.replay(segments, from: tiles.extent.blockCount) { block throws(LogStoreError) in
            try tiles.append(block)
        }
        self.init(paths, extent: tiles.extent, additions: tiles.additions)
    }

    // MARK: Extent

    func publish(_ extent: LogExtent) { published.withLock { $0 = extent } }

    var extent: LogExtent { published.withLock { $0 } }
    /// Leaves of the history tree.
    var size: UInt64 { extent.size }
    /// The height of the last block; `nil` before the first.
    var height: UInt64? { extent.height }

    /// The root of the first `size` leaves, for any size up to the present one.
    func root(at size: UInt64) throws(MerkleError) -> Digest { try HistoryTree.root(size: size, reader: self) }

    // MARK: Entries

    /// The leaf at `index`.
    func entry(_ index: UInt64) throws(LogStoreError) -> [UInt8] {
        let size = size
        guard index < size else { throw .outOfRange(index: index, count: size) }
        let number = index / LogPaths.width
        let position = Int(index % LogPaths.width)
        let bytes = try bytes(.entries, number)
        return Array(bytes[try items(bytes, count: position + 1, .entries, number)[position]])
    }

    /// The leaves at `indexes`, which ascend: each bundle is read once.
    func entries(at indexes: [UInt64]) throws(LogStoreError) -> [[UInt8]] {
        var walk = LogWalk(self)
        var entries: [[UInt8]] = []
        entries.reserveCapacity(indexes.count)
        for index in indexes { entries.append(try walk.entry(index)) }
        return entries
    }

    // MARK: Blocks

    /// Where the header of `height` is, and why the block is final.
    func certificate(_ height: UInt64) throws(LogStoreError) -> LogCertificate {
        let count = extent.blockCount
        guard height < count else { throw .outOfRange(index: height, count: count) }
        let number = height / LogPaths.width
        let position = Int(height % LogPaths.width)
        let bytes = try bytes(.certificates, number)
        let items = try items(bytes, count: position + 1, .certificates, number)
        return try decodeCertificate(Array(bytes[items[position]]), height)
    }

    func headerLeafIndex(_ height: UInt64) throws(LogStoreError) -> UInt64 {
        try certificate(height).headerLeafIndex
    }

    /// The whole block, as it was appended.
    func block(_ height: UInt64) throws(LogStoreError) -> LogBlock {
        var walk = LogWalk(self)
        return try walk.block(height)
    }

    /// The height of the block that appended the leaf at `index`.
    func height(ofLeaf index: UInt64) throws(LogStoreError) -> UInt64 {
        let extent = extent
        guard index < extent.size else { throw .outOfRange(index: index, count: extent.size) }
        // The last file whose first block ends before the leaf, or the first file.
        var (low, high) = (UInt64(0), (extent.blockCount - 1) / LogPaths.width)
        while low < high {
            let middle = (low + high + 1) / 2
            if try firstCertificate(middle).headerLeafIndex < index { low = middle } else { high = middle - 1 }
        }
        let bytes = try bytes(.certificates, low)
        let count = min(extent.blockCount - low * LogPaths.width, LogPaths.width)
        let items = try items(bytes, count: Int(count), .certificates, low)
        for (position, item) in items.enumerated() {
            let height = low * LogPaths.width + UInt64(position)
            if try decodeCertificate(Array(bytes[item]), height).headerLeafIndex >= index { return height }
        }
        return (low + 1) * LogPaths.width
    }

    private func firstCertificate(_ number: UInt64) throws(LogStoreError) -> LogCertificate {
        let content = LogContent.certificates
        let head = try bytes(content, number, atMost: content.lengthBytes)
        let length = head.reduce(0) { $0 << 8 | Int($1) }
        let bytes = try bytes(content, number, atMost: content.lengthBytes + length)
        let items = try items(bytes, count: 1, content, number)
        return try decodeCertificate(Array(bytes[items[0]]), number * LogPaths.width)
    }

    func decodeCertificate(_ bytes: [UInt8], _ height: UInt64) throws(LogStoreError) -> LogCertificate {
        let file = paths.full(.certificates, height / LogPaths.width)
        let certificate: LogCertificate
        do {
            certificate = try LogCertificate(cbor: bytes)
        } catch {
            throw .itemCorrupt(file: file, index: height, reason: "\(error)")
        }
        guard certificate.height == height else {
            throw .itemCorrupt(file: file, index: height, reason: "is for height \(certificate.height)")
        }
        return certificate
    }

    // MARK: Files

    /// The file of that number, wherever it is at the moment.
    static func open(
        _ content: LogContent, _ number: UInt64, _ paths: LogPaths
    ) throws(LogStoreError) -> LogFile? {
        let full = paths.full(content, number)
        if let file = try LogFile.openIfPresent(full, .read) { return file }
        if let file = try LogFile.openIfPresent(paths.growing(content, number), .read) { return file }
        // It became full, and was moved, between the two looks.
        return try LogFile.openIfPresent(full, .read)
    }

    static func file(_ content: LogContent, _ number: UInt64, _ paths: LogPaths) throws(LogStoreError) -> LogFile {
        guard let file = try open(content, number, paths) else {
            throw .fileMissing(file: paths.full(content, number))
        }
        return file
    }

    /// The content of a file, or its first `limit` bytes. What follows the published items may be torn.
    func bytes(_ content: LogContent, _ number: UInt64, atMost limit: Int = .max) throws(LogStoreError) -> [UInt8] {
        guard let addition = additions[LogUnsettled.File(content: content, number: number)] else {
            let file = try Self.file(content, number, paths)
            return try file.read(at: 0, count: min(limit, try file.length()))
        }
        var bytes: [UInt8] = []
        if addition.start > 0 {
            bytes = try Self.file(content, number, paths).read(at: 0, count: min(limit, addition.start))
        }
        bytes.append(contentsOf: addition.bytes.prefix(limit - bytes.count))
        return bytes
    }

    /// Where the first `count` items of a bundle are in its bytes.
    static func items(
        _ bytes: [UInt8], count: Int, _ content: LogContent, _ number: UInt64, _ paths: LogPaths
    ) throws(LogStoreError) -> [Range<Int>] {
        var items: [Range<Int>] = []
        items.reserveCapacity(count)
        var offset = 0
        for position in 0..<count {
            let start = offset + content.lengthBytes
            let length = start <= bytes.count ? bytes[offset..<start].reduce(0) { $0 << 8 | Int($1) } : 0
            guard start <= bytes.count, length <= bytes.count - start else {
                throw .itemCorrupt(
                    file: paths.full(content, number), index: number * LogPaths.width + UInt64(position),
                    reason: "the file ends inside it, after \(bytes.count) bytes")
            }
            items.append(start..<(start + length))
            offset = start + length
        }
        return items
    }

    func items(
        _ bytes: [UInt8], count: Int, _ content: LogContent, _ number: UInt64
    ) throws(LogStoreError) -> [Range<Int>] {
        try Self.items(bytes, count: count, content, number, paths)
    }

    func path(_ content: LogContent, _ number: UInt64) -> String { paths.full(content, number) }

    /// The file that holds the certificate of a block.
    func certificateFile(_ height: UInt64) -> String { path(.certificates, height / LogPaths.width) }
}
