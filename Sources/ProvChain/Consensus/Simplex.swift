/// Simplex consensus (Chan and Pass, TCC 2023) for the validators of one epoch, as a value: inputs go in,
/// ordered effects come out. `docs/consensus.md` is its specification.
///
/// There is no clock, randomness, disk or task inside. Building, executing and fetching blocks are effects
/// whose results come back as inputs, so the core never waits. What is to be durable comes first among the
/// effects of a step, and whoever carries them out does so in order: no vote leaves that a crash could make
/// this validator forget. Signing is a function of the vote (Ed25519 has no nonce), so it happens inside.
public struct Simplex: Sendable {
    public struct Configuration: Sendable {
        public let committee: Committee
        /// This node among the validators; `nil` for an observer.
        public let index: UInt64?
        public let timing: ConsensusTiming
        /// Signs a vote's message: a function of the bytes.
        public let sign: @Sendable ([UInt8]) -> [UInt8]
        /// The finalization with which the epoch before ended, for those who are still in it.
        public let predecessor: Certificate?
        /// False only for a validator that is to lie about its votes in a simulation.
        public var watchesOwnKey = true

        public init(
            committee: Committee, index: UInt64?, timing: ConsensusTiming, predecessor: Certificate? = nil,
            sign: @escaping @Sendable ([UInt8]) -> [UInt8]
        ) {
            precondition(index.map { $0 < UInt64(committee.count) } ?? true, "not a validator's index")
            self.committee = committee
            self.index = index
            self.timing = timing
            self.predecessor = predecessor
            self.sign = sign
        }
    }

    /// Another node: a validator of this epoch by index, or an observer by some number from the epoch's
    /// validator count on.
    public typealias Peer = UInt64

    public enum Input: Sendable {
        /// Once, before anything else.
        case start
        /// The moment that ``Effect/wake(at:)`` named has come, or any other.
        case tick
        /// Whether a statement, or the end of an epoch, waits for a block.
        case statements(waiting: Bool)
        case built(BlockHeader, view: UInt64)
        case nothingToBuild(view: UInt64)
        case cannotBuild(view: UInt64)
        case executed(Digest, isValid: Bool)
        /// A block that was asked for; its body is here.
        case obtained(BlockHeader)
        /// The node brought itself to a later final block.
        case synced(FinalPoint, Certificate)
        /// A block that the node fetched by itself is final, and invalid here.
        case diverged(view: UInt64, block: Digest)
        case connected(Peer)
        case proposal(Verified<Proposal>, from: Peer)
        case vote(Verified<SignedVote>, from: Peer)
        case certificate(Verified<Certificate>, from: Peer)
        case page(Verified<CertificatePage>, from: Peer)
        case request(CertificateRequest, from: Peer)
        case greeting(Verified<Greeting>, from: Peer)
        case equivocation(Verified<Equivocation>)
        /// A message of another epoch, which cannot be checked.
        case foreign(epoch: UInt64, from: Peer)
    }

    /// What must be durable before the effects after it.
    public enum Durable: Hashable, Sendable {
        /// Header and body.
        case block(Digest)
        case vote(SignedVote)
    }

    public struct Build: Hashable, Sendable {
        public let view: UInt64
        public let parent: Digest
        public let allowsStatements: Bool
        public let allowsEmpty: Bool
    }

    public enum Effect: Hashable, Sendable {
        /// Write to the journal and sync, once for all of it. If that fails, the process ends: it never retries.
        case persist([Durable])
        /// Write to the journal; it need not be synced.
        case retain(Certificate)
        case broadcast(ConsensusMessage)
        case send(ConsensusMessage, to: Peer)
        case build(Build)
        /// Execute on top of its parent, which was executed; its body is here.
        case execute(Digest)
        /// Get header and body, preferably from these validators.
        case fetch(Digest, from: [UInt64])
        /// Get, check, execute and commit everything up to this block; then say ``Input/synced(_:_:)``.
        case catchUp(Certificate)
        /// Append these to the log, oldest first; the certificate is the last one's. They are durable before
        /// any later effect is carried out: where one validator decides, this is all that makes its vote so.
        case commit([Digest], Certificate)
        /// Votes and certificates up to this view are of no further use.
        case compact(through: UInt64)
        case report(Equivocation)
        case stopVoting(Silence)
        /// The last block of the epoch is final and committed; a new value takes over.
        case epochEnded(Certificate)
        /// Say ``Input/tick`` at this moment; replaces the one before.
        case wake(at: Instant)
    }

    /// Why a node does not vote.
    public enum Silence: Hashable, Sendable {
        case observer
        /// Others hold a vote of this key that the journal lacks.
        case journalLost
        /// A quorum stands behind a block that was found invalid here.
        case divergence(view: UInt64, block: Digest)
    }

