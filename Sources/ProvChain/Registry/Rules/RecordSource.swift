/// Where the rules read records that this block has not changed yet.
public protocol RecordSource {
    /// The record under a state key, or `nil`. Throws only if the storage fails.
    func storedRecord(_ key: Digest) throws -> StoredRecord?
}

/// Where nothing was recorded yet: below block 0.
struct NoRecords: RecordSource {
    func storedRecord(_ key: Digest) -> StoredRecord? { nil }
}

/// A stored record that does not decode as what its URN says: the storage is damaged.
public struct DamagedRecord: Error, CustomStringConvertible {
    public let urn: URN
    public let reason: CBORError

    public var description: String {
        "the record of \(urn) is damaged (\(reason)); run `provnode verify`, then rebuild the state from the log"
    }
}
