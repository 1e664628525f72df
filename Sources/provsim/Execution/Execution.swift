import ProvChain

/// A statement of the simulation: an identity, and one of several signed forms of it.
struct Entry: Hashable, Sendable, Comparable {
    let id: UInt64
    let form: UInt8

    var leaf: Digest { SHA256.hash((0..<8).map { UInt8(truncatingIfNeeded: id >> ($0 * 8)) } + [form]) }

    static func < (a: Entry, b: Entry) -> Bool { (a.id, a.form) < (b.id, b.form) }
}

struct Block: Sendable {
    let header: BlockHeader
    let body: [Entry]
}

/// What a machine runs its blocks through: on top of the tip, or of blocks above it that are not final.
protocol Execution {
    var tip: Block { get }
    /// Milliseconds.
    var epochStart: UInt64 { get }
    var epochLength: UInt64 { get }

    /// `nil` if the parent is not executed here.
    mutating func execute(_ block: Block) -> Bool?
    mutating func assemble(
        on parent: Digest, from pool: [Entry], now: UInt64, view: UInt64, proposer: UInt64
    ) -> Assembled?
    /// The header of a block without statements; for liars, who need a second block. It is not kept.
    mutating func empty(on parent: Digest, time: UInt64, view: UInt64, proposer: UInt64) -> BlockHeader?
    /// Returns how many executed blocks lead nowhere now.
    @discardableResult
    mutating func commit(_ block: Block) -> Int
    func hasApplied(_ id: UInt64) -> Bool
    /// Where the state on the disk stands. It was flushed after the log had been waited for up to there.
    var flushedHeight: UInt64 { get }
    /// What a process that starts again makes of its disk.
    func restarted(with log: [Block]) -> any Execution
}

struct Assembled {
    let block: Block
    /// What cannot be applied as it is.
    let refused: Set<UInt64>
}
