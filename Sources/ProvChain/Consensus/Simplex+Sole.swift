/// A committee of one. Its quorum is one vote, so a block is final as soon as it is voted for, and nothing has
/// to travel before that. It differs from any other committee in three things, all of which follow from there:
///
/// - It gives one vote for a block, a finalize. A notarization would tell others that they may build on it.
/// - It journals nothing. A journal keeps a validator from contradicting a vote that somebody saw; here a vote
///   leaves the process only inside the certificate that the log made durable together with its block. After a
///   crash there is no vote that anybody saw and the log does not know.
/// - It never gives up a view, for it would lead the next one itself.
///
/// As with every validator, the vote key belongs to one process at a time.
extension Simplex {
    var decidesAlone: Bool { committee.count == 1 && configuration.index != nil }

    /// Makes a block that was built here final: the commit that follows in this step is the only durable one,
    /// and the certificate goes out after it.
    mutating func decide(_ block: Digest) {
        precondition(decidesAlone, "a decision for others")
        absorb(Certificate(votes: [give(.finalize, view: view, parentView: 0, block: block)]))
    }
}
