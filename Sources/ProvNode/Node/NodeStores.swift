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
enum RecoveryError: Spoken {
    case foreignLog(path: String)
    case stateNotOfThisLog(height: UInt64)
    case damagedBlock(height: UInt64, reason: String)
    case logLostBlocks(height: UInt64, indexed: UInt64)

    var phrase: Phrase {
        switch self {
        case .foreignLog(let path):
            Phrase(
                "the log in \(path) belongs to another chain than genesis.cbor; check which of the two is wrong",
                "\(path) 中的日志与 genesis.cbor 不属于同一条链；请检查二者哪个有误")
        case .stateNotOfThisLog(let height):
            Phrase(
                "the state database stands at a block \(height) that the log does not hold; if the log is the "
                    + "right one, build both databases again: provnode reindex --state",
                "状态数据库停在日志中没有的区块 \(height)；若日志无误，请重建两个数据库：provnode reindex --state")
        case .damagedBlock(let height, let reason):
            Phrase(
                "block \(height) in the log cannot be executed: \(reason); run `provnode verify`",
                "日志中的区块 \(height) 无法执行：\(reason)；请运行 `provnode verify`")
        case .logLostBlocks(let height, let indexed):
            Phrase(
                "the log ends at block \(height), but the index holds final blocks up to \(indexed): the log was damaged "
                    + "or is an old copy; restore log/ from its newest copy. Only if those blocks are given up for good, "
                    + "remove state.sqlite and index.sqlite: then another block \(height + 1) will be signed",
                "日志止于区块 \(height)，而索引中的最终区块已到 \(indexed)：日志已损坏或是旧副本；请用最新副本恢复 log/。"
                    + "仅当确定永久放弃这些区块时，才可移除 state.sqlite 和 index.sqlite：此后将另行签署区块 \(height + 1)")
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
