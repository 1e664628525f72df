import GRDB
import ProvChain

/// Builds the databases again from the log, beside the old ones, and puts them in their place when they are whole.
///
/// The log is executed from the genesis, so every header is checked on the way. Until the last moment the old
/// databases stay as they are: interrupting costs the time, nothing else. The log is only read.
struct Reindexing {
    let home: NodeHome
    let genesis: GenesisFile
    /// Also put the state in its place; it is computed in any case, because execution needs it.
    let replacesState: Bool

    struct Report: Encodable {
        let blocks: UInt64
        let statements: UInt64
        let height: UInt64
        let stateRoot: String
        let indexBytes: Int
        let replaced: [String]
    }

    typealias Progress = (_ part: String, _ done: UInt64, _ total: UInt64) -> Void

    /// Blocks in one transaction of the index and one flush of the state.
    private static let blocksPerStep = 256
    /// What a database is called while it is being built.
    static let suffix = ".new"

    private var newState: String { home.stateDatabase + Self.suffix }
    private var newIndex: String { home.indexDatabase + Self.suffix }

    func run(_ progress: Progress) throws -> Report {
        let lock = try HomeLock(home)
        defer { withExtendedLifetime(lock) {} }
        let reader = try LogReader.open(at: home.path)
        guard let top = reader.height else {
            throw NodeCommandError(
                phrase: Phrase(
                    "the log in \(home.path) is empty: nothing to build from",
                    "\(home.path) 中的日志为空：没有可用于重建的内容"), code: 65)
        }
        try refuseToForget(top)
        try removeLeftovers()
        let (ledger, statements) = try build(reader, top, progress)
        let bytes = try LogFile.open(newIndex, .read).length()
        // The index first: a state ahead of its index would have both built once more.
        var replaced = [NodeHome.indexDatabaseName]
        try put(newIndex, inPlaceOf: home.indexDatabase)
        if replacesState {
            try put(newState, inPlaceOf: home.stateDatabase)
            replaced.append(NodeHome.stateDatabaseName)
        }
        // It follows from the index and the attachments: a node that searches makes it again when it starts.
        SearchIndex.remove(home.search)
        try removeLeftovers()
        return Report(
            blocks: top + 1, statements: statements, height: top, stateRoot: ledger.tip.header.stateRoot.hex,
            indexBytes: bytes, replaced: replaced)
    }

    /// An index that knows more blocks than the log is the only witness that the log lost some.
    private func refuseToForget(_ top: UInt64) throws {
        let height: UInt64?
        do {
            height = try IndexSchema.file(home.indexDatabase).openReadOnly()?.read(IndexDatabase.height)
        } catch let error as DatabaseFailure {
            if case .foreign = error { throw error }
            return
        } catch {
            // What cannot be read has nothing to say.
            return
        }
        if let height, height > top { throw RecoveryError.logLostBlocks(height: top, indexed: height) }
    }

    private func build(
        _ reader: LogReader, _ top: UInt64, _ progress: Progress
    ) throws -> (Ledger, statements: UInt64) {
        let state = try StateDatabase(path: newState)
        let index = try IndexDatabase(path: newIndex)
        let attachments = AttachmentFolder(path: home.attachments)
        var (ledger, first) = try Ledger.start(genesis)
        guard try reader.entry(first.header.leafIndex) == first.headerLeaf else {
            throw RecoveryError.foreignLog(path: home.path + "/log")
        }
        var statements = UInt64(first.execution.applied.count)
        var waiting = [first]
        func step() throws {
            try index.apply(waiting) { hash in try? attachments.getPublic(hash) }
            waiting.removeAll(keepingCapacity: true)
            try state.write(ledger.beginFlush())
            ledger.confirmFlush()
        }
        for height in stride(from: UInt64(1), through: top, by: 1) {
            let logged = try reader.loggedBlock(height)
            do {
                let block = try ledger.execute(logged.header, statements: logged.statements, source: state)
                try ledger.commit(block)
                waiting.append(block)
            } catch {
                throw RecoveryError.damagedBlock(height: height, reason: "\(error)")
            }
            statements += UInt64(logged.statements.count)
            if waiting.count == Self.blocksPerStep { try step() }
            progress("blocks", height, top)
        }
        try step()
        try index.closeWhole()
        try state.close()
        try StateSchema.file(newState).requireNothingBeside()
        return (ledger, statements)
    }

    // MARK: Files

    /// Renames a finished database over the old one, so that at every moment one of the two is there.
    private func put(_ new: String, inPlaceOf old: String) throws {
        try LogFile.open(new, .read).sync()
        // A write-ahead log left beside would be taken for the new file's. Closing the old one takes it in.
        if LogFolder.exists(old), LogFolder.exists(old + "-wal") { try? DatabaseQueue(path: old).close() }
        for suffix in StateSchema.besides { try LogFolder.remove(old + suffix) }
        try LogFolder.sync(home.path)
        try LogFolder.rename(new, to: old)
        try LogFolder.sync(home.path)
    }

    private func removeLeftovers() throws {
        for file in [newState, newIndex] {
            for suffix in [""] + StateSchema.besides { try LogFolder.remove(file + suffix) }
        }
    }
}
