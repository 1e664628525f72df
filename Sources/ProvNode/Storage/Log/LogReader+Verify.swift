import ProvChain

extension LogReader {
    /// Reads the whole log and checks it against itself: every entry against its leaf hash, every tile
    /// against its hash in the tile above, the unfinished tiles against the root, the certificates against
    /// the leaves they point at. The first thing wrong is thrown, with its file and number.
    ///
    /// - Parameter progress: told after each bundle how many entries of how many were checked.
    func verifyAll(_ progress: (_ done: UInt64, _ total: UInt64) -> Void = { _, _ in }) throws(LogStoreError) {
        let extent = extent
        try verifyEntries(extent.size, progress)
        for level in 1...TileCoordinate.maximumLevel { try verifyTiles(level: level, extent.size) }
        let root: Digest
        do {
            root = try self.root(at: extent.size)
        } catch {
            throw .itemCorrupt(file: path(.hashes(level: 0), 0), index: 0, reason: "\(error)")
        }
        guard root == extent.root else {
            throw .rootMismatch(size: extent.size, expected: extent.root, found: root)
        }
        for level in 0...TileCoordinate.maximumLevel { try verifyGrowingTile(level: level, extent.size) }
        try verifyCertificates(extent)
    }

    /// The unfinished tile of a level as its file has it. Opening the log derives it again from the entries,
    /// so damage here heals at the next start; it is told all the same.
    private func verifyGrowingTile(level: Int, _ size: UInt64) throws(LogStoreError) {
        let count = size >> UInt64(level * TileCoordinate.height)
        let width = Int(count % LogPaths.width)
        guard width > 0, let file = try Self.open(.hashes(level: level), count / LogPaths.width, paths) else { return }
        let derived = try bytes(.hashes(level: level), count / LogPaths.width, atMost: width * Digest.byteCount)
        let found = try file.read(at: 0, count: min(derived.count, try file.length()))
        guard let wrong = zip(found, derived).enumerated().first(where: { $1.0 != $1.1 })?.offset else { return }
        throw .itemCorrupt(
            file: paths.growing(.hashes(level: level), count / LogPaths.width),
            index: count - UInt64(width) + UInt64(wrong / Digest.byteCount),
            reason: "the hash does not follow from the entries; the next start of the node mends it")
    }

    private func verifyEntries(
        _ size: UInt64, _ progress: (_ done: UInt64, _ total: UInt64) -> Void
    ) throws(LogStoreError) {
        var done: UInt64 = 0
        while done < size {
            let number = done / LogPaths.width
            let width = Int(min(size - done, LogPaths.width))
            let hashes = try stored(level: 0, number, width: width)
            let bytes = try bytes(.entries, number)
            let items = try items(bytes, count: width, .entries, number)
            for (position, item) in items.enumerated() {
                let hash = bytes.withUnsafeBytes { MerkleHash.leaf(UnsafeRawBufferPointer(rebasing: $0[item])) }
                guard hash == hashes[position] else {
                    throw .itemCorrupt(
                        file: path(.entries, number), index: done + UInt64(position),
                        reason: "hash \(hash), tile 0 has \(hashes[position])")
                }
            }
            // A full bundle ends with its last entry; one that grows may have more in it by now.
            if width == TileCoordinate.fullWidth, let end = items.last?.upperBound, end != bytes.count {
                throw .itemCorrupt(
                    file: path(.entries, number), index: done + LogPaths.width,
                    reason: "\(bytes.count - end) bytes after the last entry")
            }
            done += UInt64(width)
            progress(done, size)
        }
    }

    /// Every full tile of the level below against the hashes of this level.
    private func verifyTiles(level: Int, _ size: UInt64) throws(LogStoreError) {
        let count = size >> UInt64(level * TileCoordinate.height)
        var done: UInt64 = 0
        while done < count {
            let number = done / LogPaths.width
            let width = Int(min(count - done, LogPaths.width))
            let hashes = try stored(level: level, number, width: width)
            for position in 0..<width {
                let below = done + UInt64(position)
                let found = try stored(level: level - 1, below, width: TileCoordinate.fullWidth).perfectRoot
                guard found == hashes[position] else {
                    throw .itemCorrupt(
                        file: path(.hashes(level: level - 1), below), index: below * LogPaths.width,
                        reason: "its root is \(found), hash \(below) of level \(level) is \(hashes[position])")
                }
            }
            done += UInt64(width)
        }
    }

    private func verifyCertificates(_ extent: LogExtent) throws(LogStoreError) {
        var previous: LogCertificate?
        var done: UInt64 = 0
        while done < extent.blockCount {
            previous = try verifyCertificates(file: done / LogPaths.width, extent, after: previous)
            done += LogPaths.width
        }
        guard let last = previous else { return }
        guard last.headerLeafIndex == extent.size - 1, last.blockTime == extent.lastTime else {
            throw .itemCorrupt(
                file: path(.certificates, last.height / LogPaths.width), index: last.height,
                reason: "the last header is leaf \(last.headerLeafIndex) of \(extent.size)")
        }
    }

    private func verifyCertificates(
        file number: UInt64, _ extent: LogExtent, after previous: LogCertificate?
    ) throws(LogStoreError) -> LogCertificate? {
        var previous = previous
        let first = number * LogPaths.width
        let count = min(extent.blockCount - first, LogPaths.width)
        let bytes = try bytes(.certificates, number)
        let items = try items(bytes, count: Int(count), .certificates, number)
        for (position, item) in items.enumerated() {
            let height = first + UInt64(position)
            let certificate = try decodeCertificate(Array(bytes[item]), height)
            if let previous {
                guard certificate.headerLeafIndex > previous.headerLeafIndex,
                    certificate.blockTime > previous.blockTime
                else {
                    throw .itemCorrupt(
                        file: path(.certificates, number), index: height, reason: "not after the block before")
                }
            }
            previous = certificate
        }
        return previous
    }

    private func stored(level: Int, _ number: UInt64, width: Int) throws(LogStoreError) -> [Digest] {
        let content = LogContent.hashes(level: level)
        let bytes = try bytes(content, number, atMost: width * Digest.byteCount)
        guard bytes.count == width * Digest.byteCount, let hashes = TileBytes.decode(bytes) else {
            throw .fileTooShort(
                file: path(content, number), expectedBytes: width * Digest.byteCount, foundBytes: bytes.count)
        }
        return hashes
    }
}
