/// The reads and writes of one statement. It applies in full or not at all: the block takes the writes only
/// when every rule held.
///
/// Each record is looked up once, however often the rules ask: a registration asks for five that are not
/// there, and each of these questions goes to the database.
struct Transaction {
    private let source: any RecordSource
    private var entries: [Entry] = []
    /// Places in `entries`, once there are too many to look through.
    private var places: [URN: Int] = [:]
    /// Places in `entries` of what was written, in the order of the first write.
    private var written: [Int] = []
    private var writer = CBORWriter(reserving: Self.usualRecordBytes)

    /// A record that a rule asked for or wrote.
    struct Entry {
        let urn: URN
        let key: Digest
        /// The record before this statement; `nil` if there is none.
        let before: StoredRecord?
        /// Its body afterwards, if the statement writes it, or just links into its history.
        var body: [UInt8]?
    }

    /// A rule touches seven records, a registration of many components hundreds.
    private static let fewEntries = 16

    init(source: any RecordSource) {
        self.source = source
        entries.reserveCapacity(Self.usualEntries)
    }

    private static let usualEntries = 8
    private static let usualRecordBytes = 512

    /// What the statement wrote, in the order of the first write.
    var touched: [Entry] { written.map { entries[$0] } }

    /// The record as it stands, this statement's own writes included.
    mutating func read<R: Record>(_ type: R.Type, _ urn: URN) throws -> R? {
        guard let body = try body(urn) else { return nil }
        return try Self.decode(type, urn, body)
    }

    private mutating func body(_ urn: URN) throws -> [UInt8]? {
        let place = try place(of: urn)
        return entries[place].body ?? entries[place].before?.body
    }

    /// The record before this statement.
    ///
    /// - Parameter key: its state key, from whoever knows it already.
    mutating func stored(_ urn: URN, key: Digest?) throws -> StoredRecord? {
        entries[try place(of: urn, key: key)].before
    }

    static func decode<R: Record>(_ type: R.Type, _ urn: URN, _ body: [UInt8]) throws(DamagedRecord) -> R {
        do {
            return try R(cbor: body)
        } catch {
            throw DamagedRecord(urn: urn, reason: error)
        }
    }

    mutating func exists(_ urn: URN) throws -> Bool {
        let place = try place(of: urn)
        return entries[place].body != nil || entries[place].before != nil
    }

    /// Writes a record, or, with an unchanged one, just links the statement into its history.
    mutating func write(_ record: some Record, _ urn: URN) throws {
        let place = try place(of: urn)
        if entries[place].body == nil { written.append(place) }
        entries[place].body = record.cbor(using: &writer)
    }

    /// The place of a record's entry; looks it up if this is the first time.
    private mutating func place(of urn: URN, key: Digest? = nil) throws -> Int {
        if entries.count > Self.fewEntries {
            if let place = places[urn] { return place }
        } else if let place = entries.firstIndex(where: { $0.urn == urn }) {
            return place
        }
        let key = key ?? urn.stateKey
        entries.append(Entry(urn: urn, key: key, before: try source.storedRecord(key), body: nil))
        if entries.count == Self.fewEntries + 1 {
            places = [URN: Int](uniqueKeysWithValues: entries.enumerated().map { ($1.urn, $0) })
        } else if entries.count > Self.fewEntries {
            places[urn] = entries.count - 1
        }
        return entries.count - 1
    }
}
