/// The tables of `state.sqlite`.
enum StateSchema {
    static let version = 3
    /// "PVST"
    static let applicationID = 0x5056_5354

    /// Some fifteen records.
    static let pageBytes = 4_096

    /// What the name of the leaf file adds to that of the database.
    static let leavesSuffix = "-leaves"
    /// What may lie beside the database.
    static let besides = ["-wal", "-shm", leavesSuffix, leavesSuffix + ".new"]

    static func file(_ path: String) -> DatabaseFile {
        DatabaseFile(
            path: path, applicationID: applicationID, schemaVersion: version, schema: sql, landmark: "checkpoint",
            pageBytes: pageBytes)
    }

    static let sql = """
        -- Records with their keys in the state tree, in the order in which they were made: what one statement made lies
        -- together. Keys are hashes, so an index over them would be written to all over for each flush; they are found
        -- by the leaf file, which follows from this table.
        CREATE TABLE records (place INTEGER PRIMARY KEY NOT NULL, key BLOB NOT NULL, record BLOB NOT NULL);

        -- The tip at which the records stand, and a random mark that the leaf file bears too: one row, written in the
        -- same transaction as they are.
        CREATE TABLE checkpoint (
            id INTEGER PRIMARY KEY CHECK (id = 0), tip BLOB NOT NULL, mark BLOB NOT NULL
        );
        """

    static let record = "SELECT record FROM records WHERE place = ?"
    static let lastPlace = "SELECT MAX(place) FROM records"
    static let checkpoint = "SELECT tip FROM checkpoint WHERE id = 0"
    static let mark = "SELECT mark FROM checkpoint WHERE id = 0"

    static let everything = "SELECT place, key, record FROM records ORDER BY place"

    static let addRecord = "INSERT INTO records (place, key, record) VALUES (?, ?, ?)"
    static let changeRecord = "UPDATE records SET record = ? WHERE place = ?"
    static let putCheckpoint = "REPLACE INTO checkpoint (id, tip, mark) VALUES (0, ?, ?)"
}
