import Testing

@testable import ProvChain

/// What a peer's messages turn out to cost, and how many of its questions are worked on.
@Suite struct AllowanceTests {
    /// What a message costs besides its bytes is known only to whoever looks into it.
    @Test func whatConsensusCostIsCharged() throws {
        var bounds = GossipBounds()
        bounds.allowance.consensus = TokenBucket.Rate(perSecond: 1_000, burst: 10)
        bounds.allowance.signatures = TokenBucket.Rate(perSecond: 10, burst: 34)
        bounds.allowance.questions = TokenBucket.Rate(perSecond: 10, burst: 2)
        var (gossip, keys) = try GossipTests.mesh(bounds)
        let (a, b) = (try #require(keys["a"]), try #require(keys["b"]))
        let message = WireMessage.consensus([UInt8](repeating: 0, count: 10))
        #expect(gossip.handle(.received(message, from: a, bytes: 14), now: 0) == [.deliver(message, from: a)])
        #expect(
            gossip.handle(.received(message, from: a, bytes: 14), now: 0)
                == [.deliver(message, from: a), .pause(a, milliseconds: 10)])
        #expect(gossip.handle(.spent(signatures: 34, questions: 2, by: b), now: 0).isEmpty)
        #expect(gossip.handle(.spent(signatures: 3, questions: 0, by: b), now: 0) == [.pause(b, milliseconds: 300)])
        #expect(gossip.handle(.spent(signatures: 0, questions: 5, by: b), now: 0) == [.pause(b, milliseconds: 500)])
        _ = gossip.handle(.disconnected(b), now: 0)
        #expect(gossip.handle(.spent(signatures: 1, questions: 0, by: b), now: 0).isEmpty)
        #expect(gossip.handle(.connected(b, isValidator: true), now: 100).first == .pause(b, milliseconds: 400))
    }

    /// An offer that wants one in return makes this node list what waits here.
    @Test func anOfferThatWantsAnswersCostsMore() throws {
        var bounds = GossipBounds()
        bounds.allowance.items = TokenBucket.Rate(perSecond: 1_000, burst: UInt64(GossipBounds.Allowance.offerItems))
        var (gossip, keys) = try GossipTests.mesh(bounds)
        let a = try #require(keys["a"])
        let empty = WireMessage.leafHashes(LeafHashes(wantsAnswer: true, hashes: []))
        #expect(gossip.handle(.received(empty, from: a, bytes: 4), now: 0).count == 2)
        #expect(gossip.handle(.received(empty, from: a, bytes: 4), now: 0).last == .pause(a, milliseconds: 512))
    }

    // MARK: Questions

    private static func question(_ number: UInt64) -> WireMessage {
        .range(RangeRequest(number: number, part: .statements, from: 1, count: 1))
    }

    private static func answer(_ number: UInt64) -> WireMessage {
        .ranged(RangeAnswer(number: number, items: [[1]]))
    }

