import GRDB
import ProvChain

/// Writes the register: new entries in memory, sorted runs of them in the database, and few runs in all.
///
/// Keys are hashes. Put one by one into a B-tree, each would have a page read and written for itself. Here every page
/// is written full: entries gather in memory, go into the database as a run, and some runs of like size are merged into
/// one. An entry is written some five times in its life, 20 bytes each time.
///
/// What is in memory follows from the statements after the last run, so nothing has to be saved when the node stops.
///
/// A value: if a transaction fails, the one from before it is still there.
struct RegisterWriting: Sendable {
    private(set) var snapshot = RegisterSnapshot()
    private var merges: [RegisterMerge] = []
    /// Runs that became part of another; whoever asked before may still read them.
    private var replaced: [RegisterRun] = []
    /// Runs whose rows nobody reads.
    private var removable: [Int64] = []
    private var lastRun: Int64 = 0
    private let runEntries: Int

    /// Entries that gather in memory: 3 MiB.
    static let defaultRunEntries = 131_072
    /// Runs of like size that are merged into one.
    static let mergedRuns = 6
    /// Each merge goes on by so many entries for each that is added, so that it has ended when the next is due.
    private static let mergedPerAdded = 2
    private static let mergedAtLeast = 2_000

    init(runEntries: Int = defaultRunEntries) { self.runEntries = runEntries }

    /// The register as it is in a database, which is only read.
    init(reading db: Database, runEntries: Int = defaultRunEntries) throws {
        self.runEntries = runEntries
        lastRun = try Int64.fetchOne(db, sql: "SELECT MAX(run) FROM runs WHERE run IS NOT NULL") ?? 0
        for row in try Row.fetchAll(db, sql: "SELECT * FROM runs ORDER BY first_leaf, run") {
            let number: Int64 = row["run"]
            guard row["is_whole"] else {
                removable.append(number)
                continue
            }
            let (first, end) = (try row.number("first_leaf"), try row.number("end_leaf"))
            let fences = try row.bytes("fences")
            guard first == snapshot.end, first < end, !fences.isEmpty, fences.count.isMultiple(of: 8) else {
                throw DamagedColumn(column: "fences")
            }
            let run = RegisterRun(
                number: number, leaves: first..<end, count: Int(try row.number("entries")),
                fences: fences.withUnsafeBytes { bytes in
                    (0..<bytes.count / 8).map {
                        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self))
                    }
                })
            snapshot.runs.append(run)
            snapshot.end = end
        }
        var recent = try Self.entries(db, from: snapshot.end)
        recent.entries.sort()
        snapshot.add(recent.entries, end: max(recent.end, snapshot.end))
    }

    /// The entries of all statements from a leaf on.
    private static func entries(_ db: Database, from leaf: UInt64) throws -> (entries: [RegisterEntry], end: UInt64) {
        var entries: [RegisterEntry] = []
        var end = leaf
        let statements = try Row.fetchCursor(
            db, sql: "SELECT leaf, id, attachments, records FROM statements WHERE leaf >= ? ORDER BY leaf",
            arguments: [leaf.clamped])
        while let row = try statements.next() {
            let leaf = try row.number("leaf")
            entries.append(RegisterEntry(RegisterKey.statement(try row.digest("id")), leaf: leaf))
            for hash in try row.digests("attachments") {
                entries.append(RegisterEntry(RegisterKey.attachment(hash), leaf: leaf))
            }
            for effect in try IndexedEffects(row.bytes("records")).all() {
                entries.append(
                    RegisterEntry(RegisterKey.record(effect.urn), number: RegisterKey.number(effect.number), leaf: leaf)
                )
            }
            end = leaf + 1
        }
        for (sql, key) in [
            ("SELECT leaf, claimant AS party FROM works WHERE leaf >= ?", RegisterKey.works),
            ("SELECT leaf, offerer AS party FROM offers WHERE leaf >= ?", RegisterKey.offers),
            ("SELECT leaf, recipient AS party FROM offers WHERE leaf >= ?", RegisterKey.offers),
        ] {
            let rows = try Row.fetchCursor(db, sql: sql, arguments: [leaf.clamped])
            while let row = try rows.next() {
                entries.append(RegisterEntry(key(try row.digest("party")), leaf: try row.number("leaf")))
            }
        }
        return (entries, end)
    }

    /// Lets go of replaced runs that nobody reads any more. To be called on the one copy that is kept.
    mutating func release() {
        var kept: [RegisterRun] = []
        while var run = replaced.popLast() {
            if isKnownUniquelyReferenced(&run) { removable.append(run.number) } else { kept.append(run) }
        }
        replaced = kept
    }

    /// Takes the entries of the blocks up to a leaf, within the transaction that writes their statements.
    mutating func add(_ entries: [RegisterEntry], end: UInt64, _ db: Database) throws {
        snapshot.add(entries, end: end)
        let isFull = snapshot.recentCount >= runEntries
        guard isFull || !merges.isEmpty || !removable.isEmpty || needsMerge else { return }
        // What these tables hold are hashes that statements have, too: nothing that anybody could want overwritten.
        try db.execute(sql: "PRAGMA secure_delete = OFF")
        defer { try? db.execute(sql: "PRAGMA secure_delete = ON") }
        let tables = try RegisterTables(db)
        if isFull { try flush(tables) }
        beginMerges()
        for place in merges.indices.reversed() {
            let budget = max(Self.mergedPerAdded * entries.count, Self.mergedAtLeast)
            guard let run = try merges[place].step(budget, tables) else { continue }
            try replace(merges.remove(at: place).inputs, by: run, tables)
        }
        try remove(chunks: entries.count * Self.mergedPerAdded / RegisterRun.chunkEntries + 16, tables)
    }

    /// Writes what is in memory as a run.
    private mutating func flush(_ tables: RegisterTables) throws {
        lastRun += 1
        let leaves = snapshot.recentStart..<snapshot.end
        try tables.begin(lastRun, leaves)
        var merge = RegisterMerge(output: lastRun, leaves: leaves, cursors: snapshot.recent.map { RegisterCursor($0) })
        guard let run = try merge.step(.max, tables) else { preconditionFailure("a merge without bound ends") }
        try tables.finish(run)
        snapshot.runs.append(run)
        snapshot.recent = []
    }

    // MARK: Merging

    private var needsMerge: Bool { mergeable() != nil }

    /// Neighbours of like size, none of which is being merged.
    private func mergeable() -> Range<Int>? {
        guard snapshot.runs.count >= Self.mergedRuns else { return nil }
        let busy = Set(merges.flatMap { $0.inputs.map(\.number) })
        // From the newest to the oldest. One that is smaller than a newer one counts as if it were as large: else it
        // would lie between larger ones for ever.
        var (end, level) = (snapshot.runs.endIndex, 0)
        for place in snapshot.runs.indices.reversed() {
            let run = snapshot.runs[place]
            if busy.contains(run.number) {
                end = place
            } else if size(run) > level {
                (end, level) = (place + 1, size(run))
            }
            if end - place == Self.mergedRuns { return place..<end }
        }
        return nil
    }

    /// How often runs were merged into this one, about.
    private func size(_ run: RegisterRun) -> Int {
        var (size, entries) = (0, run.count / runEntries)
        while entries >= Self.mergedRuns {
            size += 1
            entries /= Self.mergedRuns
        }
        return size
    }

    private mutating func beginMerges() {
        while let places = mergeable() {
            lastRun += 1
            merges.append(RegisterMerge(output: lastRun, inputs: Array(snapshot.runs[places])))
        }
    }

    private mutating func replace(_ inputs: [RegisterRun], by run: RegisterRun, _ tables: RegisterTables) throws {
        guard let first = snapshot.runs.firstIndex(where: { $0 === inputs[0] }) else {
            preconditionFailure("merged runs that are not there")
        }
        snapshot.runs.replaceSubrange(first..<(first + inputs.count), with: [run])
        replaced += inputs
        try tables.finish(run)
        for input in inputs { try tables.replaced(input.number) }
    }

    /// Removes rows that nobody reads, so many at most.
    private mutating func remove(chunks: Int, _ tables: RegisterTables) throws {
        guard let run = removable.last else { return }
        if try tables.remove(run, chunks: chunks) { removable.removeLast() }
    }
}

