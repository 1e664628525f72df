import ProvChain

/// Reads items that follow each other: a file that the next item is in, too, is read once, and all of it is looked
/// through. Who wants a single item asks ``LogReader``, which looks no further than that.
///
/// Sees what was published when the walk began.
struct LogWalk {
    private struct Bundle {
        let number: UInt64
        let bytes: [UInt8]
        let items: [Range<Int>]
    }

    private let reader: LogReader
    private let extent: LogExtent
    private var entries: Bundle?
    private var certificates: Bundle?

    init(_ reader: LogReader) {
        self.reader = reader
        extent = reader.extent
    }

    /// Blocks that this walk can reach.
    var blockCount: UInt64 { extent.blockCount }

    /// The leaf at `index`.
    mutating func entry(_ index: UInt64) throws(LogStoreError) -> [UInt8] {
        try item(index, of: extent.size, .entries, \.entries)
    }

    /// Where the header of `height` is, and why the block is final.
    mutating func certificate(_ height: UInt64) throws(LogStoreError) -> LogCertificate {
        try reader.decodeCertificate(try item(height, of: extent.blockCount, .certificates, \.certificates), height)
    }

    /// The whole block, as it was appended.
    mutating func block(_ height: UInt64) throws(LogStoreError) -> LogBlock {
        let first = height == 0 ? 0 : try certificate(height - 1).headerLeafIndex + 1
        let certificate = try certificate(height)
        guard first <= certificate.headerLeafIndex else {
            throw .itemCorrupt(
                file: reader.certificateFile(height), index: height,
                reason: "header leaf \(certificate.headerLeafIndex) before the block's first leaf \(first)")
        }
        var leaves: [[UInt8]] = []
        for index in first...certificate.headerLeafIndex { leaves.append(try entry(index)) }
        return LogBlock(
            height: height, time: certificate.blockTime, leaves: leaves, certificate: certificate.certificate)
    }

    private mutating func item(
        _ index: UInt64, of count: UInt64, _ content: LogContent, _ place: WritableKeyPath<LogWalk, Bundle?>
    ) throws(LogStoreError) -> [UInt8] {
        guard index < count else { throw .outOfRange(index: index, count: count) }
        let number = index / LogPaths.width
        let bundle: Bundle
        if let known = self[keyPath: place], known.number == number {
            bundle = known
        } else {
            let bytes = try reader.bytes(content, number)
            let width = Int(min(count - number * LogPaths.width, LogPaths.width))
            bundle = Bundle(number: number, bytes: bytes, items: try reader.items(bytes, count: width, content, number))
            self[keyPath: place] = bundle
        }
        return Array(bundle.bytes[bundle.items[Int(index % LogPaths.width)]])
    }
}
