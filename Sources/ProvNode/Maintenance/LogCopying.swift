import ProvChain

/// Writes a copy of the log as a reader sees it: everything up to the reader's extent, in tiles, with a durable
/// point of its own, and nothing in commit segments. The log's writer may go on meanwhile.
struct LogCopying {
    let reader: LogReader

    typealias Progress = (_ done: UInt64, _ total: UInt64) -> Void

    /// The copy goes into `log/` below the folder of `target`.
    func run(_ target: inout FileCopying, _ progress: Progress) throws {
        let extent = reader.extent
        var point = DurablePoint(extent: extent)
        point.certificateBytes = try copy(.certificates, extent.blockCount, &target) { _ in }
        point.entryBytes = try copy(.entries, extent.size, &target) { progress($0, extent.size) }
        for level in 0...TileCoordinate.maximumLevel {
            _ = try copy(.hashes(level: level), extent.size >> UInt64(level * TileCoordinate.height), &target) { _ in }
        }
        try target.write(point.bytes, name(LogPaths(home: target.folder).durable, target), mode: 0o644)
    }

    /// - Returns: the length of the file that is not full.
    private func copy(
        _ content: LogContent, _ count: UInt64, _ target: inout FileCopying, _ progress: (UInt64) -> Void
    ) throws -> Int {
        let paths = LogPaths(home: target.folder)
        var done: UInt64 = 0
        while done < count {
            let number = done / LogPaths.width
            let width = Int(min(count - done, LogPaths.width))
            let isFull = width == Int(LogPaths.width)
            let bytes = try items(content, number, width: width)
            let path = isFull ? paths.full(content, number) : paths.growing(content, number)
            try target.write(bytes, name(path, target), mode: 0o644)
            done += UInt64(width)
            progress(done)
            if !isFull { return bytes.count }
        }
        return 0
    }

    /// The first `width` items of a file, exactly.
    private func items(_ content: LogContent, _ number: UInt64, width: Int) throws -> [UInt8] {
        switch content {
        case .hashes:
            let length = width * Digest.byteCount
            let bytes = try reader.bytes(content, number, atMost: length)
            guard bytes.count == length else {
                throw LogStoreError.fileTooShort(
                    file: reader.path(content, number), expectedBytes: length, foundBytes: bytes.count)
            }
            return bytes
        case .entries, .certificates:
            let bytes = try reader.bytes(content, number)
            let end = try reader.items(bytes, count: width, content, number).last?.upperBound ?? 0
            return Array(bytes.prefix(end))
        }
    }

    private func name(_ path: String, _ target: FileCopying) -> String {
        String(path.dropFirst(target.folder.count + 1))
    }
}
