import Foundation
import GRDB
import ProvChain

/// The state database held against a replay of the log, at the height at which the database stands.
///
/// The database is opened for reading alone. Records are compared in full, in both directions: what the database has
/// too much is as wrong as what it lacks. The leaf file follows from them, and is held against the header's state root
/// whenever a node starts.
final class StateComparison {
    private let file: DatabaseFile
    private let queue: DatabaseQueue
    private let header: BlockHeader
    private var compared: Int?

    /// `nil` if there is no database, or nothing in it.
    init?(_ home: NodeHome) throws {
        file = StateSchema.file(home.stateDatabase)
        guard let queue = try file.openReadOnly(),
            let header = try DatabaseFailure.catching(file.path, { try queue.read(Self.checkpoint)?.tip.header })
        else { return nil }
        (self.queue, self.header) = (queue, header)
    }

    /// Where the database stood when it was opened.
    var height: UInt64 { header.height }

    /// Compares everything, if the replay has reached the database's height.
    func take(_ tip: Tip, _ replayed: StateDatabase) throws {
        guard tip.header.height == height, compared == nil else { return }
        guard header == tip.header else { throw RecoveryError.stateNotOfThisLog(height: height) }
        try queue.read { db in
            guard try Self.checkpoint(db)?.tip.header == header else {
                throw NodeCommandError(
                    phrase: Phrase(
                        "it moved on while it was compared: stop the node to have it verified",
                        "比对期间它发生了变化：请停止节点后再校验"), code: 1)
            }
            do {
                compared = try compare(db, replayed)
            } catch let error where error is DamagedColumn || error is DatabaseError {
                try DatabaseFailure.catching(file.path) { throw error }
            }
        }
    }

    /// What was found, once the replay has reached the end.
    func conclusion(_ top: UInt64) throws -> Phrase {
        guard let compared else { throw RecoveryError.stateNotOfThisLog(height: height) }
        return Phrase(
            "\(compared) records at block \(height) of \(top) agree with the log",
            "区块 \(height)（共 \(top)）处的 \(compared) 条记录与日志一致")
    }

    private static func checkpoint(_ db: Database) throws -> StateCheckpoint? {
        try Data.fetchOne(db, sql: StateSchema.checkpoint).map { try StateCheckpoint(cbor: Array($0)) }
    }

    /// Returns how many records there are: as many as the replay has, each under another of its keys.
    private func compare(_ db: Database, _ replayed: StateDatabase) throws -> Int {
        var seen: Set<Digest> = []
        let rows = try Row.fetchCursor(db, sql: StateSchema.everything)
        while let row = try rows.next() {
            let key = try row.digest("key")
            guard seen.insert(key).inserted, try replayed.storedRecord(key)?.cbor == row.bytes("record") else {
                throw difference(Phrase("the record with key \(key)", "键为 \(key) 的记录"))
            }
        }
        guard try replayed.recordCount() == seen.count else { throw difference(Phrase("the number of records", "记录数")) }
        return seen.count
    }

    private func difference(_ what: Phrase) -> NodeCommandError {
        NodeCommandError(
            phrase: Phrase(
                "\(what.english) differs from the log: stop the node, then `provnode reindex --state`",
                "\(what.chinese)与日志不符：请停止节点，然后运行 `provnode reindex --state`"), code: 1)
    }
}
