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
        try read { db, events in
            let urn = URN.component(hash)
            guard let latest = try events.latest(urn) else { return HashClaims(hash: hash, count: 0, claims: []) }
            let component = try ComponentRecord(cbor: latest.effect.body)
            let isShared = component.claims.count > 1
            let limit = Self.bounded(limit)
            var claims: [(number: UInt64, claim: HashClaims.Claim)] = []
            if after < latest.effect.number {
                try events.forEach(urn, numbers: (after + 1)...latest.effect.number) { event in
                    guard event.row["version"] != nil else { return true }
                    let row = event.row
                    let work = try row.digest("work")
                    claims.append(
                        (
                            event.effect.number,
                            HashClaims.Claim(
                                party: try row.digest("issuer"), work: work,
                                version: UInt32(clamping: try row.number("version")), time: try row.number("time"),
                                isContested: row["contested"] != nil || isShared,
                                title: try Self.title(db, events, work, registeredAt: event.leaf))
                        ))
                    // One more than asked for tells whether there is a next page.
                    return claims.count <= limit
                }
            }
            let kept = claims.prefix(limit)
            return HashClaims(
                hash: hash, count: component.count, claims: kept.map(\.claim),
                next: claims.count > kept.count ? kept.last?.number : nil)
        }
    }

    /// The title of a work, of which a version was registered at a leaf.
    static func title(
        _ db: Database, _ events: IndexedEvents, _ work: Digest, registeredAt leaf: UInt64
    ) throws -> String? {
        let statement = try db.cachedStatement(sql: "SELECT work, title FROM works WHERE leaf = ?")
        // The first version comes with the work itself.
        let first = try Row.fetchOne(statement, arguments: [leaf.clamped])
        if let first, try first.digest("work") == work { return first["title"] }
        guard let origin = try events.origin(of: .work(work)) else { return nil }
        return try Row.fetchOne(statement, arguments: [origin.clamped])?["title"]
    }

    /// Works whose title, authors or description hold all of the words, newest first. The words are what
    /// somebody typed: nothing in them is an operator.
    ///
    /// - Parameter after: ``IndexPage/next`` of the page before.
    func search(_ words: String, limit: Int, after: UInt64? = nil) throws(DatabaseFailure) -> IndexPage<IndexedWork> {
        guard let query = SearchText.query(words) else { return IndexPage(rows: [], next: nil) }
        return try read { db, _ in
            // One more than asked for tells whether there is a next page.
            let rows = try Row.fetchAll(
                db.cachedStatement(
                    sql: """
                        SELECT works.* FROM words JOIN works ON works.leaf = words.rowid
                        WHERE words MATCH ? AND words.rowid < ? ORDER BY words.rowid DESC LIMIT ?
                        """),
                arguments: [query, after?.clamped ?? Int64.max, Self.bounded(limit) + 1])
            return Self.page(try rows.map(Self.work), limit: limit, \.leafIndex)
        }
    }

    /// The works that a party claims, newest first.
    func works(
        of party: Digest, limit: Int, after: UInt64? = nil
    ) throws(DatabaseFailure) -> IndexPage<IndexedWork> {
        try read { db, events in
            let rows = try Self.list(
                db, events, RegisterRange(RegisterKey.works(of: party), below: after ?? .max),
                sql: "SELECT * FROM works WHERE leaf = ?", limit: limit, Self.work
            ) { $0.claimant == party }
            return Self.page(rows, limit: limit, \.leafIndex)
        }
    }

    func work(_ identifier: Digest) throws(DatabaseFailure) -> IndexedWork? {
        try read { db, events in
            guard let leaf = try events.origin(of: .work(identifier)) else { return nil }
            return try Row.fetchOne(
                db.cachedStatement(sql: "SELECT * FROM works WHERE leaf = ?"), arguments: [leaf.clamped]
            ).map(Self.work)
        }
    }

    /// The shares that a party holds, in the order of the titles' keys; `after` is the last one of the page before.
    func titles(of party: Digest, limit: Int, after: URN? = nil) throws(DatabaseFailure) -> [TitleHolding] {
        try read { db, _ in
            // An empty BLOB sorts before every other.
            try Row.fetchAll(
                db.cachedStatement(
                    sql: "SELECT urn, share FROM titles WHERE party = ? AND urn > ? ORDER BY urn LIMIT ?"),
                arguments: [party.blob, after?.indexKey ?? Data(), Self.bounded(limit)]
            ).map { row in
                guard let urn = try URN.list(indexKeys: row.bytes("urn")).first else {
                    throw DamagedColumn(column: "urn")
                }
                return TitleHolding(urn: urn, work: urn.identifier, share: try row.number("share"))
            }
        }
    }

    /// The offers of title that a party made or received, newest first.
    func offers(
        of party: Digest, limit: Int, after: UInt64? = nil
    ) throws(DatabaseFailure) -> IndexPage<IndexedOffer> {
        try read { db, events in
            let rows = try Self.list(
                db, events, RegisterRange(RegisterKey.offers(of: party), below: after ?? .max),
                sql: "SELECT * FROM offers WHERE leaf = ?", limit: limit, Self.offer
            ) { $0.offerer == party || $0.recipient == party }
            return Self.page(rows, limit: limit, \.leafIndex)
        }
    }

    // MARK: Rows

    /// The newest rows whose leaves the register has under a key: one more than asked for, which tells whether there is
    /// a next page.
    private static func list<R>(
        _ db: Database, _ events: IndexedEvents, _ range: RegisterRange, sql: String, limit: Int,
        _ read: (Row) throws -> R, where isMeant: (R) -> Bool
    ) throws -> [R] {
        let statement = try db.cachedStatement(sql: sql)
        let limit = bounded(limit)
        var rows: [R] = []
        try events.keys.descending(range) { entry in
            // Another kind of entry may share the key.
            guard let row = try Row.fetchOne(statement, arguments: [entry.leaf.clamped]).map(read), isMeant(row) else {
                return true
            }
            rows.append(row)
            return rows.count <= limit
        }
        return rows
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

    private static func offer(_ row: Row) throws -> IndexedOffer {
        IndexedOffer(
            offer: try row.digest("offer"), work: try row.digest("work"), right: try row.number("right"),
            offerer: try row.digest("offerer"), recipient: try row.digest("recipient"),
            share: try row.number("share"), deadline: try row.number("deadline"), status: try row.number("status"),
            leafIndex: try row.number("leaf"))
    }
}
