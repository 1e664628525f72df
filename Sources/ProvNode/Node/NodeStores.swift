import ProvChain

/// Everything that a node keeps on disk, opened together and brought into agreement.
struct NodeStores {
    let log: LogStore
    let state: StateDatabase
    let index: IndexDatabase
    let attachments: AttachmentStore

    /// Opens the stores of a home. The log is locked against a second node.
    init(home: NodeHome, attachmentQuota: Int) throws {
        log = try LogStore.open(at: home.path)
        state = try StateDatabase(path: home.stateDatabase)
        index = try IndexDatabase(path: home.indexDatabase)
        attachments = try AttachmentStore(path: home.attachments, quota: attachmentQuota)
    }
}

/// Why a node cannot start on what its disk holds.
enum RecoveryError: Error, CustomStringConvertible {
    case foreignLog(path: String)
    case stateNotOfThisLog(height: UInt64)
    case damagedBlock(height: UInt64, reason: String)
    case logLostBlocks(height: UInt64, indexed: UInt64)

    var description: String {
        switch self {
        case .foreignLog(let path):
            "the log in \(path) belongs to another chain than genesis.cbor; check which of the two is wrong"
        case .stateNotOfThisLog(let height):
            "the state database stands at a block \(height) that the log does not hold; if the log is the "
                + "right one, build both databases again: provnode reindex --state"
        case .damagedBlock(let height, let reason):
            "block \(height) in the log cannot be executed: \(reason); run `provnode verify`"
        case .logLostBlocks(let height, let indexed):
            "the log ends at block \(height), but the index holds final blocks up to \(indexed): the log was damaged "
                + "or is an old copy; restore log/ from its newest copy. Only if those blocks are given up for good, "
                + "remove state.sqlite and index.sqlite: then another block \(height + 1) will be signed"
        }
    }
}

/// A block as the log gives it back.
struct LoggedBlock {
    let header: BlockHeader
    let statements: [Statement]
    let certificate: [UInt8]
}

extension LogReader {
    /// Reads and parses the block at `height`.
    func loggedBlock(_ height: UInt64) throws -> LoggedBlock {
        let block = try block(height)
        // The log refuses a block without leaves, and its header comes last.
        guard let last = block.leaves.last else {
            throw RecoveryError.damagedBlock(height: height, reason: "it has no leaves")
        }
        do {
            let statements = try block.leaves.dropLast().map { leaf throws(Refusal) in try Statement(encoded: leaf) }
            return LoggedBlock(
                header: try BlockHeader(leaf: last), statements: statements, certificate: block.certificate)
        } catch {
            throw RecoveryError.damagedBlock(height: height, reason: "\(error)")
        }
    }
}
