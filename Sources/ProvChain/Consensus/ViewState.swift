/// One validator's own votes in one view, and the law about them.
struct OwnVotes: Hashable, Sendable {
    private(set) var notarize: SignedVote?
    private(set) var nullify: SignedVote?
    private(set) var finalize: SignedVote?

    /// At most one notarize, never after a nullify. A nullify may follow a notarize but never a finalize. At
    /// most one finalize, never after a nullify.
    func allow(_ kind: VoteKind) -> Bool {
        switch kind {
        case .notarize: notarize == nil && nullify == nil
        case .nullify: nullify == nil && finalize == nil
        case .finalize: finalize == nil && (nullify == nil || Planted.has(.finalizeAfterNullify))
        }
    }

    func contains(_ vote: SignedVote) -> Bool {
        let own =
            switch vote.kind {
            case .notarize: notarize
            case .nullify: nullify
            case .finalize: finalize
            }
        return own?.subject == vote.subject
    }

    /// Takes a vote just given, or one that the journal remembers.
    mutating func record(_ vote: SignedVote) {
        precondition(allow(vote.kind), "a \(vote.kind) of view \(vote.view) that the voting law forbids")
        switch vote.kind {
        case .notarize: notarize = vote
        case .nullify: nullify = vote
        case .finalize: finalize = vote
        }
    }

    var all: [SignedVote] { [notarize, nullify, finalize].compactMap { $0 } }
}

/// What is known of one view above the last final one.
struct ViewState: Sendable {
    var tally: VoteTally
    var own = OwnVotes()
    var notarization: Certificate?
    var nullification: Certificate?
    /// The first proposal that came.
    var proposal: Proposal?
    /// The leader gave two notarizes: whatever comes of the view, this node will not finalize it.
    var leaderEquivocated = false
    /// Validators that notarized something else than the leader's vote held here, and were sent it.
    var confronted: Set<UInt64> = []

    init(validators: Int) { tally = VoteTally(validators: validators) }

    /// Notarization first.
    var certificates: [Certificate] { [notarization, nullification].compactMap { $0 } }
}
