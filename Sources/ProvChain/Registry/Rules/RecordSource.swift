/// Where the rules read records that this block has not changed yet.
public protocol RecordSource {
    /// The record under a state key, or `nil`. Throws only if the storage fails.
    func storedRecord(_ key: Digest) throws -> StoredRecord?
}

/// Where nothing was recorded yet: below block 0.
struct NoRecords: RecordSource {
    func storedRecord(_ key: Digest) -> StoredRecord? { nil }
}

/// The records of a block while it is executed, over those before it.
///
/// A class, so that a statement's look at them copies nothing, and what it changed is put here without a copy of the
/// rest.
final class BlockRecords<Below: RecordSource>: RecordSource {
    /// What the block has changed so far.
    private var changed: ChangedRecords
    private let below: Below

    /// - Parameter expecting: about how many statements there will be; memory is taken for them at once.
    init(over below: Below, expecting statements: Int) {
        self.below = below
        changed = ChangedRecords(expecting: Self.recordsPerStatement * min(statements, Self.mostExpected))
    }

    /// A registration writes five records, most others three.
    private static var recordsPerStatement: Int { 4 }
    private static var mostExpected: Int { 10_000 }

    func storedRecord(_ key: Digest) throws -> StoredRecord? { try changed[key] ?? below.storedRecord(key) }

    func set(_ record: StoredRecord, _ key: Digest) { changed.set(record, key) }

    /// Gives what was changed to its next owner; nothing is left here.
    func take() -> ChangedRecords {
        let taken = changed
        changed = ChangedRecords(expecting: 0)
        return taken
    }
}

/// A stored record that does not decode as what its URN says: the storage is damaged.
public struct DamagedRecord: Error, CustomStringConvertible {
    public let urn: URN
    public let reason: CBORError

    public var description: String {
        "the record of \(urn) is damaged (\(reason)); run `provnode verify`, then rebuild the state from the log"
    }
}
