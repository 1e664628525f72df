/// What is known of the other validators: when they last spoke, and the highest vote of each.
struct PeerBook: Sendable {
    /// When each last voted for what a quorum agreed on.
    private var lastHeard: [Instant]
    private var silentViews: [Int]
    private(set) var highestVotes: [SignedVote?]
    var accused: Set<UInt64> = []
    /// When a peer of another epoch was last answered.
    private var lastAnswer: [UInt64: Instant] = [:]
    private static let answerInterval: UInt64 = 1_000
    private static let answersHeld = 256

    init(count: Int) {
        lastHeard = Array(repeating: Instant(milliseconds: 0), count: count)
        silentViews = Array(repeating: 0, count: count)
        highestVotes = Array(repeating: nil, count: count)
    }

    /// Remembers the highest vote of each key. That somebody can sign is no sign that it would lead.
    mutating func heard(_ vote: SignedVote) {
        if isHighest(vote) { highestVotes[Int(vote.signer)] = vote }
    }

    /// It voted for what a quorum notarized, before that view was decided: it runs, and keeps up.
    mutating func tookPart(_ validator: UInt64, at now: Instant) {
        lastHeard[Int(validator)] = now
        silentViews[Int(validator)] = 0
    }

    /// True if no later vote of its signer is known, nor this one.
    func isHighest(_ vote: SignedVote) -> Bool {
        guard let highest = highestVotes[Int(vote.signer)] else { return true }
        return (highest.view, highest.kind.rawValue) < (vote.view, vote.kind.rawValue)
    }

    mutating func missed(_ validator: UInt64) { silentViews[Int(validator)] += 1 }

    func isSilent(_ validator: UInt64, at now: Instant, delta: UInt64) -> Bool {
        silentViews[Int(validator)] >= ConsensusTiming.silentViews
            && lastHeard[Int(validator)].advanced(by: ConsensusTiming.silentDeltas * delta) <= now
    }

    /// True at most once a second for each peer.
    mutating func mayAnswer(_ peer: UInt64, at now: Instant) -> Bool {
        if let last = lastAnswer[peer], now < last.advanced(by: Self.answerInterval) { return false }
        if lastAnswer.count >= Self.answersHeld { lastAnswer = [:] }
        lastAnswer[peer] = now
        return true
    }
}
