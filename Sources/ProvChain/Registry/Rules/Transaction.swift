/// A record that a statement writes, or just links into: its body afterwards.
typealias Touched = (urn: URN, body: [UInt8])

/// The reads and writes of one statement. It applies in full or not at all: the block takes the writes only
/// when every rule held.
struct Transaction {
    private let source: any RecordSource
    /// Bodies as this statement leaves them, with the order of first touch.
    private(set) var touched: [Touched] = []
    private var positions: [URN: Int] = [:]

    init(source: any RecordSource) { self.source = source }

    /// The record as it stands, this statement's own writes included.
    func read<R: Record>(_ type: R.Type, _ urn: URN) throws -> R? {
        let body: [UInt8]
        if let position = positions[urn] {
            body = touched[position].body
        } else if let stored = try source.storedRecord(urn.stateKey) {
            body = stored.body
        } else {
            return nil
        }
        do {
            return try R(cbor: body)
        } catch {
            throw DamagedRecord(urn: urn, reason: error)
        }
    }

    func exists(_ urn: URN) throws -> Bool {
        if positions[urn] != nil { return true }
        return try source.storedRecord(urn.stateKey) != nil
    }

    /// Writes a record, or, with an unchanged one, just links the statement into its history.
    mutating func write(_ record: some Record, _ urn: URN) {
        let body = record.cbor
        if let position = positions[urn] {
            touched[position].body = body
        } else {
            positions[urn] = touched.count
            touched.append((urn, body))
        }
    }
}
