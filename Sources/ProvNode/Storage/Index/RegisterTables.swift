import GRDB
import ProvChain

/// The statements that write runs, within one transaction.
struct RegisterTables {
    let chunks: ChunkReader
    private let putChunk: SQLiteStatement
    private let putRun: SQLiteStatement
    private let finishRun: SQLiteStatement
    private let replaceRun: SQLiteStatement
    private let dropRun: SQLiteStatement
    private let dropChunks: SQLiteStatement
    private let db: Database

    init(_ db: Database) throws {
        guard let connection = db.sqliteConnection else { throw DatabaseError(message: "not connected") }
        func statement(_ sql: String) throws(DatabaseError) -> SQLiteStatement {
            try SQLiteStatement(sql, on: connection)
        }
        self.db = db
        chunks = try ChunkReader(db)
        putChunk = try statement("INSERT INTO chunks (chunk, entries) VALUES (?, ?)")
        putRun = try statement(
            "INSERT INTO runs (run, first_leaf, end_leaf, entries, is_whole, fences) VALUES (?, ?, ?, 0, 0, x'')")
        finishRun = try statement("UPDATE runs SET entries = ?, is_whole = 1, fences = ? WHERE run = ?")
        replaceRun = try statement("UPDATE runs SET is_whole = 0, fences = x'' WHERE run = ?")
        dropRun = try statement("DELETE FROM runs WHERE run = ?")
        dropChunks = try statement(
            "DELETE FROM chunks WHERE chunk IN (SELECT chunk FROM chunks WHERE chunk >= ? AND chunk < ? LIMIT ?)")
    }

    /// Notes a run that is not whole yet. If the process ends before it is, its rows go.
    func begin(_ run: Int64, _ leaves: Range<UInt64>) throws {
        try putRun.run { row in
            row.add(run)
            row.add(leaves.lowerBound)
            row.add(leaves.upperBound)
        }
    }

    func put(_ entries: [UInt8], _ run: Int64, _ chunk: Int) throws {
        try putChunk.run { row in
            row.add(RegisterRun.row(run, chunk))
            row.add(entries)
        }
    }

    /// From the end of the transaction on, the run counts.
    func finish(_ run: RegisterRun) throws {
        var fences: [UInt8] = []
        fences.reserveCapacity(8 * run.fences.count)
        for fence in run.fences { withUnsafeBytes(of: fence.littleEndian) { fences.append(contentsOf: $0) } }
        try finishRun.run { row in
            row.add(UInt64(run.count))
            row.add(fences)
            row.add(run.number)
        }
    }

    /// From the end of the transaction on, the run counts no more.
    func replaced(_ run: Int64) throws { try replaceRun.run { $0.add(run) } }

    /// Removes rows of a run; true if none is left.
    func remove(_ run: Int64, chunks: Int) throws -> Bool {
        try dropChunks.run { row in
            row.add(RegisterRun.row(run, 0))
            row.add(RegisterRun.row(run + 1, 0))
            row.add(Int64(chunks))
        }
        guard db.changesCount < chunks else { return false }
        try dropRun.run { $0.add(run) }
        return true
    }
}
