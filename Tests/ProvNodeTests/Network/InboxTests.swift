import ProvChain
import Testing

@testable import ProvNode

/// What waits for a node, and in what order it gets to it.
@Suite struct InboxTests {
    private static func taken(_ inbox: Inbox<Int, String>) -> [String] {
        var taken: [String] = []
        while let next = inbox.next() {
            switch next {
            case .own(let number): taken.append("\(number)")
            case .link(_, let text): taken.append(text)
            }
        }
        return taken
    }

    /// A vote that comes after a thousand beats of somebody else is looked at after a handful of them.
    @Test func aFloodOfOneConnectionDoesNotDelayAnother() {
        let inbox = Inbox<Int, String>()
        for _ in 0..<1_000 { inbox.add("beat", of: 1, cost: NetworkLimits.messageBytes + 20) }
        inbox.add("vote", of: 2, cost: NetworkLimits.messageBytes + 200)
        let taken = Self.taken(inbox)
        let place = taken.firstIndex(of: "vote") ?? .max
        #expect(place <= 2 * NetworkLimits.turnBytes / NetworkLimits.messageBytes)
        #expect(taken.count == 1_001)
    }

    /// An observer gets an eighth of what a validator gets, when both have more than that to say.
    @Test func anObserverHasTheLesserShare() {
        let inbox = Inbox<Int, String>()
        inbox.setShare(NetworkLimits.observerTurnBytes, of: 1)
        for _ in 0..<900 {
            inbox.add("observer", of: 1, cost: NetworkLimits.messageBytes)
            inbox.add("validator", of: 2, cost: NetworkLimits.messageBytes)
        }
        let first = Self.taken(inbox).prefix(900)
        #expect((80...120).contains(first.count { $0 == "observer" }))
    }

    @Test func theNodesOwnDoingsComeFirst() {
        let inbox = Inbox<Int, String>()
        inbox.add("message", of: 1, cost: 1)
        inbox.add(1)
        inbox.add(2)
        #expect(Self.taken(inbox) == ["1", "2", "message"])
    }

    /// What came over a connection that another one replaced is nobody's; its end is still told.
    @Test func whatCameOverAReplacedConnectionIsDropped() {
        let inbox = Inbox<Int, String>()
        for text in ["message", "end", "message"] { inbox.add(text, of: 1, cost: 1) }
        inbox.drop(1) { $0 == "end" }
        #expect(Self.taken(inbox) == ["end"])
    }

    @Test func afterTheEndNothingIsTaken() async {
        let inbox = Inbox<Int, String>()
        #expect(inbox.add("before", of: 1, cost: 1))
        inbox.end()
        #expect(!inbox.add("after", of: 1, cost: 1))
        inbox.add(1)
        #expect(inbox.next() == nil)
        var rings = 0
        for await _ in inbox.rings { rings += 1 }
        #expect(rings <= 1)
    }
}
