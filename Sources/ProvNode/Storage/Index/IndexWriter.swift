import GRDB
import ProvChain

/// Writes what blocks did into the index, within one transaction, which ``finish()`` completes.
final class IndexWriter {
    /// Where the rows go that arrive in random order: their tables, or, in a bulk load, heaps that are sorted at
    /// its end.
    struct Tables {
        var links = "links"
        var attachments = "attachments"
    }

    /// A row that goes to a random place. Those of a transaction are written in the order of their keys, so that each
    /// page is looked for once.
    private struct Link {
        let order: UInt64
        let key: [UInt8]
        let leaf: Int64
        let record: StoredRecord
    }

    private let putBlock: SQLiteStatement
    private let putStatement: SQLiteStatement
    private let putLink: SQLiteStatement
    private let putWork: SQLiteStatement
    private let dropTitles: SQLiteStatement
    private let putTitle: SQLiteStatement
    private let putOffer: SQLiteStatement
    private let putAttachment: SQLiteStatement
    private let setTitle: SQLiteStatement
    private let dropWords: SQLiteStatement
    private let putWords: SQLiteStatement
    private var links: [Link] = []

    init(_ db: Database, _ tables: Tables = Tables()) throws {
        guard let connection = db.sqliteConnection else { throw DatabaseError(message: "not connected") }
        func statement(_ sql: String) throws(DatabaseError) -> SQLiteStatement {
            try SQLiteStatement(sql, on: connection)
        }
        putBlock = try statement("INSERT INTO blocks (height, first_leaf, statements, time) VALUES (?, ?, ?, ?)")
        putStatement = try statement(
            """
            INSERT INTO statements (leaf, id, leaf_hash, height, position, time, type, issuer, work, version,
                manifest_root, contested, party, offer, records)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        putLink = try statement(
            "INSERT INTO \(tables.links) (urn, number, leaf, head, body) VALUES (?, ?, ?, ?, ?)")
        putWork = try statement(
            "INSERT INTO works (leaf, work, claimant, category, time, metadata) VALUES (?, ?, ?, ?, ?, ?)")
        dropTitles = try statement("DELETE FROM titles WHERE urn = ?")
        putTitle = try statement("INSERT INTO titles (party, urn, work, right, share) VALUES (?, ?, ?, ?, ?)")
        // An offer is written by the statement that makes it and again, with another status, by its answer:
        // only the status may change then.
        putOffer = try statement(
            """
            INSERT INTO offers (leaf, offer, work, right, offerer, recipient, share, deadline, status)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (offer) DO UPDATE SET status = excluded.status
            """)
        // One statement may name the same bytes twice.
        putAttachment = try statement("INSERT OR IGNORE INTO \(tables.attachments) (hash, leaf, size) VALUES (?, ?, ?)")
        setTitle = try statement("UPDATE works SET title = ? WHERE leaf = ?")
        dropWords = try statement("DELETE FROM words WHERE rowid = ?")
        putWords = try statement("INSERT INTO words (rowid, title, authors, description) VALUES (?, ?, ?, ?)")
    }

    func write(_ block: ExecutedBlock, attachments: (Digest) -> [UInt8]?) throws {
        try putBlock.run { row in
            row.add(block.header.height)
            row.add(block.leafIndex(position: 0))
            row.add(UInt64(block.execution.applied.count))
            row.add(block.header.time)
        }
        for applied in block.execution.applied {
            try write(try IndexedStatement(applied, in: block))
            let leaf = Int64(block.leafIndex(position: applied.position))
            for reference in applied.statement.payload.attachments {
                try putAttachment.run { row in
                    row.add(reference.hash)
                    row.add(leaf)
                    row.add(reference.size)
                }
            }
            for effect in applied.effects { try write(effect, leaf: leaf, attachments: attachments) }
        }
    }

    /// Writes the rows that waited for others.
    func finish() throws {
        links.sort { $0.order < $1.order }
        for link in links {
            let history = link.record.history
            try putLink.run { row in
                row.add(link.key)
                row.add(history.count)
                row.add(link.leaf)
                row.add(history.head)
                row.add(link.record.body)
            }
        }
        links.removeAll()
    }

    private func write(_ statement: IndexedStatement) throws {
        let contested = statement.contestedWith.flatMap(\.bytes)
        try putStatement.run { row in
            row.add(statement.leafIndex)
            row.add(statement.id)
            row.add(statement.leafHash)
            row.add(statement.height)
            row.add(statement.position)
            row.add(statement.time)
            row.add(statement.type)
            row.add(statement.issuer)
            row.add(statement.work)
            row.add(statement.version.map(Int64.init))
            row.add(statement.manifestRoot)
            row.add(contested.isEmpty ? nil : contested)
            row.add(statement.party)
            row.add(statement.offer)
            row.add(statement.records.flatMap(\.indexBytes))
        }
    }

    private func write(
        _ effect: AppliedStatement.Effect, leaf: Int64, attachments: (Digest) -> [UInt8]?
    ) throws {
        let key = effect.urn.indexBytes
        let history = effect.record.history
        links.append(
            Link(
                order: key.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }, key: key, leaf: leaf, record: effect.record))
        switch effect.urn {
        case .work(let identifier):
            guard history.count == 1 else { return }
            let work = try WorkRecord(cbor: effect.record.body)
            try putWork.run { row in
                row.add(leaf)
                row.add(identifier)
                row.add(work.claimant)
                row.add(work.category.rawValue)
                row.add(work.registered)
                row.add(work.metadata.hash)
            }
            // Metadata that do not parse leave a work without words, which is its claimant's choice.
            if let bytes = attachments(work.metadata.hash), let metadata = try? WorkMetadata(cbor: bytes) {
                try name(metadata.title, leaf: leaf)
                try add(metadata, leaf: leaf)
            }
        case .title(let work, let right):
            // A title's first record has none before it whose holders would have to go.
            if history.count > 1 { try dropTitles.run { $0.add(key) } }
            for holder in try TitleRecord(cbor: effect.record.body).holders {
                try putTitle.run { row in
                    row.add(holder.party)
                    row.add(key)
                    row.add(work)
                    row.add(right.rawValue)
                    row.add(holder.share)
                }
            }
        case .offer(let identifier):
            try write(try OfferRecord(cbor: effect.record.body), identifier, leaf: leaf)
        case .chain, .member, .party, .key, .version, .component, .statement: break
        }
    }

    private func write(_ record: OfferRecord, _ identifier: Digest, leaf: Int64) throws {
        try putOffer.run { row in
            row.add(leaf)
            row.add(identifier)
            row.add(record.offer.work)
            row.add(record.offer.right.rawValue)
            row.add(record.offerer)
            row.add(record.offer.recipient)
            row.add(record.offer.share)
            row.add(record.offer.deadline)
            row.add(record.status.rawValue)
        }
    }

    func write(_ metadata: WorkMetadata, leaf: Int64) throws {
        try name(metadata.title, leaf: leaf)
        try dropWords.run { $0.add(leaf) }
        try add(metadata, leaf: leaf)
    }

    private func name(_ title: String?, leaf: Int64) throws {
        try setTitle.run { row in
            row.add(title)
            row.add(leaf)
        }
    }

    /// The words of a work that has none yet.
    private func add(_ metadata: WorkMetadata, leaf: Int64) throws {
        try putWords.run { row in
            row.add(leaf)
            row.add(SearchText.segmented(metadata.title))
            row.add(SearchText.segmented(metadata.authors.joined(separator: "\n")))
            row.add(metadata.description.map(SearchText.segmented))
        }
    }

    func removeMetadata(leaf: Int64) throws {
        try name(nil, leaf: leaf)
        try dropWords.run { $0.add(leaf) }
    }
}