    let configuration: Configuration
    public internal(set) var silence: Silence?
    /// The view this node is in; 0 before the start.
    public internal(set) var view: UInt64 = 0
    public internal(set) var final: FinalPoint
    /// The best finalization known; ahead of ``final`` while its block is not executed here.
    public internal(set) var finality: Certificate?
    public internal(set) var hasEnded = false
    var views: [UInt64: ViewState] = [:]
    var blocks: [Digest: PendingBlock] = [:]
    var fetches: [Digest: Fetch] = [:]
    /// Notarized views that may still get this node's finalize.
    var finalizable: Set<UInt64> = []
    var highestNotarized: UInt64 = 0
    var clock = ViewClock()
    var leading = Leading()
    var lookup: Lookup?
    var peers: PeerBook
    var statementsWait = false
    var catchingUp: UInt64?
    var step = Step()
    var now = Instant(milliseconds: 0)

    /// - Parameters:
    ///   - final: where log and ledger stand.
    ///   - finality: the certificate by which they got there, unless an epoch begins on that block. After a restart
    ///     of everybody nobody else may have it for those who stand one block lower.
    ///   - recovered: what the journal remembers above that; its blocks' bodies are at hand.
    public init(
        _ configuration: Configuration, final: FinalPoint, finality: Certificate?, recovered: Recovered = Recovered()
    ) {
        precondition((finality?.view ?? 0) == final.view, "view \(final.view) without its own finalization")
        precondition(finality.map { $0.kind == .finalize && $0.block == final.block } ?? true, "not its finalization")
        self.configuration = configuration
        self.final = final
        self.finality = finality
        peers = PeerBook(count: configuration.committee.count)
        silence = configuration.index == nil ? .observer : nil
        if silence == nil, !decidesAlone {
            if recovered.isLost {
                silence = .journalLost
            } else if let found = recovered.divergence {
                silence = .divergence(view: found.view, block: found.block)
            }
        }
        restore(recovered)
    }

    /// Carries one input as far as it goes.
    public mutating func handle(_ input: Input, now: Instant) -> [Effect] {
        self.now = max(self.now, now)
        switch input {
        case .start: start()
        case .tick: break
        case .statements(let waiting):
            statementsWait = waiting
            if waiting { leading.foundNothing = false }
        case .built(let header, let view): built(header, view: view)
        case .nothingToBuild(let view): foundNothing(view: view)
        case .cannotBuild(let view): couldNotBuild(view: view)
        case .executed(let block, let isValid): executed(block, isValid: isValid)
        case .obtained(let header): obtained(header)
        case .synced(let point, let certificate): synced(point, certificate)
        case .diverged(let view, let block): fallSilent(.divergence(view: view, block: block))
        case .connected(let peer): greet(peer)
        case .proposal(let proposal, let peer): receive(proposal.content, from: peer)
        case .vote(let vote, let peer): receive(vote.content, from: peer)
        case .certificate(let certificate, _): absorb(certificate.content)
        case .page(let page, _):
            for certificate in page.content.certificates { absorb(certificate) }
            lookup?.mayAskAgain = true
        case .request(let request, let peer): answer(request, to: peer)
        case .greeting(let greeting, let peer): receive(greeting.content, from: peer)
        case .equivocation(let found): accuse(found.content)
        case .foreign(let epoch, let peer): receiveForeign(epoch: epoch, from: peer)
        }
        if view > 0 { settle() }
        return takeEffects()
    }

    // MARK: Shorthands

    public var committee: Committee { configuration.committee }
    var timing: ConsensusTiming { configuration.timing }
    var mayVote: Bool { silence == nil && !hasEnded && view > 0 }

    /// The view of the best finalization known.
    public var finalView: UInt64 { max(final.view, finality?.view ?? 0) }
    var finalBlock: Digest { finality.map { $0.view > final.view ? $0.block : final.block } ?? final.block }

    mutating func withView(_ view: UInt64, _ body: (inout ViewState) -> Void) {
        let count = configuration.committee.count
        body(&views[view, default: ViewState(validators: count)])
    }

    // MARK: A step

    /// The effects of one step, gathered and returned once.
    struct Step: Sendable {
        var durable: [Durable] = []
        var effects: [Effect] = []
        var wake: Instant?
    }

    /// One sync covers all votes of the step, and comes before anything that depends on it.
    private mutating func takeEffects() -> [Effect] {
        var effects = step.effects
        if !step.durable.isEmpty {
            let persist = Effect.persist(step.durable)
            if Planted.has(.voteBeforeSync) { effects.append(persist) } else { effects.insert(persist, at: 0) }
        }
        let wake = nextDeadline
        if let wake, wake != step.wake { effects.append(.wake(at: wake)) }
        step = Step(wake: wake)
        return effects
    }

    /// Does whatever has become possible, until nothing more has.
    private mutating func settle() {
        repeat {
            let before = (view, finalView, final.block)
            // Absorbing a certificate enters at most one view; everything else follows from there.
            if hasEnded { break }
            commitWhatIsFinal()
            considerFinalizing()
            updateClock()
            expire()
            considerProposal()
            considerLeading()
            if before == (view, finalView, final.block) { break }
        } while true
        if !hasEnded { retry() }
    }
}
