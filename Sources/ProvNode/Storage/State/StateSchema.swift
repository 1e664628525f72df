/// The tables of `state.sqlite`.
enum StateSchema {
    static let version = 1
    /// "PVST"
    static let applicationID = 0x5056_5354

    static func file(_ path: String) -> DatabaseFile {
        DatabaseFile(
            path: path, applicationID: applicationID, schemaVersion: version, schema: sql, landmark: "checkpoint")
    }

    static let sql = """
        -- Records by state key. The key is a hash, so rows arrive in random order; a flush writes them sorted,
        -- which touches each page of the B-tree once.
        -- WITHOUT ROWID: otherwise the key would be stored twice, in the table's index and in the row.
        CREATE TABLE records (key BLOB PRIMARY KEY NOT NULL, record BLOB NOT NULL) WITHOUT ROWID;

        -- Pages of the state tree by depth and prefix. BLOBs compare bytewise, which is the order of the ids.
        CREATE TABLE pages (id BLOB PRIMARY KEY NOT NULL, page BLOB NOT NULL) WITHOUT ROWID;

        -- The tip at which records and pages stand: one row, written in the same transaction as they are.
        CREATE TABLE checkpoint (id INTEGER PRIMARY KEY CHECK (id = 0), tip BLOB NOT NULL);
        """

    // REPLACE and not an upsert: there is no second index, so both write the row once, and REPLACE need not
    // read the old one. It would be wrong on a table that others refer to.
    static let putRecord = "REPLACE INTO records (key, record) VALUES (?, ?)"
    static let putPage = "REPLACE INTO pages (id, page) VALUES (?, ?)"
    static let putCheckpoint = "REPLACE INTO checkpoint (id, tip) VALUES (0, ?)"

    static let record = "SELECT record FROM records WHERE key = ?"
    static let page = "SELECT page FROM pages WHERE id = ?"
    static let checkpoint = "SELECT tip FROM checkpoint WHERE id = 0"
}
