import Foundation
import GRDB
import ProvChain

/// The state database held against a replay of the log, at the height at which the database stands.
///
/// The database is opened for reading alone. Leaves and records are compared in full, in both directions: what
/// the database has too much is as wrong as what it lacks.
final class StateComparison {
    private let file: DatabaseFile
    private let queue: DatabaseQueue
    private let header: BlockHeader
    private var compared: Int?

    /// `nil` if there is no database, or nothing in it.
    init?(_ home: NodeHome) throws {
        file = StateSchema.file(home.stateDatabase)
        guard let queue = try file.openReadOnly(), let header = try queue.read(Self.checkpoint)?.tip.header else {
            return nil
        }
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
                    description: "it moved on while it was compared: stop the node to have it verified", code: 1)
            }
            do {
                compared = try compare(db, replayed)
            } catch let damage as DamagedColumn {
                throw DatabaseFailure.damaged(file: file.path, reason: damage.description)
            }
        }
    }

    /// What was found, once the replay has reached the end.
    func conclusion(_ top: UInt64) throws -> String {
        guard let compared else { throw RecoveryError.stateNotOfThisLog(height: height) }
        return "\(compared) records at block \(height) of \(top) agree with the log"
    }

    private static func checkpoint(_ db: Database) throws -> StateCheckpoint? {
        try Data.fetchOne(db, sql: StateSchema.checkpoint).map { try StateCheckpoint(cbor: Array($0)) }
    }

    /// Compared in parts, each a range of keys; returns how many records there are.
    private func compare(_ db: Database, _ replayed: StateDatabase) throws -> Int {
        var count = 0
        let rows = try Row.fetchCursor(db, sql: StateSchema.everything)
        for part in StatePrefix.parts(depth: Self.comparedDepth) {
            for leaf in try replayed.leaves(under: part) {
                guard let row = try rows.next() else { throw difference("the record with key \(leaf.key)") }
                let (key, hash) = (try row.digest("key"), try row.digest("record_hash"))
                let record: Data? = row["record"]
                guard key == leaf.key, hash == leaf.recordHash, record.map({ SHA256.hash(Array($0)) }) == hash else {
                    throw difference("the record with key \(min(key, leaf.key))")
                }
                count += 1
            }
        }
        if let row = try rows.next() { throw difference("the record with key \(try row.digest("key"))") }
        guard try Int.fetchOne(db, sql: StateSchema.recordCount) == count else {
            throw difference("the number of records")
        }
        return count
    }

    /// The number of parts, as a power of two.
    private static let comparedDepth = 10

    private func difference(_ what: String) -> NodeCommandError {
        NodeCommandError(
            description: "\(what) differs from the log: stop the node, then `provnode reindex --state`", code: 1)
    }
}
