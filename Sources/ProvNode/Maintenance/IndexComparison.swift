import Foundation
import GRDB
import ProvChain

/// The index held against a replay of the log, without writing to it.
///
/// Each block is written to a small index in memory by the code that writes the real one. Of a sample of
/// blocks, spread evenly and denser at the end, every row is looked up in the real index. Of all blocks the
/// rows are counted. Titles of parties and the state of offers change with later blocks, and words depend on
/// attachments: these only the deep comparison sees, ``DeepIndexComparison``.
final class IndexComparison {
    private let path: String
    private let queue: DatabaseQueue
    /// Where the index stood when it was opened.
    let height: UInt64
    private var keys: RegisterSnapshot
    /// Entries of the register when it was opened.
    private let entries: Int
    private let scratch: DatabaseQueue
    private var expected = Counts()
    private var lastLeaf: UInt64 = 0
    private var sampled = 0

    fileprivate struct Counts: Equatable {
        var blocks = 0
        var statements = 0
        var works = 0
        var offers = 0
        /// In the register: a statement's id, its attachments and events, whose works and offers they are.
        var entries = 0
    }

    /// Blocks sampled over the whole chain, and at its end.
    private static let sample: UInt64 = 256
    private static let newest: UInt64 = 64

    /// What never changes after its block, by the column that names a row.
    private static let tables = [
        ("blocks", "height"), ("statements", "leaf"), ("works", "leaf"),
    ]
    /// The one column that does: it comes from an attachment.
    private static let changing: Set<String> = ["title"]

    /// `nil` if there is no index, or nothing in it.
    init?(_ home: NodeHome) throws {
        path = home.indexDatabase
        guard let queue = try IndexSchema.file(path).openReadOnly(),
            let (height, keys) = try DatabaseFailure.catching(
                path,
                {
                    try queue.read { db in
                        try IndexDatabase.height(db).map { ($0, try RegisterWriting(reading: db).snapshot) }
                    }
                })
        else { return nil }
        (self.queue, self.height) = (queue, height)
        (self.keys, entries) = (keys, keys.count)
        scratch = try DatabaseQueue()
        try scratch.write { db in try db.execute(sql: IndexSchema.sql) }
    }

    func take(_ block: ExecutedBlock) throws {
        guard block.header.height <= height else { return }
        lastLeaf = block.header.leafIndex
        expected.add(block)
        let stride = max(1, height / Self.sample)
        guard block.header.height.isMultiple(of: stride) || height - block.header.height < Self.newest else { return }
        sampled += 1
        try scratch.write { db in
            for (table, _) in Self.tables + [("titles", ""), ("offers", "")] {
                try db.execute(sql: "DELETE FROM \(table)")
            }
            let writer = try IndexWriter(db, nil)
            try writer.write(block) { _ in nil }
            let entries = try writer.finish()
            do {
                try queue.read { real in
                    for (table, key) in Self.tables {
                        for row in try Row.fetchAll(db, sql: "SELECT * FROM \(table)") {
                            try compare(row, table, key, real, height: block.header.height)
                        }
                    }
                    let register = try register(real)
                    for entry in entries where try !register.contains(entry) {
                        throw IndexDifference(
                            "the register lacks an entry of block \(block.header.height)",
                            "登记表缺少区块 \(block.header.height) 的一项")
                    }
                }
            } catch let error as DatabaseError {
                try DatabaseFailure.catching(path) { throw error }
            }
        }
    }

    /// The register; read anew if the node has merged runs meanwhile, for then it removes what they were made of.
    private func register(_ db: Database) throws -> RegisterReader {
        let runs = try Int64.fetchAll(db, sql: "SELECT run FROM runs WHERE is_whole ORDER BY first_leaf")
        if runs != keys.runs.map(\.number) { keys = try RegisterWriting(reading: db).snapshot }
        return try RegisterReader(keys, db)
    }

    private func compare(_ row: Row, _ table: String, _ key: String, _ db: Database, height: UInt64) throws {
        let found = try Row.fetchOne(
            db.cachedStatement(sql: "SELECT * FROM \(table) WHERE \(key) = ?"),
            arguments: [row[key] as DatabaseValue])
        for column in row.columnNames where !Self.changing.contains(column) {
            guard let found, found[column] as DatabaseValue == row[column] as DatabaseValue else {
                throw found == nil
                    ? IndexDifference(
                        "table \(table) lacks a row of block \(height)", "表 \(table) 缺少区块 \(height) 的一行")
                    : IndexDifference(
                        "table \(table) has another \(column) in a row of block \(height)",
                        "表 \(table) 中区块 \(height) 的一行 \(column) 不同")
            }
        }
    }

    /// Compares the counts; what was found.
    func conclusion(_ top: UInt64) throws -> Phrase {
        guard height <= top else { throw RecoveryError.logLostBlocks(height: top, indexed: height) }
        // The index may have grown since it was opened.
        let found = try queue.read { db in
            let leaf = lastLeaf.clamped
            func count(_ table: String) throws -> Int {
                try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM \(table) WHERE leaf <= ?", arguments: [leaf]) ?? 0
            }
            return Counts(
                blocks: try Int.fetchOne(
                    db, sql: "SELECT COUNT(*) FROM blocks WHERE height <= ?", arguments: [height.clamped]) ?? 0,
                statements: try count("statements"), works: try count("works"), offers: try count("offers"),
                entries: entries)
        }
        guard found == expected else {
            throw IndexDifference(
                "it has \(found.text), the log has \(expected.text)", "其中有 \(found.chinese)，而日志有 \(expected.chinese)")
        }
        return Phrase(
            "stands at block \(height) of \(top); \(expected.text) as in the log, \(sampled) blocks row by row",
            "位于区块 \(height)（共 \(top)）；\(expected.chinese)，与日志一致；逐行比对了 \(sampled) 个区块")
    }
}

extension IndexComparison.Counts {
    fileprivate mutating func add(_ block: ExecutedBlock) {
        blocks += 1
        statements += block.execution.applied.count
        for applied in block.execution.applied {
            entries += 1 + applied.effects.count + IndexWriter.hashes(applied.statement.payload.attachments).count
            for effect in applied.effects where effect.record.history.count == 1 {
                switch effect.urn {
                case .work:
                    works += 1
                    entries += 1
                case .offer:
                    offers += 1
                    entries += 2
                case .chain, .member, .party, .key, .version, .title, .component, .statement: break
                }
            }
        }
    }

    fileprivate var text: String {
        "\(blocks) blocks, \(statements) statements, \(works) works, \(offers) offers, "
            + "\(entries) entries in the register"
    }

    fileprivate var chinese: String {
        "\(blocks) 个区块、\(statements) 条声明、\(works) 件作品、\(offers) 份要约、登记表 \(entries) 项"
    }
}

/// An index that is not what the log gives.
struct IndexDifference: Spoken {
    let phrase: Phrase

    init(_ english: String, _ chinese: String) {
        phrase = Phrase(
            "\(english): stop the node, then `provnode reindex`", "\(chinese)：请停止节点，然后运行 `provnode reindex`")
    }
}
