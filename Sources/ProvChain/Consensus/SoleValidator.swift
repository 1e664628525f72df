/// Consensus for a chain with one validator: the quorum is one, so a block is final as soon as its only
/// validator has voted for it, and no message ever has to travel.
///
/// A value: inputs go in, ordered effects come out. No clock, disk or key inside; signing, building and
/// writing are effects whose results come back as inputs. A finalize vote leaves the process only inside the
/// certificate that the log makes durable together with its block, so after a crash there is no vote that
/// anybody could have seen and that the log does not know.
public struct SoleValidator: Sendable {
    public enum Input: Sendable {
        /// The node is up; the chain stands after this block.
        case start(tip: BlockHeader)
        /// At least one statement waits.
        case statementsWaiting
        /// The idle timer rang.
        case idle
        /// The block that ``Effect/build(view:allowEmpty:)`` asked for.
        case built(BlockHeader)
        /// There was nothing to build a block from.
        case nothingToBuild
        /// The signature that ``Effect/sign(_:)`` asked for.
        case signed(Vote, signature: [UInt8])
        /// The block is in the log and the ledger.
        case committed(moreWaiting: Bool)
    }

    public enum Effect: Hashable, Sendable {
        case build(view: UInt64, allowEmpty: Bool)
        case sign(Vote)
        /// Append block and certificate to the log, durably; then make it the tip.
        case commit(FinalityCertificate)
        /// Ring ``Input/idle`` after this long, unless armed anew.
        case armIdleTimer(milliseconds: UInt64)
    }

    enum State: Hashable, Sendable {
        case stopped
        case idle
        case building
        case voting(BlockHeader)
        case committing
    }

    private struct Missed {
        var statements = false
        var idle = false
    }

    private(set) var state = State.stopped
    /// The view of the last block that was voted for.
    private var view: UInt64 = 0
    /// What happened since the last build began, which may have looked for statements before.
    private var missed = Missed()
    private let index: UInt64
    private let idleInterval: UInt64

    /// - Parameters:
    ///   - index: the validator's own, in the epoch's order.
    ///   - idleInterval: milliseconds after which an idle chain makes an empty block.
    public init(index: UInt64, idleInterval: UInt64) {
        self.index = index
        self.idleInterval = idleInterval
    }

    public mutating func handle(_ input: Input) -> [Effect] {
        switch (state, input) {
        case (.stopped, .start(let tip)):
            view = tip.view
            state = .idle
            return [.armIdleTimer(milliseconds: idleInterval)]
        case (.idle, .statementsWaiting):
            return build(allowEmpty: false)
        case (.idle, .idle):
            return build(allowEmpty: true)
        case (.building, .built(let header)):
            precondition(header.view == view + 1, "a block of view \(header.view) built in view \(view + 1)")
            view = header.view
            state = .voting(header)
            return [.sign(finalizeVote(for: header))]
        case (.building, .nothingToBuild):
            state = .idle
            if missed.idle { return build(allowEmpty: true) }
            return missed.statements ? build(allowEmpty: false) : []
        case (.voting(let header), .signed(let vote, let signature)):
            precondition(vote.block == header.id, "a vote for another block")
            state = .committing
            return [.commit(FinalityCertificate(view: view, signers: [index], signatures: [signature]))]
        case (.committing, .committed(let moreWaiting)):
            state = .idle
            let timer = Effect.armIdleTimer(milliseconds: idleInterval)
            return moreWaiting ? [timer] + build(allowEmpty: false) : [timer]
        case (.building, .statementsWaiting):
            missed.statements = true
            return []
        case (.building, .idle):
            missed.idle = true
            return []
        case (.voting, .statementsWaiting), (.committing, .statementsWaiting),
            (.voting, .idle), (.committing, .idle), (.stopped, .statementsWaiting):
            // The look at the mempool after the commit, and the timer that it arms, take care of these.
            return []
        case (.stopped, _), (_, .start), (_, .built), (_, .nothingToBuild), (_, .signed), (_, .committed):
            preconditionFailure("\(input) in state \(state)")
        }
    }

    private mutating func build(allowEmpty: Bool) -> [Effect] {
        state = .building
        missed = Missed()
        // A view that yields no block is entered again: nobody saw anything of it.
        return [.build(view: view + 1, allowEmpty: allowEmpty)]
    }

    private func finalizeVote(for header: BlockHeader) -> Vote {
        Vote(
            chain: header.chain, epochRecord: header.epochRecord, epoch: header.epoch, view: view, kind: .finalize,
            signer: index, parentView: 0, block: header.id)
    }
}
