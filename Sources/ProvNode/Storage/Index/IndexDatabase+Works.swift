import Foundation
import GRDB
import ProvChain

extension IndexDatabase {
    /// Who claimed an exact hash, first to last; nobody is an answer, too.
    ///
    /// - Parameter after: ``HashClaims/next`` of the page before.
    func lookup(
        _ hash: Digest, limit: Int = NodeLimits.pageSize, after: UInt64 = 0
    ) throws(DatabaseFailure) -> HashClaims {
        try read { db in
            let key = URN.component(hash).indexKey
            let latest = try Data.fetchOne(
                db.cachedStatement(sql: "SELECT body FROM links WHERE urn = ? ORDER BY number DESC LIMIT 1"),
                arguments: [key])
            guard let latest else { return HashClaims(hash: hash, count: 0, claims: []) }
            let component = try ComponentRecord(cbor: Array(latest))
            let isShared = component.claims.count > 1
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT l.number, s.issuer, s.work, s.version, s.time, s.contested IS NOT NULL AS contested, w.title
                        FROM links l JOIN statements s ON s.leaf = l.leaf LEFT JOIN works w ON w.work = s.work
                        WHERE l.urn = ? AND l.number > ? AND s.version IS NOT NULL ORDER BY l.number LIMIT ?
                        """),
                arguments: [key, after.clamped, Self.bounded(limit) + 1])
            let kept = rows.prefix(Self.bounded(limit))
            let claims = try kept.map { row in
                HashClaims.Claim(
                    party: try row.digest("issuer"), work: try row.digest("work"),
                    version: UInt32(clamping: try row.number("version")), time: try row.number("time"),
                    isContested: row["contested"] || isShared, title: row["title"])
            }
            let last = rows.count > kept.count ? kept.last : nil
            return HashClaims(
                hash: hash, count: component.count, claims: claims, next: try last.map { try $0.number("number") })
        }
    }

    /// Works whose title, authors or description hold all of the words, newest first. The words are what
    /// somebody typed: nothing in them is an operator.
    ///
    /// - Parameter after: ``IndexPage/next`` of the page before.
    func search(_ words: String, limit: Int, after: UInt64? = nil) throws(DatabaseFailure) -> IndexPage<IndexedWork> {
        guard let query = SearchText.query(words) else { return IndexPage(rows: [], next: nil) }
        return try read { db in
            try Self.works(
                db,
                sql: """
                    SELECT works.* FROM words JOIN works ON works.leaf = words.rowid
                    WHERE words MATCH ? AND words.rowid < ? ORDER BY words.rowid DESC LIMIT ?
                    """,
                query, limit: limit, after: after)
        }
    }

    /// The works that a party claims, newest first.
    func works(
        of party: Digest, limit: Int, after: UInt64? = nil
    ) throws(DatabaseFailure) -> IndexPage<IndexedWork> {
        try read { db in
            try Self.works(
                db, sql: "SELECT * FROM works WHERE claimant = ? AND leaf < ? ORDER BY leaf DESC LIMIT ?",
                party.blob, limit: limit, after: after)
        }
    }

    func work(_ identifier: Digest) throws(DatabaseFailure) -> IndexedWork? {
        try read { db in
            try Row.fetchOne(
                db.cachedStatement(sql: "SELECT * FROM works WHERE work = ?"), arguments: [identifier.blob]
            ).map(Self.work)
        }
    }

    /// The shares that a party holds, in the order of the titles' keys; `after` is the last one of the page before.
    func titles(of party: Digest, limit: Int, after: URN? = nil) throws(DatabaseFailure) -> [TitleHolding] {
        try read { db in
            // An empty BLOB sorts before every other.
            try Row.fetchAll(
                db.cachedStatement(
                    sql: "SELECT urn, work, share FROM titles WHERE party = ? AND urn > ? ORDER BY urn LIMIT ?"),
                arguments: [party.blob, after?.indexKey ?? Data(), Self.bounded(limit)]
            ).map { row in
                guard let urn = try URN.list(indexKeys: row.bytes("urn")).first else {
                    throw DamagedColumn(column: "urn")
                }
                return TitleHolding(urn: urn, work: try row.digest("work"), share: try row.number("share"))
            }
        }
    }

    /// The offers of title that a party made or received, newest first.
    func offers(
        of party: Digest, limit: Int, after: UInt64? = nil
    ) throws(DatabaseFailure) -> IndexPage<IndexedOffer> {
        try read { db in
            // With OR, SQLite would sort all offers of the party. Nobody makes offers to oneself.
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT * FROM (
                            SELECT * FROM offers WHERE offerer = ?1 AND leaf < ?2 ORDER BY leaf DESC LIMIT ?3)
                        UNION ALL SELECT * FROM (
                            SELECT * FROM offers WHERE recipient = ?1 AND leaf < ?2 ORDER BY leaf DESC LIMIT ?3)
                        ORDER BY leaf DESC LIMIT ?3
                        """),
                arguments: [party.blob, after?.clamped ?? Int64.max, Self.bounded(limit) + 1]
            ).map { row in
                IndexedOffer(
                    offer: try row.digest("offer"), work: try row.digest("work"), right: try row.number("right"),
                    offerer: try row.digest("offerer"), recipient: try row.digest("recipient"),
                    share: try row.number("share"), deadline: try row.number("deadline"),
                    status: try row.number("status"), leafIndex: try row.number("leaf"))
            }
            return Self.page(rows, limit: limit, \.leafIndex)
        }
    }

    // MARK: Rows

    private static func works(
        _ db: Database, sql: String, _ argument: some DatabaseValueConvertible, limit: Int, after: UInt64?
    ) throws -> IndexPage<IndexedWork> {
        // One more than asked for tells whether there is a next page.
        let rows = try Row.fetchAll(
            db.cachedStatement(sql: sql), arguments: [argument, after?.clamped ?? Int64.max, bounded(limit) + 1])
        return page(try rows.map(work), limit: limit, \.leafIndex)
    }

    private static func page<R>(_ rows: [R], limit: Int, _ cursor: (R) -> UInt64) -> IndexPage<R> {
        let limit = bounded(limit)
        guard rows.count > limit else { return IndexPage(rows: rows, next: nil) }
        let kept = Array(rows.prefix(limit))
        return IndexPage(rows: kept, next: kept.last.map(cursor))
    }

    private static func work(_ row: Row) throws -> IndexedWork {
        IndexedWork(
            work: try row.digest("work"), title: row["title"], claimant: try row.digest("claimant"),
            category: try row.number("category"), time: try row.number("time"),
            metadata: try row.digest("metadata"), leafIndex: try row.number("leaf"))
    }
}
