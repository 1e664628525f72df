import Foundation
import GRDB
import ProvChain

/// The index held against a second one, made from the log in the folder for temporary files: every row of every
/// table, the words for search among them. The node must be stopped.
final class DeepIndexComparison {
    private let real: DatabaseQueue
    private let height: UInt64
    private let made: IndexDatabase
    private let folder: String
    private let attachments: AttachmentFolder
    private var waiting: [ExecutedBlock] = []

    private static let blocksPerStep = 256

    /// All tables, with the columns that order them.
    static let tables = [
        ("blocks", "height"), ("statements", "leaf"), ("works", "leaf"), ("titles", "party, urn"), ("offers", "leaf"),
        ("words", "rowid"),
    ]

    /// `nil` if there is no index, or nothing in it.
    init?(_ home: NodeHome) throws {
        guard let real = try IndexSchema.file(home.indexDatabase).openReadOnly(),
            let height = try real.read(IndexDatabase.height)
        else { return nil }
        (self.real, self.height) = (real, height)
        folder = NSTemporaryDirectory() + "provnode-verify-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        made = try IndexDatabase(path: folder + "/" + NodeHome.indexDatabaseName)
        attachments = AttachmentFolder(path: home.attachments)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func take(_ block: ExecutedBlock) throws {
        guard block.header.height <= height else { return }
        waiting.append(block)
        if waiting.count == Self.blocksPerStep || block.header.height == height { try step() }
    }

    private func step() throws {
        let attachments = attachments
        try made.apply(waiting) { hash in try? attachments.getPublic(hash) }
        waiting.removeAll(keepingCapacity: true)
    }

    /// Compares everything; the number of rows.
    func conclusion() throws -> Phrase {
        var total = 0
        try real.read { real in
            guard try IndexDatabase.height(real) == height else {
                throw NodeCommandError(
                    phrase: Phrase(
                        "it moved on while it was compared: stop the node for --deep",
                        "比对期间它发生了变化：使用 --deep 时请先停止节点"), code: 1)
            }
            try made.read { made, events in
                for (table, order) in Self.tables { total += try compare(table, order, real, made) }
                total += try compareRegister(real, events.keys)
            }
        }
        return Phrase(
            "\(total) rows, all as the log and the attachments give them", "\(total) 行，均与日志和附件一致")
    }

    private func compare(_ table: String, _ order: String, _ real: Database, _ made: Database) throws -> Int {
        let columns = table == "words" ? "rowid, *" : "*"
        let sql = "SELECT \(columns) FROM \(table) ORDER BY \(order)"
        let found = try Row.fetchCursor(real, sql: sql)
        let expected = try Row.fetchCursor(made, sql: sql)
        var count = 0
        while true {
            let (row, other) = (try found.next(), try expected.next())
            guard row == other else { throw Self.difference(table, count, row, other) }
            guard row != nil else { return count }
            count += 1
        }
    }

    /// How entries lie in runs depends on when they were written; what they are does not.
    private func compareRegister(_ real: Database, _ made: RegisterReader) throws -> Int {
        let found = try RegisterReader(RegisterWriting(reading: real).snapshot, real)
        var walk = found.walk()
        var count = 0
        try made.forEach { expected in
            guard try walk.next(found.chunks) == expected else { throw Self.difference(count) }
            count += 1
        }
        guard try walk.next(found.chunks) == nil else { throw Self.difference(count) }
        return count
    }

    private static func difference(_ number: Int) -> IndexDifference {
        IndexDifference("entry \(number) of the register is another", "登记表的第 \(number) 项不同")
    }

    private static func difference(_ table: String, _ number: Int, _ found: Row?, _ expected: Row?) -> IndexDifference {
        guard let found else {
            return IndexDifference("table \(table) ends after \(number) rows", "表 \(table) 在第 \(number) 行后结束")
        }
        guard let expected else {
            return IndexDifference("table \(table) has more than \(number) rows", "表 \(table) 多于 \(number) 行")
        }
        let column = found.columnNames.first { found[$0] as DatabaseValue != expected[$0] as DatabaseValue }
        return IndexDifference(
            "row \(number) of table \(table) has another \(column ?? "value")",
            "表 \(table) 第 \(number) 行的 \(column ?? "值") 不同")
    }
}
