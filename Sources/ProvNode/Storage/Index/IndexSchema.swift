/// The tables of `index.sqlite`: what the API answers questions from that the state cannot answer.
///
/// Everything here follows from the log and the attachments. A statement is known by the index of its leaf,
/// which grows with time: so "newest first" and every page of a list are walks along a primary key.
enum IndexSchema {
    static let version = 2
    /// "PVIX"
    static let applicationID = 0x5056_4958

    /// Most changes are one row of some hundred bytes at a random place, and each writes its page.
    private static let pageBytes = 4_096

    static func file(_ path: String) -> DatabaseFile {
        DatabaseFile(
            path: path, applicationID: applicationID, schemaVersion: version, schema: sql, landmark: "blocks",
            overwritesRemoved: true, pageBytes: pageBytes)
    }

    static let sql = tables + "\n" + indexes

    /// Everything but the indexes that a bulk load makes at its end.
    static let tables = """
        CREATE TABLE blocks (
            height INTEGER PRIMARY KEY, first_leaf INTEGER NOT NULL, statements INTEGER NOT NULL,
            time INTEGER NOT NULL
        );

        -- An INTEGER PRIMARY KEY is the rowid itself: the leaf index costs nothing to store or to find.
        -- records: the URNs that the statement touched, in order, each in its short form (URN.indexKey).
        CREATE TABLE statements (
            leaf INTEGER PRIMARY KEY, id BLOB NOT NULL, leaf_hash BLOB NOT NULL, height INTEGER NOT NULL,
            position INTEGER NOT NULL, time INTEGER NOT NULL, type TEXT NOT NULL, issuer BLOB NOT NULL,
            work BLOB, version INTEGER, manifest_root BLOB, contested BLOB, party BLOB, offer BLOB,
            records BLOB NOT NULL
        );

        -- The history of every record. A page of one history is a range of this table. Who claimed a hash is
        -- the history of that component's record, so it needs no table of its own.
        CREATE TABLE links (
            urn BLOB NOT NULL, number INTEGER NOT NULL, leaf INTEGER NOT NULL, head BLOB NOT NULL,
            body BLOB NOT NULL, PRIMARY KEY (urn, number)
        ) WITHOUT ROWID;

        -- leaf: of the registration. title: as the metadata says, NULL while they are not here.
        CREATE TABLE works (
            leaf INTEGER PRIMARY KEY, work BLOB NOT NULL, claimant BLOB NOT NULL, category INTEGER NOT NULL,
            time INTEGER NOT NULL, metadata BLOB NOT NULL, title TEXT
        );
        CREATE TABLE titles (
            party BLOB NOT NULL, urn BLOB NOT NULL, work BLOB NOT NULL, right INTEGER NOT NULL,
            share INTEGER NOT NULL, PRIMARY KEY (party, urn)
        ) WITHOUT ROWID;
        CREATE INDEX titles_by_urn ON titles (urn);

        -- leaf: of the offering statement.
        CREATE TABLE offers (
            leaf INTEGER PRIMARY KEY, offer BLOB NOT NULL UNIQUE, work BLOB NOT NULL, right INTEGER NOT NULL,
            offerer BLOB NOT NULL, recipient BLOB NOT NULL, share INTEGER NOT NULL, deadline INTEGER NOT NULL,
            status INTEGER NOT NULL
        );
        CREATE INDEX offers_by_offerer ON offers (offerer);
        CREATE INDEX offers_by_recipient ON offers (recipient);

        CREATE TABLE attachments (
            hash BLOB NOT NULL, leaf INTEGER NOT NULL, size INTEGER NOT NULL, PRIMARY KEY (hash, leaf)
        ) WITHOUT ROWID;

        -- The words about works; rowid is works.leaf, so that matches come out newest first without a sort.
        -- unicode61 takes a run of Chinese characters for one word, and the trigram tokenizer cannot find
        -- words of two characters, which most Chinese words are. So the text is given with a space around
        -- every such character (SearchText), and a Chinese word is found as a phrase of them.
        -- FTS5 keeps removed words in its segments until those are merged; IndexDatabase.compactSearch().
        -- prefix: the first letters of a word find their works as fast as a whole word does. Without it, two
        -- letters would gather and sort the works of every word that begins with them.
        CREATE VIRTUAL TABLE words USING fts5 (
            title, authors, description, tokenize = "unicode61 remove_diacritics 2", prefix = "2 3 4"
        );
        """

    /// Indexes of tables that only grow.
    static let indexes = """
        CREATE UNIQUE INDEX statements_by_id ON statements (id);
        CREATE UNIQUE INDEX works_by_identifier ON works (work);
        -- An index ends with the rowid, so these serve "WHERE claimant = ? AND leaf < ? ORDER BY leaf DESC".
        CREATE INDEX works_by_claimant ON works (claimant);
        CREATE INDEX works_by_metadata ON works (metadata);
        """
}
