/// A block that is not final here yet.
struct PendingBlock: Sendable {
    enum Status: Hashable, Sendable {
        /// Its bytes are here; nobody needs it executed, or its parent is not.
        case held
        case executing
        /// Executed in full, every field of the header as execution gives it.
        case valid
        case invalid
    }

    let header: BlockHeader
    var status: Status
    /// Someone asked for its execution.
    var isWanted = false
    /// Its bytes are in the journal.
    var isDurable = false
}

/// The point up to which everything is decided, executed and in the log.
public struct FinalPoint: Hashable, Sendable {
    public let header: BlockHeader
    public let block: Digest
    /// View of the certificate that made it final in this epoch; 0 for the block on which the epoch begins.
    public let view: UInt64

    public init(header: BlockHeader, view: UInt64) {
        self.header = header
        self.view = view
        block = header.id
    }
}
