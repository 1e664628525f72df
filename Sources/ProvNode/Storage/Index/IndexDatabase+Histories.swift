import Foundation
import GRDB
import ProvChain

extension IndexDatabase {
    /// A final statement; `nil` if no block up to ``height`` applied it.
    func indexedStatement(_ id: Digest) throws(DatabaseFailure) -> IndexedStatement? {
        try read { _, events in try events.statement(id).map(Self.statement) }
    }

    /// Where a final statement stands in the history.
    func leafIndex(of id: Digest) throws(DatabaseFailure) -> UInt64? {
        try read { _, events in try events.leaf(of: id) }
    }

    /// The same, as the API says it.
    func statement(_ id: Digest) throws(DatabaseFailure) -> StatementView? { try indexedStatement(id)?.view }

    /// The statements of a block in their order; `nil` if the block was not applied.
    func statements(height: UInt64) throws(DatabaseFailure) -> [IndexedStatement]? {
        try read { db, _ in
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

    // MARK: Histories

    /// At most `limit` events of a record's history, from number `from` (from 1) on; `nil` if there is no such
    /// record, or was none at `asOf` (milliseconds, inclusive), which cuts the history where it ended then.
    func history(
        _ urn: URN, from: UInt64, limit: Int, asOf: UInt64? = nil
    ) throws(DatabaseFailure) -> HistoryPage? {
        try read { _, index in
            guard let history = try Self.history(index, urn, asOf: asOf) else { return nil }
            let first = min(max(from, 1), history.count + 1)
            let last = min(history.count, first - 1 + UInt64(Self.bounded(limit)))
            var events: [HistoryEvent] = []
            try Self.eachEvent(index, urn, from: first, through: last) { events.append($0) }
            return HistoryPage(history: history, events: events, next: last < history.count ? last + 1 : nil)
        }
    }

    /// Count and head of a record's history, now or at a time; `nil` if there was no such record.
    func historyHead(_ urn: URN, asOf: UInt64? = nil) throws(DatabaseFailure) -> History? {
        try read { _, index in try Self.history(index, urn, asOf: asOf) }
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
        try read { _, index in
            guard let history = try Self.history(index, urn, asOf: asOf) else { return }
            try Self.eachEvent(index, urn, from: 1, through: history.count, take)
        }
    }

    private static func history(_ index: IndexedEvents, _ urn: URN, asOf: UInt64?) throws -> History? {
        guard let last = try index.latest(urn) else { return nil }
        guard let asOf else { return History(count: last.effect.number, head: last.effect.head) }
        // Numbers and times rise together, so the cut is found by halving: a history may be very long.
        var cut: History?
        var numbers = 1..<(last.effect.number + 1)
        while !numbers.isEmpty {
            let middle = numbers.lowerBound + (numbers.upperBound - numbers.lowerBound) / 2
            guard let event = try index.event(urn, middle) else { throw DamagedColumn(column: "records") }
            if try event.row.number("time") <= asOf {
                cut = History(count: middle, head: event.effect.head)
                numbers = (middle + 1)..<numbers.upperBound
            } else {
                numbers = numbers.lowerBound..<middle
            }
        }
        return cut
    }

    private static func eachEvent(
        _ index: IndexedEvents, _ urn: URN, from: UInt64, through last: UInt64, _ take: (HistoryEvent) throws -> Void
    ) throws {
        guard from <= last else { return }
        var next = from
        try index.forEach(urn, numbers: from...last) { event in
            // A gap would be a history that is not what the record commits to.
            guard event.effect.number == next else { throw DamagedColumn(column: "records") }
            next += 1
            let row = event.row
            let link = HistoryLink(
                statement: try row.digest("id"), height: try row.number("height"),
                position: try row.number("position"), time: try row.number("time"),
                bodyHash: SHA256.hash(event.effect.body))
            try take(
                HistoryEvent(
                    number: event.effect.number, link: link, type: row["type"], issuer: try row.digest("issuer"),
                    leafIndex: event.leaf, head: event.effect.head, body: event.effect.body))
            return true
        }
        guard next == last + 1 else { throw DamagedColumn(column: "records") }
    }

    // MARK: Rows

    /// Rows that one answer holds, whatever was asked for. SQLite takes a negative limit for none.
    static func bounded(_ limit: Int) -> Int { min(max(limit, 0), maximumRows) }

    static let maximumRows = 10_000

    private static func statement(_ row: Row) throws -> IndexedStatement {
        IndexedStatement(
            id: try row.digest("id"), leafHash: try row.digest("leaf_hash"), leafIndex: try row.number("leaf"),
            height: try row.number("height"), position: try row.number("position"), time: try row.number("time"),
            type: row["type"], issuer: try row.digest("issuer"),
            records: try IndexedEffects(row.bytes("records")).urns(), work: try row.optionalDigest("work"),
            version: try row["version"] == nil ? nil : UInt32(clamping: row.number("version")),
            manifestRoot: try row.optionalDigest("manifest_root"),
            contestedWith: try row.digests("contested"),
            party: try row.optionalDigest("party"), offer: try row.optionalDigest("offer"))
    }
}
