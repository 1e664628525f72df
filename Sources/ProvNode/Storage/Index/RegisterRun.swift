import GRDB
import GRDBSQLite
import ProvChain

/// Sorted entries that are in the database, of all statements from one leaf to another. It never changes.
///
/// The entries lie in chunks, a row for each, of which one fills a page. The first key of each chunk is kept in memory,
/// so that an entry is found with one read: 8 bytes for each 200 entries.
///
/// A class because its life matters: the rows of a run that was merged into another are removed when nobody holds it
/// any more.
final class RegisterRun: Sendable {
    let number: Int64
    /// The statements whose entries it has.
    let leaves: Range<UInt64>
    let count: Int
    /// The first key of each chunk.
    let fences: [UInt64]

    /// 4,000 bytes: with its header such a row just fits into a page of 4 KiB.
    static let chunkEntries = 200

    init(number: Int64, leaves: Range<UInt64>, count: Int, fences: [UInt64]) {
        self.number = number
        self.leaves = leaves
        self.count = count
        self.fences = fences
    }

    /// The row of a chunk.
    static func row(_ run: Int64, _ chunk: Int) -> Int64 { run << 32 | Int64(chunk) }

    /// The chunks in which entries of a key may be; `nil` if there can be none.
    func chunks(of key: UInt64) -> ClosedRange<Int>? {
        let last = fences.partition { $0 <= key } - 1
        guard last >= 0 else { return nil }
        // Entries of the key may begin in the chunk before the first that begins with it.
        let first = max(fences.partition { $0 < key } - 1, 0)
        return first...last
    }
}

extension [UInt64] {
    /// How many of ascending numbers, from the first on, are so.
    fileprivate func partition(_ isBefore: (UInt64) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = low + (high - low) / 2
            if isBefore(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Reads chunks on one connection.
struct ChunkReader {
    private let statement: GRDB.Statement
    private let handle: OpaquePointer

    init(_ db: Database) throws {
        // Kept by the connection: a question asks for some ten chunks.
        statement = try db.cachedStatement(sql: "SELECT entries FROM chunks WHERE chunk = ?")
        handle = statement.sqliteStatement
    }

    /// Lends the bytes of a chunk.
    private func with<T>(_ run: RegisterRun, _ chunk: Int, _ body: (UnsafeRawBufferPointer, _ count: Int) throws -> T)
        throws
        -> T
    {
        sqlite3_reset(handle)
        sqlite3_bind_int64(handle, 1, RegisterRun.row(run.number, chunk))
        defer { sqlite3_reset(handle) }
        let code = sqlite3_step(handle)
        guard code == SQLITE_ROW, let blob = sqlite3_column_blob(handle, 0) else {
            if code == SQLITE_ROW || code == SQLITE_DONE { throw DamagedColumn(column: "entries") }
            throw DatabaseError(resultCode: ResultCode(rawValue: code), message: "chunk \(chunk)")
        }
        let length = Int(sqlite3_column_bytes(handle, 0))
        guard length > 0, length.isMultiple(of: RegisterEntry.byteCount) else { throw DamagedColumn(column: "entries") }
        return try body(UnsafeRawBufferPointer(start: blob, count: length), length / RegisterEntry.byteCount)
    }

    /// The entries of a chunk, all or those in a range.
    func entries(_ run: RegisterRun, _ chunk: Int, in range: RegisterRange? = nil) throws -> [RegisterEntry] {
        try with(run, chunk) { bytes, count in
            guard let range else { return (0..<count).map { RegisterEntry(bytes, at: $0) } }
            var (low, high) = (0, count)
            while low < high {
                let middle = low + (high - low) / 2
                if RegisterEntry(bytes, at: middle) < range.low { low = middle + 1 } else { high = middle }
            }
            var found: [RegisterEntry] = []
            while low < count {
                let entry = RegisterEntry(bytes, at: low)
                guard entry <= range.high else { break }
                found.append(entry)
                low += 1
            }
            return found
        }
    }

    /// The last chunk, of these, that begins at or before an entry; the first if none does.
    func last(_ run: RegisterRun, _ chunks: ClosedRange<Int>, notAfter entry: RegisterEntry) throws -> Int {
        var (low, high) = (chunks.lowerBound, chunks.upperBound)
        while low < high {
            let middle = low + (high - low + 1) / 2
            let first = try with(run, middle) { bytes, _ in RegisterEntry(bytes, at: 0) }
            if first <= entry { low = middle } else { high = middle - 1 }
        }
        return low
    }
}
