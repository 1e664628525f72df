import ProvChain

/// Everything of the log that lasts: entries, tiles and certificates, extended block by block.
struct LogTiles {
    private(set) var extent: LogExtent
    private var writer: TileWriter
    private var compact: CompactTree
    private var entries: LogColumn
    private var certificates: LogColumn
    private var levels: [LogColumn]
    private let steps: LogSteps

    /// Continues from `point`: files are taken back to it, and the unfinished tiles are derived anew from the
    /// entries and tiles below them, so that none of their bytes has to be trusted.
    init(
        recovering point: DurablePoint, _ paths: LogPaths, _ steps: LogSteps, isReadOnly: Bool
    ) throws(LogStoreError) {
        let size = point.extent.size
        func column(_ content: LogContent, _ count: UInt64, _ bytes: Int) -> LogColumn {
            LogColumn(content, count: count, bytes: bytes, paths, steps, isReadOnly: isReadOnly)
        }
        entries = column(.entries, size, point.entryBytes)
        certificates = column(.certificates, point.extent.blockCount, point.certificateBytes)
        try entries.recover()
        try certificates.recover()
        levels = []
        var unfinished: [TileCoordinate: [Digest]] = [:]
        for level in 0...TileCoordinate.maximumLevel {
            let count = size >> UInt64(level * TileCoordinate.height)
            let hashes =
                level == 0
                ? try Self.leafHashes(count: count, bundleBytes: point.entryBytes, paths)
                : try Self.tileRoots(level: level, count: count, paths)
            unfinished[TileCoordinate(level: level, index: count / LogPaths.width)] = hashes
            let bytes = TileBytes.encode(hashes)
            levels.append(column(.hashes(level: level), count, bytes.count))
            try levels[level].restore(bytes)
        }
        do {
            let reader = UnfinishedTiles(hashes: unfinished)
            writer = try TileWriter(size: size, reader: reader)
            compact = try HistoryTree.compactTree(size: size, reader: reader)
        } catch {
            throw .durableCorrupt(file: paths.durable, reason: "\(error)")
        }
        guard compact.root == point.extent.root else {
            // The unfinished bundle is the only file that can be wrong without its tile telling.
            let bundle = size / LogPaths.width
            let isWhole = size.isMultiple(of: LogPaths.width)
            throw .itemCorrupt(
                file: isWhole ? paths.full(.hashes(level: 0), bundle - 1) : paths.growing(.entries, bundle),
                index: size - 1,
                reason: "with it the log has root \(compact.root), the log that was settled had \(point.extent.root)")
        }
        extent = point.extent
        self.steps = steps
    }

    /// Appends a block whose record is durable. After an error memory and disk no longer agree.
    mutating func append(_ block: LogBlock) throws(LogStoreError) {
        precondition(block.height == extent.blockCount, "block \(block.height) after \(extent.blockCount) blocks")
        precondition(!block.leaves.isEmpty, "block \(block.height) without leaves")
        for leaf in block.leaves { try entries.append(leaf) }
        try entries.flush()
        steps.reach(.appendMidTiles)
        for part in writer.append(block.leafHashes) { try levels[part.tile.level].append(hashes: part.hashes) }
        for level in levels.indices { try levels[level].flush() }
        compact.append(contentsOf: block.leafHashes)
        extent = LogExtent(
            size: compact.size, blockCount: block.height + 1, lastTime: block.time, root: compact.root)
        let certificate = LogCertificate(
            height: block.height, headerLeafIndex: extent.size - 1, blockTime: block.time,
            certificate: block.certificate)
        try certificates.append(certificate.cbor)
        try certificates.flush()
        steps.reach(.appendAfterTiles)
    }

    /// Where the log is now, to be stored once everything unsettled is synced.
    var point: DurablePoint {
        DurablePoint(
            extent: extent, entryBytes: entries.growingBytes, certificateBytes: certificates.growingBytes)
    }

    mutating func takeUnsettled() -> LogUnsettled {
        var all = entries.takeUnsettled()
        all.merge(certificates.takeUnsettled())
        for level in levels.indices { all.merge(levels[level].takeUnsettled()) }
        return all
    }

    /// What a read-only log adds to the files.
    var additions: [LogUnsettled.File: LogAddition] {
        var all: [LogUnsettled.File: LogAddition] = [:]
        for column in [entries, certificates] + levels {
            for (number, addition) in column.additions {
                all[LogUnsettled.File(content: column.content, number: number)] = addition
            }
        }
        return all
    }

    // MARK: Deriving unfinished tiles

    private static func leafHashes(
        count: UInt64, bundleBytes: Int, _ paths: LogPaths
    ) throws(LogStoreError) -> [Digest] {
        let width = Int(count % LogPaths.width)
        guard width > 0 else { return [] }
        let number = count / LogPaths.width
        let bytes = try LogReader.file(.entries, number, paths).read(at: 0, count: bundleBytes)
        let items = try LogReader.items(bytes, count: width, .entries, number, paths)
        return items.map { range in
            bytes.withUnsafeBytes { MerkleHash.leaf(UnsafeRawBufferPointer(rebasing: $0[range])) }
        }
    }

    private static func tileRoots(level: Int, count: UInt64, _ paths: LogPaths) throws(LogStoreError) -> [Digest] {
        var roots: [Digest] = []
        for index in (count - count % LogPaths.width)..<count {
            let content = LogContent.hashes(level: level - 1)
            let file = try LogReader.file(content, index, paths)
            let bytes = try file.read(at: 0, count: TileCoordinate.fullByteCount)
            guard bytes.count == TileCoordinate.fullByteCount, let hashes = TileBytes.decode(bytes) else {
                throw .fileTooShort(
                    file: file.path, expectedBytes: TileCoordinate.fullByteCount, foundBytes: bytes.count)
            }
            roots.append(hashes.perfectRoot)
        }
        return roots
    }

    private struct UnfinishedTiles: TileReader {
        let hashes: [TileCoordinate: [Digest]]

        func hashes(tile: TileCoordinate, width: Int) throws(MerkleError) -> [Digest] {
            guard let known = hashes[tile], width <= known.count else {
                throw .tileUnavailable(tile, width: width, reason: "not derived")
            }
            return Array(known.prefix(width))
        }
    }
}

extension [Digest] {
    /// The root of the perfect subtree over a full tile's hashes.
    var perfectRoot: Digest {
        var tree = CompactTree()
        tree.append(contentsOf: self)
        return tree.root
    }
}
