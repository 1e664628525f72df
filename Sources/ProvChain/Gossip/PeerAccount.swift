/// What a peer has used of its allowance, over all its connections: hanging up pays no debt.
struct PeerAccount: Sendable {
    private var bytes: TokenBucket
    private var messages: TokenBucket
    private var statements: TokenBucket
    private var proposals: TokenBucket
    private var items: TokenBucket
    private var answers: TokenBucket
    private var consensus: TokenBucket
    private var signatures: TokenBucket
    private var questions: TokenBucket

    init(_ allowance: GossipBounds.Allowance, now: UInt64) {
        bytes = TokenBucket(allowance.bytes, now: now)
        messages = TokenBucket(allowance.messages, now: now)
        statements = TokenBucket(allowance.statements, now: now)
        proposals = TokenBucket(allowance.proposals, now: now)
        items = TokenBucket(allowance.items, now: now)
        answers = TokenBucket(allowance.answers, now: now)
        consensus = TokenBucket(allowance.consensus, now: now)
        signatures = TokenBucket(allowance.signatures, now: now)
        questions = TokenBucket(allowance.questions, now: now)
    }

    /// Milliseconds until everything used so far is paid, but for answers.
    mutating func debt(_ now: UInt64) -> UInt64 {
        max(
            max(bytes.take(0, now: now), messages.take(0, now: now), statements.take(0, now: now)),
            max(proposals.take(0, now: now), items.take(0, now: now), consensus.take(0, now: now)),
            max(signatures.take(0, now: now), questions.take(0, now: now)))
    }

    /// Milliseconds until the peer has paid for a message in a frame of so many bytes.
    mutating func charge(_ message: WireMessage, bytes count: Int, now: UInt64) -> UInt64 {
        let common = max(bytes.take(count, now: now), messages.take(1, now: now))
        switch message {
        case .statements(let statements): return max(common, self.statements.take(statements.count, now: now))
        case .leafHashes(let offer):
            let answer = offer.wantsAnswer ? GossipBounds.Allowance.offerItems : 0
            return max(common, items.take(offer.hashes.count + answer, now: now))
        case .attachments(let hashes): return max(common, items.take(hashes.count, now: now))
        case .proposal(let bytes):
            let tokens = 1 + bytes.count / GossipBounds.Allowance.proposalBytes
            return max(common, proposals.take(tokens, now: now))
        case .consensus(let bytes): return max(common, consensus.take(bytes.count, now: now))
        // Questions are paid for when they are answered.
        case .hello, .fetch, .range, .fetched, .ranged, .beat: return common
        }
    }

    /// Milliseconds until the peer has paid for what was looked up to answer a question. For the bytes of the answer it
    /// pays apart (``mayBeAnswered(_:)``).
    mutating func spend(items count: Int, answerBytes: Int, now: UInt64) -> UInt64 {
        _ = answers.take(answerBytes, now: now)
        return items.take(count, now: now)
    }

    /// False until the bytes of all answers are paid.
    mutating func mayBeAnswered(_ now: UInt64) -> Bool { answers.take(0, now: now) == 0 }

    /// Milliseconds until the peer has paid for what its messages turned out to cost.
    mutating func spend(signatures: Int, questions: Int, now: UInt64) -> UInt64 {
        max(self.signatures.take(signatures, now: now), self.questions.take(questions, now: now))
    }
}
