import GRDB
import ProvChain

/// Writes what blocks did into the index, within one transaction, which ``finish()`` completes.
///
/// Statements, works and offers go to the ends of their tables. What is looked up by hashes gathers as entries of the
/// register, which whoever owns the transaction puts there.
final class IndexWriter {
    /// Who held a title before the transaction, and who holds it after.
    private struct TitleChange {
        let key: [UInt8]
        let before: [Digest]
        var after: [TitleRecord.Holder]
    }

    private let db: Database
    private let keys: RegisterReader?
    private let putBlock: SQLiteStatement
    private let putStatement: SQLiteStatement
    private let putWork: SQLiteStatement
    private let dropTitle: SQLiteStatement
    private let putTitle: SQLiteStatement
    private let putOffer: SQLiteStatement
    private let setStatus: SQLiteStatement
    private let setTitle: SQLiteStatement
    private let dropWords: SQLiteStatement
    private let putWords: SQLiteStatement
    private var entries: [RegisterEntry] = []
    /// By state key.
    private var titles: [Digest: TitleChange] = [:]
    /// The leaves of offers that the transaction wrote, by state key.
    private var offers: [Digest: Int64] = [:]

    /// - Parameter keys: the register before the transaction; without one, of whatever is not in the blocks nothing is
    ///   known, and so titles keep their former holders and offers their status.
    init(_ db: Database, _ keys: RegisterReader?) throws {
        guard let connection = db.sqliteConnection else { throw DatabaseError(message: "not connected") }
        func statement(_ sql: String) throws(DatabaseError) -> SQLiteStatement {
            try SQLiteStatement(sql, on: connection)
        }
        self.db = db
        self.keys = keys
        putBlock = try statement("INSERT INTO blocks (height, first_leaf, statements, time) VALUES (?, ?, ?, ?)")
        putStatement = try statement(
            """
            INSERT INTO statements (leaf, id, leaf_hash, height, position, time, type, issuer, work, version,
                manifest_root, contested, party, offer, attachments, records)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        putWork = try statement(
            "INSERT INTO works (leaf, work, claimant, category, time, metadata) VALUES (?, ?, ?, ?, ?, ?)")
        dropTitle = try statement("DELETE FROM titles WHERE party = ? AND urn = ?")
        putTitle = try statement("INSERT OR REPLACE INTO titles (party, urn, share) VALUES (?, ?, ?)")
        putOffer = try statement(
            """
            INSERT INTO offers (leaf, offer, work, right, offerer, recipient, share, deadline, status)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
            """)
        setStatus = try statement("UPDATE offers SET status = ? WHERE leaf = ?")
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
            let leaf = block.leafIndex(position: applied.position)
            try write(applied, try IndexedStatement(applied, in: block))
            for effect in applied.effects { try write(effect, leaf: leaf, attachments: attachments) }
        }
    }

    /// Writes the rows that waited for others, and gives the entries of the register, sorted.
    func finish() throws -> [RegisterEntry] {
        try writeTitles()
        entries.sort()
        defer { entries = [] }
        return entries
    }

    private func write(_ applied: AppliedStatement, _ statement: IndexedStatement) throws {
        let leaf = statement.leafIndex
        entries.append(RegisterEntry(RegisterKey.statement(statement.id), leaf: leaf))
        var attachments: [UInt8] = []
        for hash in Self.hashes(applied.statement.payload.attachments) {
            entries.append(RegisterEntry(RegisterKey.attachment(hash), leaf: leaf))
            hash.withBytes { attachments.append(contentsOf: $0) }
        }
        let contested = statement.contestedWith.flatMap(\.bytes)
        try putStatement.run { row in
            row.add(leaf)
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
            row.add(attachments.isEmpty ? nil : attachments)
            row.add(IndexedEffects(applied.effects).bytes)
        }
    }

    /// One statement may name the same bytes twice.
    static func hashes(_ references: [AttachmentReference]) -> [Digest] {
        var hashes: [Digest] = []
        for reference in references where !hashes.contains(reference.hash) { hashes.append(reference.hash) }
        return hashes
    }

    private func write(
        _ effect: AppliedStatement.Effect, leaf: UInt64, attachments: (Digest) -> [UInt8]?
    ) throws {
        let history = effect.record.history
        entries.append(RegisterEntry(effect.key.firstBits, number: RegisterKey.number(history.count), leaf: leaf))
        switch effect.urn {
        case .work(let identifier):
            guard history.count == 1 else { return }
            let work = try WorkRecord(cbor: effect.record.body)
            entries.append(RegisterEntry(RegisterKey.works(of: work.claimant), leaf: leaf))
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
                try name(metadata.title, leaf: Int64(leaf))
                try add(metadata, leaf: Int64(leaf))
            }
        case .title:
            let holders = try TitleRecord(cbor: effect.record.body).holders
            if titles[effect.key] == nil {
                titles[effect.key] = TitleChange(
                    key: effect.urn.indexBytes, before: try formerHolders(effect), after: holders)
            } else {
                titles[effect.key]?.after = holders
            }
        case .offer(let identifier):
            let record = try OfferRecord(cbor: effect.record.body)
            if history.count == 1 {
                try write(record, identifier, leaf: leaf)
                offers[effect.key] = Int64(leaf)
            } else if let leaf = try leafOfOffer(effect) {
                try setStatus.run { row in
                    row.add(record.status.rawValue)
                    row.add(leaf)
                }
            }
        case .chain, .member, .party, .key, .version, .component, .statement: break
        }
    }

    // MARK: Titles

    /// In the order of their keys, so that each page is looked for once.
    private func writeTitles() throws {
        struct Write {
            let party: Digest
            let key: [UInt8]
            let share: UInt64
        }
        var writes: [Write] = []
        for change in titles.values {
            for holder in change.after {
                writes.append(Write(party: holder.party, key: change.key, share: holder.share))
            }
            for party in change.before where !change.after.contains(where: { $0.party == party }) {
                writes.append(Write(party: party, key: change.key, share: 0))
            }
        }
        titles = [:]
        writes.sort { $0.party != $1.party ? $0.party < $1.party : $0.key.lexicographicallyPrecedes($1.key) }
        for write in writes {
            guard write.share > 0 else {
                try dropTitle.run { row in
                    row.add(write.party)
                    row.add(write.key)
                }
                continue
            }
            try putTitle.run { row in
                row.add(write.party)
                row.add(write.key)
                row.add(write.share)
            }
        }
    }

    /// Who held a title before the statement that changed it.
    private func formerHolders(_ effect: AppliedStatement.Effect) throws -> [Digest] {
        let number = effect.record.history.count - 1
        guard let keys, number > 0 else { return [] }
        let event = try IndexedEvents(db, keys).event(effect.urn, number)
        guard let event else { throw DamagedColumn(column: "records") }
        return try TitleRecord(cbor: event.effect.body).holders.map(\.party)
    }

    // MARK: Offers

    private func leafOfOffer(_ effect: AppliedStatement.Effect) throws -> Int64? {
        if let leaf = offers[effect.key] { return leaf }
        guard let keys else { return nil }
        guard let event = try IndexedEvents(db, keys).event(effect.urn, 1) else {
            throw DamagedColumn(column: "records")
        }
        return Int64(event.leaf)
    }

    private func write(_ record: OfferRecord, _ identifier: Digest, leaf: UInt64) throws {
        entries.append(RegisterEntry(RegisterKey.offers(of: record.offerer), leaf: leaf))
        entries.append(RegisterEntry(RegisterKey.offers(of: record.offer.recipient), leaf: leaf))
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

    // MARK: Words

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