/// Runs that are being merged into one, some entries at a time.
struct RegisterMerge: Sendable {
    let inputs: [RegisterRun]
    private let output: Int64
    private let leaves: Range<UInt64>
    private var walk: RegisterWalk
    private var fences: [UInt64] = []
    private var count = 0
    private var hasBegun: Bool

    /// Neighbours, the oldest first.
    init(output: Int64, inputs: [RegisterRun]) {
        guard let first = inputs.first, let last = inputs.last else { preconditionFailure("merges nothing") }
        self.inputs = inputs
        self.output = output
        leaves = first.leaves.lowerBound..<last.leaves.upperBound
        walk = RegisterWalk(inputs.map { RegisterCursor($0) })
        hasBegun = false
    }

    /// A run out of lists in memory, whose row is there.
    init(output: Int64, leaves: Range<UInt64>, cursors: [RegisterCursor]) {
        inputs = []
        self.output = output
        self.leaves = leaves
        walk = RegisterWalk(cursors)
        hasBegun = true
    }

    /// Goes on by so many entries, a whole number of chunks; the run if that was all.
    mutating func step(_ budget: Int, _ tables: RegisterTables) throws -> RegisterRun? {
        if !hasBegun { try tables.begin(output, leaves) }
        hasBegun = true
        var done = 0
        var chunk: [UInt8] = []
        while done < budget {
            chunk.removeAll(keepingCapacity: true)
            var entries = 0
            while entries < RegisterRun.chunkEntries, let entry = try walk.next(tables.chunks) {
                if entries == 0 { fences.append(entry.key) }
                entry.append(to: &chunk)
                entries += 1
            }
            guard entries > 0 else { return RegisterRun(number: output, leaves: leaves, count: count, fences: fences) }
            try tables.put(chunk, output, fences.count - 1)
            count += entries
            done += entries
        }
        return nil
    }
}
