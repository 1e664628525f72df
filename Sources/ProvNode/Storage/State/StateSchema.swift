/// The tables of `state.sqlite`.
enum StateSchema {
    static let version = 2
    /// "PVST"
    static let applicationID = 0x5056_5354

    /// Leaves that change lie far apart, so a flush writes about one page for each. Larger pages are fewer calls,
    /// smaller ones fewer bytes; a read copies one.
    static let pageBytes = 4_096

    static func file(_ path: String) -> DatabaseFile {
        DatabaseFile(
            path: path, applicationID: applicationID, schemaVersion: version, schema: sql, landmark: "checkpoint",
            pageBytes: pageBytes)
    }

    static let sql = """
        -- The leaves of the state tree: key, hash of the record, and the row that the record lies in. The key is a
        -- hash, so leaves lie in random places, whatever they are about: each that changes dirties a page of its
        -- own, and the less a leaf takes, the fewer pages there are to dirty. That is why records lie elsewhere.
        -- WITHOUT ROWID: otherwise the key would be stored twice, in the table's index and in the row.
        CREATE TABLE leaves (
            key BLOB PRIMARY KEY NOT NULL, record_hash BLOB NOT NULL, place INTEGER NOT NULL
        ) WITHOUT ROWID;

        -- Records in the order of their first flush, so that new ones are appended.
        CREATE TABLE records (place INTEGER PRIMARY KEY NOT NULL, record BLOB NOT NULL);

        -- The tip at which records and leaves stand: one row, written in the same transaction as they are.
        CREATE TABLE checkpoint (id INTEGER PRIMARY KEY CHECK (id = 0), tip BLOB NOT NULL);
        """

    static let leaf = "SELECT record_hash, place FROM leaves WHERE key = ?"
    static let leaves = "SELECT key, record_hash FROM leaves WHERE key BETWEEN ? AND ? ORDER BY key"
    static let record = "SELECT record FROM records WHERE place = ?"
    static let lastPlace = "SELECT MAX(place) FROM records"
    static let recordCount = "SELECT COUNT(*) FROM records"
    static let checkpoint = "SELECT tip FROM checkpoint WHERE id = 0"

    /// All leaves with their records, in the order of the keys; a record that is missing is NULL.
    static let everything = """
        SELECT key, record_hash, record FROM leaves LEFT JOIN records ON records.place = leaves.place ORDER BY key
        """

    static let addLeaf = "INSERT INTO leaves (key, record_hash, place) VALUES (?, ?, ?)"
    static let changeLeaf = "UPDATE leaves SET record_hash = ? WHERE key = ?"
    static let addRecord = "INSERT INTO records (place, record) VALUES (?, ?)"
    static let changeRecord = "UPDATE records SET record = ? WHERE place = ?"
    static let putCheckpoint = "REPLACE INTO checkpoint (id, tip) VALUES (0, ?)"
}
