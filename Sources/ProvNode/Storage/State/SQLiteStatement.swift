import GRDB
import GRDBSQLite
import ProvChain

/// A prepared statement of SQLite, without what a general library does around it: the state is read some ten
/// times a statement of the chain, and each of these reads takes about as long as the library's own part.
///
/// Used by one thread at a time, as its connection is.
final class SQLiteStatement {
    private let handle: OpaquePointer
    private let connection: OpaquePointer

    init(_ sql: String, on connection: OpaquePointer) throws(DatabaseError) {
        var handle: OpaquePointer?
        // Kept for the life of the connection: SQLite then allocates it apart from its short-lived memory.
        let flags = UInt32(SQLITE_PREPARE_PERSISTENT)
        let code = sqlite3_prepare_v3(connection, sql, -1, flags, &handle, nil)
        guard code == SQLITE_OK, let handle else { throw Self.failure(code, connection) }
        self.handle = handle
        self.connection = connection
    }

    deinit { sqlite3_finalize(handle) }

    /// Runs the statement and hands each row to `body`.
    func run<each V: SQLiteBindable>(
        _ values: repeat each V, row body: (borrowing SQLiteRow) throws -> Void = { _ in }
    ) throws {
        var index: Int32 = 0
        for value in repeat each values {
            index += 1
            let code = value.bind(to: handle, at: index)
            guard code == SQLITE_OK else { throw Self.failure(code, connection) }
        }
        defer { sqlite3_reset(handle) }
        while true {
            let code = sqlite3_step(handle)
            switch code {
            case SQLITE_ROW: try body(SQLiteRow(handle: handle))
            case SQLITE_DONE: return
            default: throw Self.failure(code, connection)
            }
        }
    }

    /// Runs a statement that changes one row: a blob that is not empty, lent without a copy, and a number.
    func run(_ blob: [UInt8], _ number: Int64) throws {
        try blob.withUnsafeBytes { blob in
            try check(sqlite3_bind_blob(handle, 1, blob.baseAddress, Int32(blob.count), nil))
            try check(sqlite3_bind_int64(handle, 2, number))
            try finish()
        }
    }

    /// Runs a statement that adds one row: a number and two blobs that are not empty, lent without a copy.
    func run(_ number: Int64, _ first: Digest, _ second: [UInt8]) throws {
        try second.withUnsafeBytes { second in
            try withUnsafeTemporaryAllocation(byteCount: Digest.byteCount, alignment: 8) { copy in
                first.withBytes { copy.copyMemory(from: $0) }
                try check(sqlite3_bind_int64(handle, 1, number))
                try check(sqlite3_bind_blob(handle, 2, copy.baseAddress, Int32(copy.count), nil))
                try check(sqlite3_bind_blob(handle, 3, second.baseAddress, Int32(second.count), nil))
                try finish()
            }
        }
    }

    /// Runs a statement that gives no rows, with the parameters that `give` gives, in order.
    func run(_ give: (inout SQLiteParameters) -> Void) throws(DatabaseError) {
        var parameters = SQLiteParameters(handle: handle)
        give(&parameters)
        try check(parameters.code)
        try finish()
    }

    private func check(_ code: Int32) throws(DatabaseError) {
        guard code == SQLITE_OK else { throw Self.failure(code, connection) }
    }

    /// Steps once, to the end.
    private func finish() throws(DatabaseError) {
        defer { sqlite3_reset(handle) }
        let code = sqlite3_step(handle)
        guard code == SQLITE_DONE else { throw Self.failure(code, connection) }
    }

    private static func failure(_ code: Int32, _ connection: OpaquePointer) -> DatabaseError {
        DatabaseError(
            resultCode: ResultCode(rawValue: code), message: sqlite3_errmsg(connection).map { String(cString: $0) })
    }
}

/// Takes the parameters of a statement, one after the other. SQLite copies them.
struct SQLiteParameters: ~Copyable {
    fileprivate let handle: OpaquePointer
    private var index: Int32 = 0
    /// The first failure, if there was one.
    fileprivate private(set) var code = SQLITE_OK

    fileprivate init(handle: OpaquePointer) { self.handle = handle }

    mutating func add(_ value: (some SQLiteBindable)?) {
        index += 1
        let result = value?.bind(to: handle, at: index) ?? sqlite3_bind_null(handle, index)
        if code == SQLITE_OK { code = result }
    }
}

/// A value that SQLite takes as a parameter. It copies blobs: they are short, and copying 32 bytes costs less
/// than keeping them in place.
protocol SQLiteBindable {
    func bind(to handle: OpaquePointer, at index: Int32) -> Int32
}

/// SQLite's way to say: copy this before you return.
private let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

extension Digest: SQLiteBindable {
    func bind(to handle: OpaquePointer, at index: Int32) -> Int32 {
        withBytes { sqlite3_bind_blob(handle, index, $0.baseAddress, Int32($0.count), copied) }
    }
}

extension [UInt8]: SQLiteBindable {
    func bind(to handle: OpaquePointer, at index: Int32) -> Int32 {
        withUnsafeBytes { bytes in
            // A null pointer would be NULL and not an empty blob.
            bytes.isEmpty
                ? sqlite3_bind_zeroblob(handle, index, 0)
                : sqlite3_bind_blob(handle, index, bytes.baseAddress, Int32(bytes.count), copied)
        }
    }
}

extension String: SQLiteBindable {
    func bind(to handle: OpaquePointer, at index: Int32) -> Int32 {
        var text = self
        return text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { text in
                // A null pointer would be NULL and not an empty text.
                text.isEmpty
                    ? sqlite3_bind_text(handle, index, "", 0, copied)
                    : sqlite3_bind_text(handle, index, text.baseAddress, Int32(text.count), copied)
            }
        }
    }
}

/// Integers of SQLite have 63 bits and a sign: ``UInt64/clamped``.
extension UInt64: SQLiteBindable {
    func bind(to handle: OpaquePointer, at index: Int32) -> Int32 { sqlite3_bind_int64(handle, index, clamped) }
}

extension Int64: SQLiteBindable {
    func bind(to handle: OpaquePointer, at index: Int32) -> Int32 { sqlite3_bind_int64(handle, index, self) }
}

/// The current row of a statement, valid until the next step.
struct SQLiteRow: ~Copyable {
    fileprivate let handle: OpaquePointer

    func number(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

    func bytes(_ column: Int32) -> [UInt8] {
        guard let blob = sqlite3_column_blob(handle, column) else { return [] }
        return Array(UnsafeRawBufferPointer(start: blob, count: Int(sqlite3_column_bytes(handle, column))))
    }

    /// A digest; throws ``DamagedColumn`` if the column does not hold 32 bytes.
    func digest(_ column: Int32, _ name: String) throws(DamagedColumn) -> Digest {
        guard let blob = sqlite3_column_blob(handle, column),
            let digest = Digest(
                UnsafeRawBufferPointer(start: blob, count: Int(sqlite3_column_bytes(handle, column))))
        else { throw DamagedColumn(column: name) }
        return digest
    }
}
