import ProvChain
import Testing

/// Why a chain makes no blocks, in plain words.
@Suite struct FindingTests {
    private static func condition(
        lastBlock: UInt64 = 1_000, waiting: Int = 0, _ change: (inout NodeCondition) -> Void = { _ in }
    ) -> NodeCondition {
        var condition = NodeCondition(
            validators: [
                .init(name: "Museum", isSelf: true), .init(name: "Press", clockOffset: 3),
                .init(name: "Studio", clockOffset: -2), .init(name: "Office", clockOffset: 40),
            ],
            height: 7, view: 9, leader: 1, lastBlock: lastBlock, waiting: waiting)
        change(&condition)
        return condition
    }

    private static func kinds(_ condition: NodeCondition) -> [Finding.Kind] { condition.findings.map(\.kind) }

    @Test func aChainThatWorksSaysSo() {
        #expect(Self.kinds(Self.condition(waiting: 3)) == [.working])
        #expect(Self.kinds(Self.condition()) == [.idle])
        #expect(Self.kinds(Self.condition(lastBlock: 9_900)) == [.idle])
    }

    @Test func whoIsAwayIsNamedAndSinceWhen() {
        let condition = Self.condition(lastBlock: 60_000, waiting: 2) {
            $0.validators[1].isConnected = false
            $0.validators[1].since = 42_000
            $0.validators[2].isConnected = false
            $0.validators[2].since = 61_000
            $0.validators[3].lastVote = 30_000
        }
        #expect(Self.kinds(condition) == [.stalled, .tooFew, .disconnected, .disconnected, .silent])
        let texts = condition.findings.map { $0.text(in: .english) }
        #expect(texts[0].contains("60 s") && texts[0].contains("Press leads"))
        #expect(texts[1].contains("2 of 4") && texts[1].contains("3 must agree"))
        #expect(texts[2].contains("Press") && texts[2].contains("42 s"))
        #expect(texts[4].contains("Office") && texts[4].contains("30 s"))
    }

    @Test func oneAwayIsSaidAndIsNoStall() {
        let condition = Self.condition { $0.validators[3].isConnected = false }
        #expect(Self.kinds(condition) == [.idle, .disconnected])
    }

    /// One clock that differs is that node's; if most differ to one side, it is this node's.
    @Test func theClockThatIsWrongIsTheOneThatMostDifferFrom() {
        let other = Self.condition { $0.validators[2].clockOffset = -600_000 }
        #expect(other.findings.last == Finding(.otherClock, ["name": "Studio", "seconds": "600"]))
        let own = Self.condition { for place in 1...3 { $0.validators[place].clockOffset = 600_000 } }
        #expect(Self.kinds(own) == [.idle, .ownClock])
    }

    @Test func whatTheNodeLacksComesBeforeTheOthers() {
        let condition = Self.condition {
            $0.silence = .journalLost
            $0.catchUp = .init(height: 7, target: 90, remaining: 4_000)
            $0.shortDisk = .init(free: 10, reserve: 100)
            $0.validators[1].hasEquivocated = true
        }
        #expect(Self.kinds(condition) == [.working, .journalLost, .catchingUp, .diskShort, .equivocated])
        let diverged = Self.condition { $0.silence = .divergence(view: 3, block: .zero) }
        #expect(Self.kinds(diverged) == [.idle, .diverged])
    }

    /// It hears no votes and needs one connection; without any, it names whom it cannot reach.
    @Test func anObserverIsContentWithOneValidator() {
        let content = Self.condition(lastBlock: 1_000) {
            $0.silence = .observer
            for place in $0.validators.indices { $0.validators[place].isSelf = false }
            for place in 1...3 { $0.validators[place].isConnected = false }
        }
        #expect(Self.kinds(content) == [.idle, .observer])
        #expect(NodeView(content).role == "observer" && !NodeView(content).votes)
        let alone = Self.condition(lastBlock: 60_000) {
            $0.silence = .observer
            for place in $0.validators.indices { $0.validators[place].isConnected = false }
        }
        #expect(Self.kinds(alone) == [.stalled, .observer] + Array(repeating: .disconnected, count: 4))
    }

    /// Every sentence fills all its gaps in both languages.
    @Test(arguments: Language.allCases) func noSentenceHasAGap(language: Language) {
        let conditions = [
            Self.condition(), Self.condition(waiting: 1),
            Self.condition(lastBlock: 60_000) {
                $0.validators[1].isConnected = false
                $0.validators[2].isConnected = false
                $0.validators[3].clockOffset = 9_000_000
                $0.silence = .divergence(view: 3, block: .zero)
                $0.shortDisk = .init(free: 10, reserve: 100)
            },
            Self.condition { $0.catchUp = .init(height: 1, target: 2, remaining: nil) },
        ]
        for finding in conditions.flatMap(\.findings) {
            let text = finding.text(in: language)
            #expect(!text.contains("{") && !text.contains("}"), "\(finding.kind): \(text)")
        }
    }
}
