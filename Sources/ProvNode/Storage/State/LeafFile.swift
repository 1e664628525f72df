import ProvChain
import Synchronization

/// The leaves of the state tree on disk, found by their keys.
///
/// Keys are hashes, so they are spread evenly over pages by their first 64 bits: a leaf is found with one read, a
/// bucket of the tree with one or two, and a leaf that changes costs the page that it lies in. Where a page is full,
/// another at the end of the file goes on with it; when the pages get crowded, all are written anew into more.
///
/// The file follows from the state database, which has each key beside its record. So it is written without waiting
/// for the disk, and one that does not bear the mark of the database's last flush is filled again from there.
final class LeafFile: Sendable {
    let path: String
    private let content: Mutex<Content>

    /// Pages are shared out anew when they hold this many leaves on average, and hold that many then. One page in
    /// forty overflows at the first.
    private static let crowded = 45
    private static let roomy = 36
    static let fewestPages = 16

    /// Opens the file, or starts an empty one.
    init(path: String) throws {
        self.path = path
        let boot = LeafFileHeader.thisBoot
        if let file = try LogFile.openIfPresent(path, .write(mode: 0o640)),
            let header = LeafFileHeader(bytes: try file.read(at: 0, count: LeafPage.byteCount)),
            try file.length() >= Int(header.pages) * LeafPage.byteCount,
            header.isSynced || (boot != nil && header.boot == boot)
        {
            content = Mutex(Content(file: file, header: header))
        } else {
            content = Mutex(try Content.empty(path))
        }
    }

    /// The flush whose leaves the file has; `nil` if it has none, or was not written to its end.
    var mark: Digest? {
        content.withLock { $0.header.mark == .zero ? nil : $0.header.mark }
    }

    /// The leaf with a key.
    func leaf(_ key: Digest) throws -> PlacedLeaf? {
        try content.withLock { try $0.leaf(key) }
    }

    /// The leaves whose keys lie in a range, ascending.
    func leaves(_ keys: ClosedRange<Digest>) throws -> [StateLeaf] {
        var found: [StateLeaf] = []
        try content.withLock { try $0.leaves(keys, depth: 0, to: &found) }
        return found
    }

    /// Appends the leaves beneath a prefix to a list, ascending.
    func appendLeaves(under prefix: StatePrefix, to found: inout [StateLeaf]) throws {
        try content.withLock { try $0.leaves(prefix.keys, depth: prefix.depth, to: &found) }
    }

    // MARK: Writing, by one thread

    /// The file is no longer that of its mark.
    func begin() throws {
        try content.withLock { content in
            content.header.mark = .zero
            content.header.isSynced = false
            try content.writeHeader()
        }
    }

    /// Adds leaves and replaces those with equal keys; other threads may read meanwhile.
    func put(_ leaves: [PlacedLeaf]) throws {
        var leaves = leaves
        _ = try put(&leaves, next: 1)
    }

    /// The same; a leaf without a place gets the one that its key has here, or the next one.
    ///
    /// - Returns: the first place that is still free.
    func put(_ leaves: inout [PlacedLeaf], next: Int64) throws -> Int64 {
        var next = next
        try growIfCrowded(adding: leaves.count)
        // Sorted by their first bits alone, in a list that is short to move.
        var order = leaves.indices.map { (bits: leaves[$0].key.firstBits, place: Int32($0)) }
        order.sort { $0.bits < $1.bits }
        let homePages = content.withLock { $0.header.homePages }
        var start = 0
        var some: [PlacedLeaf] = []
        while start < order.count {
            let page = Content.home(of: order[start].bits, among: homePages)
            some.removeAll(keepingCapacity: true)
            var end = start
            while end < order.count, Content.home(of: order[end].bits, among: homePages) == page {
                some.append(leaves[Int(order[end].place)])
                end += 1
            }
            if some.count > 1 {
                some.sort { $0.key < $1.key }
                order[start..<end].sort { leaves[Int($0.place)].key < leaves[Int($1.place)].key }
            }
            try content.withLock { try $0.merge(&some, into: page, next: &next) }
            for (position, placed) in some.enumerated() { leaves[Int(order[start + position].place)] = placed }
            start = end
        }
        return next
    }

    /// The file has the leaves of the flush with this mark.
    func finish(_ mark: Digest) throws {
        try content.withLock { content in
            content.header.mark = mark
            content.header.boot = LeafFileHeader.thisBoot ?? .zero
            try content.writeHeader()
        }
    }

    /// Waits for the disk, so that the file is good after the machine starts again.
    func sync() throws {
        try content.withLock { content in
            guard content.header.mark != .zero, !content.header.isSynced else { return }
            try content.file.sync()
            content.header.isSynced = true
            try content.writeHeader()
            try content.file.sync()
        }
    }

    /// Forgets everything.
    func removeAll() throws {
        let empty = try Content.empty(path)
        content.withLock { $0 = empty }
    }

    private func growIfCrowded(adding count: Int) throws {
        let (header, leaves) = content.withLock { ($0.header, Int($0.header.leaves) + count) }
        guard leaves > Self.crowded * Int(header.homePages) else { return }
        let pages = max(Self.fewestPages, leaves / Self.roomy + 1)
        let new = path + ".new"
        var grown = Content(file: try LogFile.open(new, .replace(mode: 0o640)), homePages: pages)
        var waiting: [PlacedLeaf] = []
        var target = 1
        for page in 1...Int(header.homePages) {
            let leaves = try content.withLock { content in
                try content.load(page)
                return content.scratch
            }
            for placed in leaves {
                let home = grown.home(of: placed.key)
                // Every page is written, in order, so that the file lies in one piece on the disk.
                while target < home {
                    try grown.fill(target, with: waiting)
                    waiting.removeAll(keepingCapacity: true)
                    target += 1
                }
                waiting.append(placed)
            }
        }
        while target <= pages {
            try grown.fill(target, with: waiting)
            waiting.removeAll(keepingCapacity: true)
            target += 1
        }
        try grown.writeHeader()
        try LogFolder.rename(new, to: path)
        let renamed = grown
        content.withLock { $0 = renamed }
    }
}
