/// What is known of the other validators: when they last spoke, and the highest vote of each.
struct PeerBook: Sendable {
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

    /// A vote that somebody else passes on, perhaps an old one, is no sign of its signer's life.
    mutating func heard(_ vote: SignedVote, from peer: UInt64, at now: Instant) {
        let signer = Int(vote.signer)
        if vote.signer == peer {
            lastHeard[signer] = now
            silentViews[signer] = 0
        }
        if let highest = highestVotes[signer],
            (highest.view, highest.kind.rawValue) >= (vote.view, vote.kind.rawValue)
        {
            return
        }
        highestVotes[signer] = vote
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
