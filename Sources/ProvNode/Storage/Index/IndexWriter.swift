import Foundation
import GRDB
import ProvChain

/// Writes what blocks did into the index, within one transaction.
struct IndexWriter {
    /// Where the rows go that arrive in random order: their tables, or, in a bulk load, heaps that are sorted at
    /// its end.
    struct Tables {
        var links = "links"
        var attachments = "attachments"
    }

    private let putBlock: GRDB.Statement
    private let putStatement: GRDB.Statement
    private let putLink: GRDB.Statement
    private let putWork: GRDB.Statement
    private let dropTitles: GRDB.Statement
    private let putTitle: GRDB.Statement
    private let putOffer: GRDB.Statement
    private let putAttachment: GRDB.Statement
    private let setTitle: GRDB.Statement
    private let dropWords: GRDB.Statement
    private let putWords: GRDB.Statement

    init(_ db: Database, _ tables: Tables = Tables()) throws {
        putBlock = try db.cachedStatement(
            sql: "INSERT INTO blocks (height, first_leaf, statements, time) VALUES (?, ?, ?, ?)")
        putStatement = try db.cachedStatement(
            sql: """
                INSERT INTO statements (leaf, id, leaf_hash, height, position, time, type, issuer, work, version,
                    manifest_root, contested, party, offer, records)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """)
        putLink = try db.cachedStatement(
            sql: "INSERT INTO \(tables.links) (urn, number, leaf, head, body) VALUES (?, ?, ?, ?, ?)")
        putWork = try db.cachedStatement(
            sql: "INSERT INTO works (leaf, work, claimant, category, time, metadata) VALUES (?, ?, ?, ?, ?, ?)")
        dropTitles = try db.cachedStatement(sql: "DELETE FROM titles WHERE urn = ?")
        putTitle = try db.cachedStatement(
            sql: "INSERT INTO titles (party, urn, work, right, share) VALUES (?, ?, ?, ?, ?)")
        // An offer is written by the statement that makes it and again, with another status, by its answer:
        // only the status may change then.
        putOffer = try db.cachedStatement(
            sql: """
                INSERT INTO offers (leaf, offer, work, right, offerer, recipient, share, deadline, status)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (offer) DO UPDATE SET status = excluded.status
                """)
        // One statement may name the same bytes twice.
        putAttachment = try db.cachedStatement(
            sql: "INSERT OR IGNORE INTO \(tables.attachments) (hash, leaf, size) VALUES (?, ?, ?)")
        setTitle = try db.cachedStatement(sql: "UPDATE works SET title = ? WHERE leaf = ?")
        dropWords = try db.cachedStatement(sql: "DELETE FROM words WHERE rowid = ?")
        putWords = try db.cachedStatement(
            sql: "INSERT INTO words (rowid, title, authors, description) VALUES (?, ?, ?, ?)")
    }

    func write(_ block: ExecutedBlock, attachments: (Digest) -> [UInt8]?) throws {
        try putBlock.execute(arguments: [
            block.header.height, block.leafIndex(position: 0), block.execution.applied.count, block.header.time,
        ])
        for applied in block.execution.applied {
            try write(try IndexedStatement(applied, in: block))
            let leaf = Int64(block.leafIndex(position: applied.position))
            for reference in applied.statement.payload.attachments {
                try putAttachment.execute(arguments: [reference.hash.blob, leaf, reference.size])
            }
            for effect in applied.effects { try write(effect, leaf: leaf, attachments: attachments) }
        }
    }

    private func write(_ statement: IndexedStatement) throws {
        let contested = Data(statement.contestedWith.flatMap(\.bytes))
        try putStatement.execute(arguments: [
            statement.leafIndex, statement.id.blob, statement.leafHash.blob, statement.height, statement.position,
            statement.time, statement.type, statement.issuer.blob, statement.work?.blob, statement.version,
            statement.manifestRoot?.blob, contested.isEmpty ? nil : contested, statement.party?.blob,
            statement.offer?.blob, statement.records.reduce(into: Data()) { $0.append($1.indexKey) },
        ])
    }

    private func write(
        _ effect: AppliedStatement.Effect, leaf: Int64, attachments: (Digest) -> [UInt8]?
    ) throws {
        let key = effect.urn.indexKey
        let history = effect.record.history
        try putLink.execute(arguments: [key, history.count, leaf, history.head.blob, Data(effect.record.body)])
        switch effect.urn {
        case .work(let identifier):
            guard history.count == 1 else { return }
            let work = try WorkRecord(cbor: effect.record.body)
            try putWork.execute(arguments: [
                leaf, identifier.blob, work.claimant.blob, work.category.rawValue, work.registered,
                work.metadata.hash.blob,
            ])
            // Metadata that do not parse leave a work without words, which is its claimant's choice.
            if let bytes = attachments(work.metadata.hash), let metadata = try? WorkMetadata(cbor: bytes) {
                try setTitle.execute(arguments: [metadata.title, leaf])
                try add(metadata, leaf: leaf)
            }
        case .title(let work, let right):
            // A title's first record has none before it whose holders would have to go.
            if history.count > 1 { try dropTitles.execute(arguments: [key]) }
            for holder in try TitleRecord(cbor: effect.record.body).holders {
                try putTitle.execute(arguments: [holder.party.blob, key, work.blob, right.rawValue, holder.share])
            }
        case .offer(let identifier):
            let record = try OfferRecord(cbor: effect.record.body)
            try putOffer.execute(arguments: [
                leaf, identifier.blob, record.offer.work.blob, record.offer.right.rawValue, record.offerer.blob,
                record.offer.recipient.blob, record.offer.share, record.offer.deadline, record.status.rawValue,
            ])
        case .chain, .member, .party, .key, .version, .component, .statement: break
        }
    }

    func write(_ metadata: WorkMetadata, leaf: Int64) throws {
        try setTitle.execute(arguments: [metadata.title, leaf])
        try dropWords.execute(arguments: [leaf])
        try add(metadata, leaf: leaf)
    }

    /// The words of a work that has none yet.
    private func add(_ metadata: WorkMetadata, leaf: Int64) throws {
        try putWords.execute(arguments: [
            leaf, SearchText.segmented(metadata.title),
            SearchText.segmented(metadata.authors.joined(separator: "\n")),
            metadata.description.map(SearchText.segmented),
        ])
    }

    func removeMetadata(leaf: Int64) throws {
        try setTitle.execute(arguments: [nil, leaf])
        try dropWords.execute(arguments: [leaf])
    }
}
