import Foundation
import GRDB
import ProvChain

extension IndexDatabase {
    /// A final statement; `nil` if no block up to ``height`` applied it.
    func indexedStatement(_ id: Digest) throws(DatabaseFailure) -> IndexedStatement? {
        try read { db in
            try Row.fetchOne(
                db.cachedStatement(sql: "SELECT * FROM statements WHERE id = ?"), arguments: [id.blob]
            ).map(Self.statement)
        }
    }

    /// Where a final statement stands in the history.
    func leafIndex(of id: Digest) throws(DatabaseFailure) -> UInt64? {
        try read { db in
            // Answered from the index over `id` alone.
            try Row.fetchOne(
                db.cachedStatement(sql: "SELECT leaf FROM statements WHERE id = ?"), arguments: [id.blob]
            ).map { try $0.number("leaf") }
        }
    }

    /// The same, as the API says it.
    func statement(_ id: Digest) throws(DatabaseFailure) -> StatementView? { try indexedStatement(id)?.view }

    /// The statements of a block in their order; `nil` if the block was not applied.
    func statements(height: UInt64) throws(DatabaseFailure) -> [IndexedStatement]? {
        try read { db in
            let block = try Row.fetchOne(
                db.cachedStatement(sql: "SELECT first_leaf, statements FROM blocks WHERE height = ?"),
                arguments: [height.clamped])
            guard let block else { return nil }
            let first = try block.number("first_leaf")
            return try Row.fetchAll(
                db.cachedStatement(sql: "SELECT * FROM statements WHERE leaf >= ? AND leaf < ? ORDER BY leaf"),
                arguments: [first, try first + block.number("statements")]
            ).map(Self.statement)
        }
    }

    /// True if some final statement commits to this attachment.
    func references(_ hash: Digest) throws(DatabaseFailure) -> Bool {
        try read { db in
            try Int.fetchOne(
                db.cachedStatement(sql: "SELECT 1 FROM attachments WHERE hash = ? LIMIT 1"), arguments: [hash.blob])
                != nil
        }
    }

    /// At most `limit` hashes of attachments to which final statements commit, ascending, after one.
    func attachments(after hash: Digest?, limit: Int) throws(DatabaseFailure) -> [Digest] {
        try read { db in
            try Row.fetchAll(
                db.cachedStatement(sql: "SELECT DISTINCT hash FROM attachments WHERE hash > ? ORDER BY hash LIMIT ?"),
                arguments: [hash?.blob ?? Data(), limit]
            ).map { try $0.digest("hash") }
        }
    }

    // MARK: Histories

    /// At most `limit` events of a record's history, from number `from` (from 1) on; `nil` if there is no such
    /// record, or was none at `asOf` (milliseconds, inclusive), which cuts the history where it ended then.
    func history(
        _ urn: URN, from: UInt64, limit: Int, asOf: UInt64? = nil
    ) throws(DatabaseFailure) -> HistoryPage? {
        try read { db in
            guard let history = try Self.history(db, urn, asOf: asOf) else { return nil }
            let first = min(max(from, 1), history.count + 1)
            let last = min(history.count, first - 1 + UInt64(Self.bounded(limit)))
            var events: [HistoryEvent] = []
            try Self.eachEvent(db, urn, from: first, through: last) { events.append($0) }
            return HistoryPage(history: history, events: events, next: last < history.count ? last + 1 : nil)
        }
    }

    /// Count and head of a record's history, now or at a time; `nil` if there was no such record.
    func historyHead(_ urn: URN, asOf: UInt64? = nil) throws(DatabaseFailure) -> History? {
        try read { db in try Self.history(db, urn, asOf: asOf) }
    }

    /// All events of a record's history, first to last: what a bundle carries.
    func events(_ urn: URN) throws(DatabaseFailure) -> [HistoryEvent] {
        var events: [HistoryEvent] = []
        try forEachEvent(urn) { events.append($0) }
        return events
    }

