import ProvChain

/// The point up to which tiles, bundles and certificates are known to be on the disk, byte for byte. What
/// comes after it in these files is worth nothing after a crash; the commit segments have it.
///
/// On disk: CBOR `[format, size, blocks, last time, root, entry bytes, certificate bytes]`, then the SHA-256
/// of these bytes. The file is only ever replaced as a whole.
struct DurablePoint: Hashable, Sendable {
    static let format: UInt64 = 1
    /// More than the longest encoding.
    private static let maximumBytes = 256

    var extent = LogExtent()
    /// The length of the bundle that is not full.
    var entryBytes = 0
    /// The length of the file of certificates that is not full.
    var certificateBytes = 0

    var bytes: [UInt8] {
        var writer = CBORWriter(reserving: Self.maximumBytes)
        writer.array(7)
        writer.uint(Self.format)
        writer.uint(extent.size)
        writer.uint(extent.blockCount)
        writer.uint(extent.lastTime)
        writer.digest(extent.root)
        writer.uint(UInt64(entryBytes))
        writer.uint(UInt64(certificateBytes))
        return writer.bytes + SHA256.hash(writer.bytes).bytes
    }

    /// `nil` if there is no such file.
    static func load(_ paths: LogPaths) throws(LogStoreError) -> DurablePoint? {
        guard let file = try LogFile.openIfPresent(paths.durable, .read) else { return nil }
        let bytes = try file.read(at: 0, count: maximumBytes)
        guard bytes.count > Digest.byteCount else {
            throw .durableCorrupt(file: paths.durable, reason: "\(bytes.count) bytes")
        }
        let content = Array(bytes.dropLast(Digest.byteCount))
        guard SHA256.hash(content).bytes.elementsEqual(bytes.suffix(Digest.byteCount)) else {
            throw .durableCorrupt(file: paths.durable, reason: "wrong checksum")
        }
        var reader = CBORReader(content)
        // An array whose first item is the format: this much stays as it is in every format.
        if let count = try? reader.array(), count > 0, let found = try? reader.uint(), found > format {
            throw .newerFormat(file: paths.durable, found: found, known: format)
        }
        do {
            return try decode(content)
        } catch {
            throw .durableCorrupt(file: paths.durable, reason: "\(error)")
        }
    }

    private static func decode(_ bytes: [UInt8]) throws(CBORError) -> DurablePoint {
        var reader = CBORReader(bytes)
        try reader.array(count: 7)
        let found = try reader.uint()
        guard found == format else {
            throw CBORError(.invalidValue("format \(found), this program knows \(format)"), at: 0)
        }
        var point = DurablePoint()
        point.extent.size = try reader.uint()
        point.extent.blockCount = try reader.uint()
        point.extent.lastTime = try reader.uint()
        point.extent.root = try reader.digest()
        point.entryBytes = Int(try reader.uint(atMost: UInt64(Int32.max)))
        point.certificateBytes = Int(try reader.uint(atMost: UInt64(Int.max)))
        try reader.finish()
        return point
    }

    /// Replaces the file: written beside it, synced, renamed, and the name synced.
    func store(_ paths: LogPaths, _ steps: LogSteps) throws(LogStoreError) {
        let replacement = try LogFile.open(paths.durableReplacement, .replace(mode: 0o644))
        try replacement.write(bytes, at: 0)
        try replacement.sync()
        steps.reach(.settleBeforeReplace)
        try LogFolder.rename(paths.durableReplacement, to: paths.durable)
        try LogFolder.sync(paths.folder)
        steps.reach(.settleAfterReplace)
    }
}