    /// Whoever asks for everything and reads nothing has one answer made, and one that waits.
    @Test func ofAPeersQuestionsOneIsAnsweredAtATime() throws {
        var (gossip, keys) = try GossipTests.mesh()
        let (a, b) = (try #require(keys["a"]), try #require(keys["b"]))
        func ask(_ number: UInt64, _ peer: IdentityKey) -> [GossipDirective] {
            gossip.handle(.received(Self.question(number), from: peer, bytes: 9), now: 0)
        }
        #expect(ask(1, a) == [.deliver(Self.question(1), from: a)])
        #expect(ask(2, a).isEmpty && ask(3, a).isEmpty && ask(4, a).isEmpty)
        #expect(ask(1, b) == [.deliver(Self.question(1), from: b)], "others do not wait for it")
        // The first answer goes out at once, and the next question is worked on meanwhile.
        let first = gossip.handle(.send(Self.answer(1), to: .peers([a])), now: 0)
        #expect(first == [.write(a, frames: [Self.answer(1).cbor]), .deliver(Self.question(2), from: a)])
        // The second answer waits until the first was taken, and with it all other questions.
        #expect(gossip.handle(.send(Self.answer(2), to: .peers([a])), now: 0).isEmpty)
        #expect(ask(5, a).isEmpty)
        for tick: UInt64 in 1...10 {
            #expect(!gossip.handle(.tick(random: 0), now: tick * 100).contains { $0.isDelivery })
        }
        let second = gossip.handle(.written(a), now: 1_000)
        #expect(second == [.write(a, frames: [Self.answer(2).cbor]), .deliver(Self.question(3), from: a)])
    }

    /// Whoever lacks one block asks for a thousand, and pays for one.
    @Test func questionsArePaidForWhenTheyAreAnswered() throws {
        var bounds = GossipBounds()
        bounds.allowance.items = TokenBucket.Rate(perSecond: 10, burst: 3)
        var (gossip, keys) = try GossipTests.mesh(bounds)
        let a = try #require(keys["a"])
        func exchange(_ number: UInt64, items: Int) -> [GossipDirective] {
            let range = WireMessage.range(RangeRequest(number: number, part: .certified, from: 1, count: 1_024))
            #expect(gossip.handle(.received(range, from: a, bytes: 9), now: 0) == [.deliver(range, from: a)])
            let answer = RangeAnswer(number: number, items: [[UInt8]](repeating: [1], count: items))
            defer { _ = gossip.handle(.written(a), now: 0) }
            return gossip.handle(.send(.ranged(answer), to: .peers([a])), now: 0)
        }
        #expect(exchange(1, items: 2).count == 1 && exchange(2, items: 0).count == 1)
        #expect(exchange(3, items: 4).last == .pause(a, milliseconds: 400))
    }

    /// Whoever reads the whole log again and again is told so much a second; what else it says is heard at once.
    @Test func theBytesOfAnswersDelayTheNextAnswerAndNothingElse() throws {
        var bounds = GossipBounds()
        bounds.allowance.answers = TokenBucket.Rate(perSecond: 1_000, burst: 1)
        var (gossip, keys) = try GossipTests.mesh(bounds)
        let (a, b) = (try #require(keys["a"]), try #require(keys["b"]))
        let long = WireMessage.ranged(RangeAnswer(number: 1, items: [[UInt8](repeating: 7, count: 250)]))
        for peer in [a, b] {
            _ = gossip.handle(.received(Self.question(1), from: peer, bytes: 9), now: 0)
            _ = gossip.handle(.received(Self.question(2), from: peer, bytes: 9), now: 0)
        }
        #expect(gossip.handle(.send(long, to: .peers([a])), now: 0) == [.write(a, frames: [long.cbor])])
        #expect(gossip.handle(.written(a), now: 0).isEmpty)
        let vote = WireMessage.consensus([1])
        #expect(gossip.handle(.received(vote, from: a, bytes: 5), now: 0) == [.deliver(vote, from: a)])
        let short = Self.answer(1)
        #expect(gossip.handle(.send(short, to: .peers([b])), now: 0) == [.write(b, frames: [short.cbor])])
        #expect(!gossip.handle(.tick(random: 0), now: 200).contains(.deliver(Self.question(2), from: a)))
        #expect(gossip.handle(.tick(random: 0), now: 300).contains(.deliver(Self.question(2), from: a)))
        // Hanging up pays nothing.
        _ = gossip.handle(.send(long, to: .peers([a])), now: 300)
        _ = gossip.handle(.disconnected(a), now: 300)
        _ = gossip.handle(.connected(a, isValidator: true), now: 300)
        #expect(gossip.handle(.received(Self.question(3), from: a, bytes: 9), now: 300).isEmpty)
        #expect(gossip.handle(.tick(random: 0), now: 600) == [.deliver(Self.question(3), from: a)])
    }

    @Test func questionsBeyondTheBoundAreDropped() throws {
        var bounds = GossipBounds()
        bounds.waitingQuestions = 2
        var (gossip, keys) = try GossipTests.mesh(bounds)
        let a = try #require(keys["a"])
        for number: UInt64 in 1...9 { _ = gossip.handle(.received(Self.question(number), from: a, bytes: 9), now: 0) }
        var answered: [WireMessage] = []
        for number: UInt64 in 1...9 {
            for directive in gossip.handle(.send(Self.answer(number), to: .peers([a])), now: 0) {
                if case .deliver(let question, _) = directive { answered.append(question) }
            }
            _ = gossip.handle(.written(a), now: 0)
        }
        #expect(answered == [Self.question(2), Self.question(3)])
        // What a connection did not live to see answered is gone with it.
        _ = gossip.handle(.disconnected(a), now: 0)
        _ = gossip.handle(.connected(a, isValidator: true), now: 0)
        #expect(
            gossip.handle(.received(Self.question(10), from: a, bytes: 9), now: 0)
                == [.deliver(Self.question(10), from: a)])
    }
}

extension GossipDirective {
    fileprivate var isDelivery: Bool {
        if case .deliver = self { true } else { false }
    }
}
