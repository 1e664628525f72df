import Testing

@testable import ProvChain

/// Who waits for whom when several senders fill one queue.
@Suite struct FairQueueTests {
    private static func drained(_ queue: inout FairQueue<Character, String>) -> [String] {
        var taken: [String] = []
        while let next = queue.next() { taken.append(next) }
        return taken
    }

    /// Ten thousand of one sender are there before the first of another, which waits for one turn of it.
    @Test func aFloodDelaysOthersByATurn() {
        var queue = FairQueue<Character, String>(share: 100)
        for number in 0..<10_000 { queue.append("f\(number)", cost: 10, of: "f") }
        queue.append("vote", cost: 10, of: "v")
        var before = 0
        while let next = queue.next(), next != "vote" { before += 1 }
        #expect(before <= 2 * queue.share / 10)
        #expect(queue.count(of: "f") == 10_000 - before && queue.count(of: "v") == 0)
    }

    /// Bytes are shared, not messages: one that costs as much as ten takes ten turns' worth.
    @Test func sharesAreOfBytes() {
        var queue = FairQueue<Character, String>(share: 10)
        for _ in 0..<100 {
            queue.append("large", cost: 100, of: "l")
            queue.append("small", cost: 10, of: "s")
        }
        var (large, small) = (0, 0)
        for _ in 0..<110 {
            switch queue.next() {
            case "large": large += 1
            default: small += 1
            }
        }
        #expect((9...11).contains(large) && large + small == 110)
    }

    @Test func whoHasALesserShareGetsLessOfEachRound() {
        var queue = FairQueue<Character, String>(share: 80)
        queue.setShare(10, of: "o")
        for _ in 0..<800 {
            queue.append("o", cost: 10, of: "o")
            queue.append("v", cost: 10, of: "v")
        }
        let first = (0..<450).compactMap { _ in queue.next() }
        #expect((45...55).contains(first.count { $0 == "o" }))
        queue.forget("o")
        let second = (0..<200).compactMap { _ in queue.next() }
        #expect((90...110).contains(second.count { $0 == "o" }))
    }

    @Test func theOrderOfASenderIsKeptAndNothingIsLost() {
        var queue = FairQueue<Character, String>(share: 64)
        var expected: [Character: [String]] = [:]
        for number in 0..<3_000 {
            let sender: Character = ["a", "b", "c"][number % 7 % 3]
            queue.append("\(sender)\(number)", cost: 1 + number % 200, of: sender)
            expected[sender, default: []].append("\(sender)\(number)")
            if number % 3 == 0, let next = queue.next(), let first = next.first {
                #expect(expected[first]?.removeFirst() == next)
            }
        }
        for next in Self.drained(&queue) { #expect(next.first.flatMap { expected[$0]?.removeFirst() } == next) }
        #expect(queue.isEmpty && expected.values.allSatisfy(\.isEmpty))
    }

    /// Alone, a sender needs no credit: the largest message goes at once. Credit is not saved for later.
    @Test func whoIsAloneWaitsForNothingAndSavesNothing() {
        var queue = FairQueue<Character, String>(share: 1)
        queue.append("large", cost: 8 << 20, of: "a")
        #expect(queue.next() == "large")
        for _ in 0..<5 { queue.append("a", cost: 1, of: "a") }
        queue.append("b", cost: 1, of: "b")
        let taken = Self.drained(&queue)
        #expect(taken.count == 6 && taken.prefix(3).contains("b"))
    }

    @Test func whatNobodyAnswersForIsDropped() {
        var queue = FairQueue<Character, String>(share: 10)
        for text in ["m1", "end", "m2"] { queue.append(text, cost: 1, of: "a") }
        queue.append("b", cost: 1, of: "b")
        queue.drop("a") { $0 == "end" }
        #expect(Set(Self.drained(&queue)) == ["end", "b"])
        queue.append("m3", cost: 1, of: "a")
        queue.drop("a") { _ in false }
        #expect(queue.isEmpty)
    }
}
