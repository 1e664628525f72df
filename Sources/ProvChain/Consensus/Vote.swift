/// What a validator can say about a view.
public enum VoteKind: UInt64, Sendable, CaseIterable {
    case notarize = 1, nullify, finalize
}

/// The content of a vote. Its bytes name everything that could make it mean something else elsewhere:
/// chain, epoch, view, kind, signer, and the digest voted for.
public struct Vote: Hashable, Sendable {
    public let chain: Digest
    /// Hash of the epoch's record.
    public let epochRecord: Digest
    public let epoch: UInt64
    public let view: UInt64
    public let kind: VoteKind
    /// Index in the epoch's validators.
    public let signer: UInt64
    /// The parent's view for a notarize; 0 otherwise.
    public let parentView: UInt64
    /// Zero for a nullify.
    public let block: Digest

    public init(
        chain: Digest, epochRecord: Digest, epoch: UInt64, view: UInt64, kind: VoteKind, signer: UInt64,
        parentView: UInt64, block: Digest
    ) {
        precondition(kind == .notarize || parentView == 0, "only a notarize names its parent's view")
        precondition(kind != .nullify || block == .zero, "a nullify names no block")
        self.chain = chain
        self.epochRecord = epochRecord
        self.epoch = epoch
        self.view = view
        self.kind = kind
        self.signer = signer
        self.parentView = parentView
        self.block = block
    }

    /// The bytes to sign: CBOR `[tag, chain, epoch record, epoch, view, kind, signer, parent view, block]`.
    public var message: [UInt8] {
        DomainTag.vote.input(8) { writer in
            writer.digest(chain)
            writer.digest(epochRecord)
            writer.uint(epoch)
            writer.uint(view)
            writer.uint(kind.rawValue)
            writer.uint(signer)
            writer.uint(parentView)
            writer.digest(block)
        }
    }
}

/// How many validators must agree.
public enum Quorum {
    /// n − ⌊(n − 1) / 3⌋ of n validators.
    public static func size(of validators: Int) -> Int {
        precondition(validators > 0, "a chain without validators")
        return validators - (validators - 1) / 3
    }
}