    /// Hands over the events of a record's history one by one, however many there are. All of them are of one
    /// height.
    func forEachEvent(
        _ urn: URN, asOf: UInt64? = nil, _ take: (HistoryEvent) throws -> Void
    ) throws(DatabaseFailure) {
        try read { db in
            guard let history = try Self.history(db, urn, asOf: asOf) else { return }
            try Self.eachEvent(db, urn, from: 1, through: history.count, take)
        }
    }

    private static func history(_ db: Database, _ urn: URN, asOf: UInt64?) throws -> History? {
        let last = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT number, head FROM links WHERE urn = ? ORDER BY number DESC LIMIT 1"),
            arguments: [urn.indexKey])
        guard let last else { return nil }
        let whole = History(count: try last.number("number"), head: try last.digest("head"))
        guard let asOf else { return whole }
        // Numbers and times rise together, so the cut is found by halving: a history may be very long.
        let event = try db.cachedStatement(
            sql: "SELECT time, head FROM links JOIN statements USING (leaf) WHERE urn = ? AND number = ?")
        var cut: History?
        var numbers = 1..<(whole.count + 1)
        while !numbers.isEmpty {
            let middle = numbers.lowerBound + (numbers.upperBound - numbers.lowerBound) / 2
            guard let row = try Row.fetchOne(event, arguments: [urn.indexKey, middle]) else {
                throw DamagedColumn(column: "number")
            }
            if try row.number("time") <= asOf {
                cut = History(count: middle, head: try row.digest("head"))
                numbers = (middle + 1)..<numbers.upperBound
            } else {
                numbers = numbers.lowerBound..<middle
            }
        }
        return cut
    }

    private static func eachEvent(
        _ db: Database, _ urn: URN, from: UInt64, through last: UInt64, _ take: (HistoryEvent) throws -> Void
    ) throws {
        let rows = try Row.fetchCursor(
            db.cachedStatement(
                sql: """
                    SELECT number, head, body, leaf, id, type, issuer, height, position, time
                    FROM links JOIN statements USING (leaf)
                    WHERE urn = ? AND number BETWEEN ? AND ? ORDER BY number
                    """),
            arguments: [urn.indexKey, from.clamped, last.clamped])
        while let row = try rows.next() {
            let body = try row.bytes("body")
            let link = HistoryLink(
                statement: try row.digest("id"), height: try row.number("height"),
                position: try row.number("position"), time: try row.number("time"), bodyHash: SHA256.hash(body))
            try take(
                HistoryEvent(
                    number: try row.number("number"), link: link, type: row["type"],
                    issuer: try row.digest("issuer"), leafIndex: try row.number("leaf"),
                    head: try row.digest("head"), body: body))
        }
    }

    // MARK: Reading

    /// Rows that one answer holds, whatever was asked for. SQLite takes a negative limit for none.
    static func bounded(_ limit: Int) -> Int { min(max(limit, 0), maximumRows) }

    static let maximumRows = 10_000

    /// Asks one question; everything it reads is of one height.
    func read<T>(_ question: (Database) throws -> T) throws(DatabaseFailure) -> T {
        try DatabaseFailure.catching(file.path) { try pool.read(question) }
    }

    private static func statement(_ row: Row) throws -> IndexedStatement {
        let contested: Data = row["contested"] ?? Data()
        return IndexedStatement(
            id: try row.digest("id"), leafHash: try row.digest("leaf_hash"), leafIndex: try row.number("leaf"),
            height: try row.number("height"), position: try row.number("position"), time: try row.number("time"),
            type: row["type"], issuer: try row.digest("issuer"),
            records: try URN.list(indexKeys: row.bytes("records")), work: try row.optionalDigest("work"),
            version: try row["version"] == nil ? nil : UInt32(clamping: row.number("version")),
            manifestRoot: try row.optionalDigest("manifest_root"),
            contestedWith: stride(from: 0, to: contested.count, by: Digest.byteCount).compactMap {
                Digest(contested.dropFirst($0).prefix(Digest.byteCount))
            },
            party: try row.optionalDigest("party"), offer: try row.optionalDigest("offer"))
    }
}
