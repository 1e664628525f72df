import ProvChain

/// What a numbered file of the log holds: 256 items of one kind.
enum LogContent: Hashable, Sendable {
    /// Tree hashes of one tile level, 32 bytes each.
    case hashes(level: Int)
    /// Leaves of the history tree, each after its length in 2 bytes.
    case entries
    /// One record per height, each after its length in 4 bytes.
    case certificates

    /// The bytes of the length in front of each item, if items have one.
    var lengthBytes: Int {
        switch self {
        case .hashes: 0
        case .entries: 2
        case .certificates: 4
        }
    }
}

/// The names of the log's files. `tile/` holds nothing but full, immutable files, so any web server can
/// serve it; what still grows is under `partial/` by the same name and moves over when it is full.
struct LogPaths: Hashable, Sendable {
    /// Items per tile and per bundle.
    static let width = UInt64(TileCoordinate.fullWidth)

    let folder: String

    /// - Parameter home: the data folder of the node; the log is in `log` below it.
    init(home: String) { folder = home + "/log" }

    var lock: String { folder + "/lock" }
    var durable: String { folder + "/durable" }
    var durableReplacement: String { folder + "/durable.new" }
    var commit: String { folder + "/commit" }

    func segment(firstHeight: UInt64) -> String {
        let digits = String(firstHeight)
        return commit + "/" + String(repeating: "0", count: 20 - digits.count) + digits + ".seg"
    }

    /// Where file `number` is once it is full.
    func full(_ content: LogContent, _ number: UInt64) -> String { path("tile", content, number) }

    /// Where file `number` is while it grows.
    func growing(_ content: LogContent, _ number: UInt64) -> String { path("partial", content, number) }

    private func path(_ place: String, _ content: LogContent, _ number: UInt64) -> String {
        let path =
            switch content {
            case .hashes(let level):
                TilePath.hashes(TileCoordinate(level: level, index: number), width: TileCoordinate.fullWidth)
            case .entries, .certificates: TilePath.entries(index: number, width: TileCoordinate.fullWidth)
            }
        // Certificates are numbered as entries are, in a folder of their own: nobody serves them as tiles.
        let name = path.text.dropFirst(content == .certificates ? "tile/entries".count : "tile".count)
        return folder + "/" + (content == .certificates ? "certificates" : place) + name
    }
}
