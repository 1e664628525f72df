/// The tables of `index.sqlite`: what the API answers questions from that the state cannot answer.
///
/// Everything here follows from the log and the attachments. A statement is known by the index of its leaf,
/// which grows with time: so nearly every table is written at its end, and "newest first" and every page of a list are
/// walks along a primary key. What statements are looked up by are hashes, which come in no order: they have the
/// register (``RegisterWriting``), and no index of SQLite.
enum IndexSchema {
    static let version = 4
    /// "PVIX"
    static let applicationID = 0x5056_4958

    /// A chunk of the register fills one (``RegisterRun/chunkEntries``).
    private static let pageBytes = 4_096

    static func file(_ path: String) -> DatabaseFile {
        DatabaseFile(
            path: path, applicationID: applicationID, schemaVersion: version, schema: sql, landmark: "blocks",
            overwritesRemoved: true, pageBytes: pageBytes)
    }

    static let sql = """
        CREATE TABLE blocks (
            height INTEGER PRIMARY KEY, first_leaf INTEGER NOT NULL, statements INTEGER NOT NULL,
            time INTEGER NOT NULL
        );

        -- An INTEGER PRIMARY KEY is the rowid itself: the leaf index costs nothing to store or to find.
        -- attachments: the hashes that it commits to, 32 bytes each.
        -- records: what it did to which records, in the order of first touch (IndexedEffects). The history of a record
        -- is what the statements did to it that the register has under its key. Who claimed a hash is the history of
        -- that component's record. Last, because it is long: what is before it is read without it.
        CREATE TABLE statements (
            leaf INTEGER PRIMARY KEY, id BLOB NOT NULL, leaf_hash BLOB NOT NULL, height INTEGER NOT NULL,
            position INTEGER NOT NULL, time INTEGER NOT NULL, type TEXT NOT NULL, issuer BLOB NOT NULL,
            work BLOB, version INTEGER, manifest_root BLOB, contested BLOB, party BLOB, offer BLOB,
            attachments BLOB, records BLOB NOT NULL
        );

        -- leaf: of the registration. title: as the metadata says, NULL while they are not here.
        CREATE TABLE works (
            leaf INTEGER PRIMARY KEY, work BLOB NOT NULL, claimant BLOB NOT NULL, category INTEGER NOT NULL,
            time INTEGER NOT NULL, metadata BLOB NOT NULL, title TEXT
        );

        -- Who holds what now: the one table whose rows go. Written in the order of its keys, many blocks at a time.
        CREATE TABLE titles (
            party BLOB NOT NULL, urn BLOB NOT NULL, share INTEGER NOT NULL, PRIMARY KEY (party, urn)
        ) WITHOUT ROWID;

        -- leaf: of the offering statement.
        CREATE TABLE offers (
            leaf INTEGER PRIMARY KEY, offer BLOB NOT NULL, work BLOB NOT NULL, right INTEGER NOT NULL,
            offerer BLOB NOT NULL, recipient BLOB NOT NULL, share INTEGER NOT NULL, deadline INTEGER NOT NULL,
            status INTEGER NOT NULL
        );

        -- The register: sorted runs of entries (RegisterEntry) of the statements from one leaf to another. fences: the
        -- first key of each chunk. A run that is not whole is being made, or was merged into another and is being removed.
        CREATE TABLE runs (
            run INTEGER PRIMARY KEY, first_leaf INTEGER NOT NULL, end_leaf INTEGER NOT NULL,
            entries INTEGER NOT NULL, is_whole INTEGER NOT NULL, fences BLOB NOT NULL
        );
        -- chunk: the run in the upper 32 bits, the place in it in the lower ones.
        CREATE TABLE chunks (chunk INTEGER PRIMARY KEY, entries BLOB NOT NULL);

        -- The words about works; rowid is works.leaf, so that matches come out newest first without a sort.
        -- unicode61 takes a run of Chinese characters for one word, and the trigram tokenizer cannot find
        -- words of two characters, which most Chinese words are. So the text is given with a space around
        -- every such character (SearchText), and a Chinese word is found as a phrase of them.
        -- FTS5 keeps removed words in its segments until those are merged; IndexDatabase.compactSearch().
        -- prefix: every word of a question also finds those that begin with it, and up to twelve letters find their
        -- works newest first, as they are asked for. Of longer ones all works are gathered before the newest is known.
        CREATE VIRTUAL TABLE words USING fts5 (
            title, authors, description, tokenize = "unicode61 remove_diacritics 2", prefix = "2 3 4 5 6 7 8 9 10 11 12"
        );
        """
}
