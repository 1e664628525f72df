import ProvChain
import Testing

@testable import ProvNode

/// What waits for a node, and in what order it gets to it.
@Suite struct InboxTests {
    private static func taken(_ inbox: Inbox<Int, String>) async -> [String] {
        (await inbox.take(atMost: .max) ?? []).map { next in
            switch next {
            case .own(let number): "\(number)"
            case .link(_, let text): text
            }
        }
    }

    /// A vote that comes after a thousand beats of somebody else is looked at after a handful of them.
    @Test func aFloodOfOneConnectionDoesNotDelayAnother() async {
        let inbox = Inbox<Int, String>()
        for _ in 0..<1_000 { inbox.add("beat", of: 1, cost: NetworkLimits.messageBytes + 20) }
        inbox.add("vote", of: 2, cost: NetworkLimits.messageBytes + 200)
        let taken = await Self.taken(inbox)
        let place = taken.firstIndex(of: "vote") ?? .max
        #expect(place <= 2 * NetworkLimits.turnBytes / NetworkLimits.messageBytes)
        #expect(taken.count == 1_001)
    }

    /// An observer gets an eighth of what a validator gets, when both have more than that to say.
    @Test func anObserverHasTheLesserShare() async {
        let inbox = Inbox<Int, String>()
        inbox.setShare(NetworkLimits.observerTurnBytes, of: 1)
        for _ in 0..<900 {
            inbox.add("observer", of: 1, cost: NetworkLimits.messageBytes)
            inbox.add("validator", of: 2, cost: NetworkLimits.messageBytes)
        }
        let first = await Self.taken(inbox).prefix(900)
        #expect((80...120).contains(first.count { $0 == "observer" }))
    }

    @Test func theNodesOwnDoingsComeFirst() async {
        let inbox = Inbox<Int, String>()
        inbox.add("message", of: 1, cost: 1)
        inbox.add(1)
        inbox.add(2)
        #expect(await Self.taken(inbox) == ["1", "2", "message"])
    }

    /// What came over a connection that another one replaced is nobody's; its end is still told.
    @Test func whatCameOverAReplacedConnectionIsDropped() async {
        let inbox = Inbox<Int, String>()
        for text in ["message", "end", "message"] { inbox.add(text, of: 1, cost: 1) }
        inbox.drop(1) { $0 == "end" }
        #expect(await Self.taken(inbox) == ["end"])
    }

    @Test func afterTheEndNothingIsTaken() async {
        let inbox = Inbox<Int, String>()
        #expect(inbox.add("before", of: 1, cost: 1))
        inbox.end()
        #expect(!inbox.add("after", of: 1, cost: 1))
        inbox.add(1)
        #expect(await inbox.take(atMost: .max) == nil)
    }

    @Test func aReaderWaitsForTheNextAndForTheEnd() async {
        let inbox = Inbox<Int, String>()
        async let first = Self.taken(inbox)
        inbox.add(7)
        #expect(await first == ["7"])
        async let last = inbox.take(atMost: 1) == nil
        inbox.end()
        #expect(await last)
    }

    @Test func aReaderTakesNoMoreThanItAskedFor() async {
        let inbox = Inbox<Int, String>()
        for number in 0..<5 { inbox.add(number) }
        #expect(await inbox.take(atMost: 2)?.count == 2)
        #expect(await Self.taken(inbox) == ["2", "3", "4"])
    }

    @Test func nothingIsLostBetweenThreads() async {
        let inbox = Inbox<Int, Int>()
        let (writers, each) = (8, 2_000)
        let reading = Task {
            var last = [Int](repeating: -1, count: writers)
            while last.contains(where: { $0 < each - 1 }), let batch = await inbox.take(atMost: 100) {
                for case .link(let link, let number) in batch {
                    #expect(number == last[Int(link)] + 1, "of one connection, in order")
                    last[Int(link)] = number
                }
            }
            return last
        }
        await withTaskGroup(of: Void.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    for number in 0..<each { inbox.add(number, of: PeerLinks.LinkID(writer), cost: 1) }
                }
            }
        }
        #expect(await reading.value == [Int](repeating: each - 1, count: writers))
    }
}
