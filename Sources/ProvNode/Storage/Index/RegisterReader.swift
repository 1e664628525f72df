import GRDB
import ProvChain

/// The register as of some block: runs in the database, and the newest entries in memory.
struct RegisterSnapshot: Sendable {
    /// Each of later leaves than the one before.
    var runs: [RegisterRun] = []
    /// Sorted lists, each of later leaves than the one before.
    var recent: [[RegisterEntry]] = []
    /// The leaf after the last whose entries are here.
    var end: UInt64 = 0

    var recentCount: Int { recent.reduce(0) { $0 + $1.count } }
    var count: Int { runs.reduce(recentCount) { $0 + $1.count } }

    /// The leaf at which the newest entries begin.
    var recentStart: UInt64 { runs.last?.leaves.upperBound ?? 0 }

    /// Takes sorted entries of later statements. Lists of like size become one, so there are few.
    mutating func add(_ entries: [RegisterEntry], end: UInt64) {
        precondition(end >= self.end, "leaves come in order")
        self.end = end
        guard !entries.isEmpty else { return }
        recent.append(entries)
        while recent.count > 1, recent[recent.count - 2].count <= 2 * recent[recent.count - 1].count {
            let last = recent.removeLast()
            recent[recent.count - 1] = .merging(recent[recent.count - 1], last)
        }
    }
}

/// Finds entries, within one read of the database.
struct RegisterReader {
    let snapshot: RegisterSnapshot
    let chunks: ChunkReader

    init(_ snapshot: RegisterSnapshot, _ db: Database) throws {
        self.snapshot = snapshot
        chunks = try ChunkReader(db)
    }

    /// Hands over the entries of a range in order: those of a list, oldest statement first; those of a record, by
    /// number.
    ///
    /// - Parameter take: false if it wants no more.
    func ascending(_ range: RegisterRange, _ take: (RegisterEntry) throws -> Bool) throws {
        for run in snapshot.runs {
            guard let chunks = run.chunks(of: range.key) else { continue }
            let first = try self.chunks.last(run, chunks, notAfter: range.low)
            for chunk in first...chunks.upperBound {
                let found = try self.chunks.entries(run, chunk, in: range)
                for entry in found where try !take(entry) { return }
                // The first chunk may end before the range begins.
                if found.isEmpty, chunk > first { break }
            }
        }
        for list in snapshot.recent {
            var place = list.place(of: range.low)
            while place < list.count, list[place] <= range.high {
                guard try take(list[place]) else { return }
                place += 1
            }
        }
    }

    /// The same, from the newest statement to the oldest.
    func descending(_ range: RegisterRange, _ take: (RegisterEntry) throws -> Bool) throws {
        for list in snapshot.recent.reversed() {
            var place = list.place(of: range.high)
            if place < list.count, list[place] == range.high { place += 1 }
            while place > 0, list[place - 1] >= range.low {
                guard try take(list[place - 1]) else { return }
                place -= 1
            }
        }
        for run in snapshot.runs.reversed() {
            guard let chunks = run.chunks(of: range.key) else { continue }
            let last = try self.chunks.last(run, chunks, notAfter: range.high)
            for chunk in (chunks.lowerBound...last).reversed() {
                let found = try self.chunks.entries(run, chunk, in: range)
                for entry in found.reversed() where try !take(entry) { return }
                if found.isEmpty { break }
            }
        }
    }

    /// A walk along every entry there is, in order.
    func walk() -> RegisterWalk {
        RegisterWalk(snapshot.runs.map { RegisterCursor($0) } + snapshot.recent.map { RegisterCursor($0) })
    }

    /// Every entry there is, in order.
    func forEach(_ take: (RegisterEntry) throws -> Void) throws {
        var walk = walk()
        while let entry = try walk.next(chunks) { try take(entry) }
    }

    func contains(_ entry: RegisterEntry) throws -> Bool {
        var isThere = false
        try ascending(RegisterRange(entry)) { _ in
            isThere = true
            return false
        }
        return isThere
    }
}

extension RegisterRange {
    fileprivate init(_ entry: RegisterEntry) { (low, high) = (entry, entry) }
}

/// A walk along a run, or a list in memory.
struct RegisterCursor: Sendable {
    private let run: RegisterRun?
    private var entries: [RegisterEntry]
    private var place = 0
    private var chunk = 0

    init(_ run: RegisterRun) {
        self.run = run
        entries = []
    }

    init(_ list: [RegisterEntry]) {
        run = nil
        entries = list
    }

    /// The entry at which the walk stands; `nil` at the end.
    fileprivate mutating func head(_ chunks: ChunkReader) throws -> RegisterEntry? {
        if place == entries.count {
            guard let run, chunk < run.fences.count else { return nil }
            entries = try chunks.entries(run, chunk)
            chunk += 1
            place = 0
        }
        return entries[place]
    }

    fileprivate mutating func step() { place += 1 }
}

/// A walk along several sorted lists as if they were one.
struct RegisterWalk: Sendable {
    private var cursors: [RegisterCursor]

    init(_ cursors: [RegisterCursor]) { self.cursors = cursors }

    /// The next entry; `nil` at the end.
    mutating func next(_ chunks: ChunkReader) throws -> RegisterEntry? {
        var least: (entry: RegisterEntry, cursor: Int)?
        for cursor in cursors.indices {
            guard let entry = try cursors[cursor].head(chunks) else { continue }
            if let known = least, known.entry <= entry { continue }
            least = (entry, cursor)
        }
        guard let least else { return nil }
        cursors[least.cursor].step()
        return least.entry
    }
}
