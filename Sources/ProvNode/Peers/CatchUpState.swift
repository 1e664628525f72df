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
    /// How often each failed: gave no answer, a wrong one, or not the blocks whose headers it gave. What a peer says
    /// of its own height counts for nothing, for anybody can say anything.
    private var failures: [IdentityKey: Int] = [:]
    private var lastPardon = Instant(milliseconds: 0)
    private static let pardonMilliseconds: UInt64 = 60_000
    private var lastNumber: UInt64 = 0

    /// Questions that nobody has answered yet.
    var openQuestions: Int { questions.count }

    mutating func begin(at height: UInt64, now: Instant) {
        isRunning = true
        if now >= lastPardon.advanced(by: Self.pardonMilliseconds) {
            // Who failed an hour ago may be well by now; who fails always stays behind.
            failures = failures.mapValues { $0 / 2 }.filter { $0.value > 0 }
            lastPardon = now
        }
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
        questions.removeValue(forKey: answer.number)?.continuation.resume(returning: answer)
    }

    mutating func giveUp(_ number: UInt64) {
        guard let question = questions.removeValue(forKey: number) else { return }
        question.continuation.resume(returning: nil)
    }

    mutating func failed(_ peer: IdentityKey) { failures[peer, default: 0] += 1 }

    /// Those who failed least come first; among equals, another one at each height.
    func order(_ candidates: [IdentityKey], from height: UInt64) -> [IdentityKey] {
        guard !candidates.isEmpty else { return [] }
        let first = Int(height % UInt64(candidates.count))
        let rotated = candidates[first...] + candidates[..<first]
        return rotated.enumerated().sorted {
            (failures[$0.element, default: 0], $0.offset) < (failures[$1.element, default: 0], $1.offset)
        }.map(\.element)
    }

    /// Those who failed no more than the best did, once more at most: who failed again and again is left out.
    func best(of candidates: [IdentityKey]) -> [IdentityKey] {
        guard let least = candidates.map({ failures[$0, default: 0] }).min() else { return [] }
        return candidates.filter { failures[$0, default: 0] <= least + 1 }
    }

    mutating func lost(_ peer: IdentityKey) {
        for number in questions.filter({ $0.value.peer == peer }).keys { giveUp(number) }
    }

    mutating func giveUpAll() {
        for number in questions.keys { giveUp(number) }
    }
}
