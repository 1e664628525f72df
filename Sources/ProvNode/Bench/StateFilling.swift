import Foundation
import GRDB
import ProvChain

/// The state of a registry that is being made up, where every record but the genesis's is written once.
///
/// Records are appended in the order in which they come; leaves stay in memory (64 bytes each), and go to their
/// table sorted at the end. A record that was written twice would break the primary key there.
final class StateFilling: StateSource {
    private let path: String
    private let queue: DatabaseQueue
    /// The records of block 0, which statements do read.
    private var known: [Digest: StoredRecord] = [:]
    /// Leaves with their places, by the first bits of their keys.
    private var leaves: [[Placed]]
    private var count: Int64 = 0
    private var checkpoint: StateCheckpoint?

    private struct Placed {
        let leaf: StateLeaf
        let place: Int64
    }

    private static let bucketBits = 18
    private static let cacheKilobytes = 512 << 10

    init(path: String) throws {
        self.path = path
        leaves = Array(repeating: [], count: 1 << Self.bucketBits)
        let file = StateSchema.file(path)
        var configuration = file.configuration(cacheKilobytes: Self.cacheKilobytes, label: "state.filling")
        configuration.journalMode = .default
        queue = try DatabaseQueue(path: path, configuration: configuration)
        try queue.inDatabase { db in
            try db.execute(sql: "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF")
            try db.execute(sql: StateSchema.sql)
        }
    }

    func storedRecord(_ key: Digest) -> StoredRecord? { known[key] }

    func leaves(under prefix: StatePrefix) -> [StateLeaf] {
        let keys = prefix.keys
        let found = leaves[Self.bucket(keys.lowerBound)...Self.bucket(keys.upperBound)].joined()
        return found.map(\.leaf).filter { keys.contains($0.key) }.sorted { $0.key < $1.key }
    }

    private static func bucket(_ key: Digest) -> Int {
        key.withBytes { Int($0[0]) << 16 | Int($0[1]) << 8 | Int($0[2]) } >> (24 - bucketBits)
    }

    /// Takes a step of the ledger; the first is block 0.
    func take(_ ledger: inout Ledger) throws {
        let flush = ledger.beginFlush()
        if count == 0 { known = flush.records }
        try queue.write { db in
            let add = try db.cachedStatement(sql: StateSchema.addRecord)
            for (key, record) in flush.records {
                let bytes = record.cbor
                count += 1
                try add.execute(arguments: [count, Data(bytes)])
                let leaf = StateLeaf(key: key, recordHash: SHA256.hash(bytes))
                leaves[Self.bucket(key)].append(Placed(leaf: leaf, place: count))
            }
        }
        checkpoint = flush.checkpoint
        ledger.confirmFlush()
    }

    /// Sorts the leaves into their table and makes the file a state database.
    func finish() throws {
        guard let checkpoint else { preconditionFailure("a state without a block") }
        try queue.write { db in
            let add = try db.cachedStatement(sql: StateSchema.addLeaf)
            for bucket in leaves {
                for placed in bucket.sorted(by: { $0.leaf.key < $1.leaf.key }) {
                    try add.execute(arguments: [placed.leaf.key.blob, placed.leaf.recordHash.blob, placed.place])
                }
            }
            try db.execute(sql: StateSchema.putCheckpoint, arguments: [Data(checkpoint.cbor)])
        }
        try queue.inDatabase { db in
            try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA journal_mode = WAL")
            try StateSchema.file(path).mark(db)
        }
        try queue.close()
    }
}
