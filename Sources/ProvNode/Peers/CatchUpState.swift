import ProvChain

/// Where a node stands that is behind: what it asked whom, and how far it is.
struct CatchUpState {
    /// A question to one peer, and who waits for the answer.
    private struct Question {
        let peer: IdentityKey
        let continuation: CheckedContinuation<RangeAnswer?, Never>
    }

    private(set) var isRunning = false
    private(set) var from: UInt64 = 0
    /// The height to reach, as far as it is known.
    private(set) var target: UInt64 = 0
    private(set) var started = Instant(milliseconds: 0)
    private(set) var ended = Instant(milliseconds: 0)
    private var questions: [UInt64: Question] = [:]
    /// Who did not answer last time: the others are asked first.
    private(set) var silent: Set<IdentityKey> = []
    private var lastNumber: UInt64 = 0

    mutating func begin(at height: UInt64, now: Instant) {
        isRunning = true
        from = height
        target = height
        started = now
    }

    mutating func aim(at height: UInt64) { target = max(target, height) }

    mutating func end(now: Instant) {
        isRunning = false
        ended = now
    }

    /// Milliseconds until the target at the speed so far; `nil` before anything was applied.
    func remaining(at height: UInt64, now: Instant) -> UInt64? {
        guard height > from, target > height else { return nil }
        let spent = now.milliseconds - started.milliseconds
        return spent * (target - height) / (height - from)
    }

    mutating func ask(_ peer: IdentityKey, _ continuation: CheckedContinuation<RangeAnswer?, Never>) -> UInt64 {
        lastNumber += 1
        questions[lastNumber] = Question(peer: peer, continuation: continuation)
        return lastNumber
    }

    /// An answer that nobody waits for any more is dropped.
    mutating func answered(_ answer: RangeAnswer, by peer: IdentityKey) {
        guard questions[answer.number]?.peer == peer else { return }
        silent.remove(peer)
        questions.removeValue(forKey: answer.number)?.continuation.resume(returning: answer)
    }

    mutating func giveUp(_ number: UInt64) {
        guard let question = questions.removeValue(forKey: number) else { return }
        silent.insert(question.peer)
        question.continuation.resume(returning: nil)
    }

    mutating func lost(_ peer: IdentityKey) {
        for number in questions.filter({ $0.value.peer == peer }).keys { giveUp(number) }
    }

    mutating func giveUpAll() {
        for number in questions.keys { giveUp(number) }
    }
}
