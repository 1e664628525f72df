/// A block that was executed on top of the tip, with all its effects. Nothing of it is in the ledger yet.
public struct ExecutedBlock: Sendable {
    public let header: BlockHeader
    /// The header's leaf, as it goes into the log.
    public let headerLeaf: [UInt8]
    public let execution: BlockExecution
    public let change: StateChange
    /// The history with the header's leaf.
    public let history: CompactTree

    /// What the block appends to the log: its statements, then its header.
    public var leaves: [[UInt8]] { execution.applied.map(\.statement.encoded) + [headerLeaf] }

    public var leafHashes: [Digest] {
        execution.applied.map(\.statement.leafHash) + [MerkleHash.leaf(headerLeaf)]
    }

    /// The leaf index of the statement at `position`.
    public func leafIndex(position: UInt64) -> UInt64 {
        header.historySize - UInt64(execution.applied.count) + position
    }
}

/// Why a block does not follow from the tip.
public enum LedgerError: Error, Hashable, Sendable, CustomStringConvertible {
    case wrongHeight(found: UInt64, expected: UInt64)
    /// A header field that execution does not confirm.
    case mismatch(height: UInt64, field: String)
    case refusedStatement(height: UInt64, statement: Digest, Refusal)
    case blockTooLarge(height: UInt64)
    /// Not the block's fault: the state could not be read.
    case storage(String)

    public var description: String {
        switch self {
        case .wrongHeight(let found, let expected): "block \(found) came where block \(expected) follows"
        case .mismatch(let height, let field): "block \(height): its \(field) does not follow from execution"
        case .refusedStatement(let height, let statement, let refusal):
            "block \(height) holds statement \(statement), which breaks rule \(refusal.rule.rawValue): \(refusal)"
        case .blockTooLarge(let height): "block \(height) exceeds the limits of the chain's parameters"
        case .storage(let reason): "the state cannot be read: \(reason)"
        }
    }
}

extension BlockHeader {
    /// The name of the first field in which two headers differ, or `nil`.
    func firstDifference(from other: BlockHeader) -> String? {
        if chain != other.chain { return "chain" }
        if epoch != other.epoch { return "epoch" }
        if height != other.height { return "height" }
        if view != other.view { return "view" }
        if parent != other.parent { return "parent" }
        if time != other.time { return "time" }
        if proposer != other.proposer { return "proposer" }
        if historySize != other.historySize { return "history size" }
        if historyRoot != other.historyRoot { return "history root" }
        if stateRoot != other.stateRoot { return "state root" }
        if epochRecord != other.epochRecord { return "epoch record" }
        if nextEpochRecord != other.nextEpochRecord { return "next epoch record" }
        return nil
    }
}
