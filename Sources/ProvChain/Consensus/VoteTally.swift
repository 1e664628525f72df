/// The votes of one view: the first that each validator gave of each kind. A second, different one is
/// evidence and counts for nothing.
struct VoteTally: Sendable {
    private var slots: [SignedVote?]
    private let count: Int
    /// Only a planted mistake makes this anything but zero.
    private var countedTwice = 0

    init(validators count: Int) {
        self.count = count
        slots = Array(repeating: nil, count: count * VoteKind.allCases.count)
    }

    enum Outcome {
        case added
        case known
        case conflict(Equivocation)
    }

    func vote(_ kind: VoteKind, of signer: UInt64) -> SignedVote? { slots[slot(kind, signer)] }

    private func slot(_ kind: VoteKind, _ signer: UInt64) -> Int {
        precondition(signer < UInt64(count), "validator \(signer) of \(count)")
        return Int(kind.rawValue - 1) * count + Int(signer)
    }

    mutating func add(_ vote: SignedVote) -> Outcome {
        let slot = slot(vote.kind, vote.signer)
        if let held = slots[slot] {
            if Planted.has(.signerCountedTwice) { countedTwice += 1 }
            return held.subject == vote.subject ? .known : .conflict(Equivocation(held, vote))
        }
        slots[slot] = vote
        for kind in VoteKind.allCases {
            if let other = self.vote(kind, of: vote.signer), Equivocation.conflict(other, vote) {
                return .conflict(Equivocation(other, vote))
            }
        }
        return .added
    }

    /// The votes for one thing, if they are a quorum.
    func quorum(_ kind: VoteKind, _ subject: SignedVote.Subject, of size: Int) -> [SignedVote]? {
        let first = Int(kind.rawValue - 1) * count
        let votes = slots[first..<(first + count)].compactMap { $0 }.filter { $0.subject == subject }
        return votes.count + countedTwice >= size ? votes : nil
    }

    /// Validators that said anything.
    var voices: [UInt64] {
        (0..<UInt64(count)).filter { signer in VoteKind.allCases.contains { vote($0, of: signer) != nil } }
    }
}
