import Testing

@testable import ProvChain

@Suite struct GossipTests {
    private static func peer(_ name: String) throws -> IdentityKey { try Handshakes.secret(name).publicKey }

    /// Connected to validators a, b and c and an observer o, whose first offers were taken.
    static func mesh(_ bounds: GossipBounds = GossipBounds()) throws -> (Gossip, [String: IdentityKey]) {
        var gossip = Gossip(bounds: bounds, now: 0)
        var keys: [String: IdentityKey] = [:]
        for name in ["a", "b", "c", "o"] {
            let key = try peer(name)
            keys[name] = key
            let directives = gossip.handle(.connected(key, isValidator: name != "o"), now: 0)
            #expect(directives == (name == "o" ? [] : [.offer(to: key, wantsAnswer: true)]))
        }
        return (gossip, keys)
    }

    private static func writes(_ directives: [GossipDirective]) -> [IdentityKey: [[UInt8]]] {
        var writes: [IdentityKey: [[UInt8]]] = [:]
        for directive in directives {
            if case .write(let peer, let frames) = directive { writes[peer, default: []] += frames }
        }
        return writes
    }

    // MARK: Statements

    @Test func aStatementGoesToAllValidatorsAtOnce() throws {
        var (gossip, keys) = try Self.mesh()
        let writes = Self.writes(gossip.handle(.submitted([1]), now: 0))
        #expect(Set(writes.keys) == Set(["a", "b", "c"].compactMap { keys[$0] }))
        #expect(writes.values.allSatisfy { $0 == [WireMessage.statements([[1]]).cbor] })
    }

    /// Batches are made by a busy link, never by a timer.
    @Test func statementsGatherOnlyWhileALinkIsBusy() throws {
        var (gossip, keys) = try Self.mesh()
        let (a, b) = (try #require(keys["a"]), try #require(keys["b"]))
        _ = gossip.handle(.submitted([1]), now: 0)
        _ = gossip.handle(.written(b), now: 0)
        #expect(Self.writes(gossip.handle(.submitted([2]), now: 0)) == [b: [WireMessage.statements([[2]]).cbor]])
        #expect(Self.writes(gossip.handle(.submitted([3]), now: 0)).isEmpty)
        #expect(Self.writes(gossip.handle(.written(a), now: 0)) == [a: [WireMessage.statements([[2], [3]]).cbor]])
        #expect(Self.writes(gossip.handle(.written(b), now: 0)) == [b: [WireMessage.statements([[3]]).cbor]])
        #expect(gossip.handle(.written(b), now: 0).isEmpty)
        #expect(Self.writes(gossip.handle(.submitted([4]), now: 0)) == [b: [WireMessage.statements([[4]]).cbor]])
    }

    /// One hop: what a peer pushed is verified, and goes no further.
    @Test func whatAPeerSentIsNotPushedOn() throws {
        var (gossip, keys) = try Self.mesh()
        let a = try #require(keys["a"])
        let directives = gossip.handle(.received(.statements([[1], [2]]), from: a, bytes: 6), now: 0)
        #expect(directives == [.verify([[1], [2]], from: a)])
    }

    @Test func aVoteOvertakesWhatWaits() throws {
        var (gossip, keys) = try Self.mesh()
        let a = try #require(keys["a"])
        for value in UInt8(0)..<3 { _ = gossip.handle(.submitted([value]), now: 0) }
        _ = gossip.handle(.send(.proposal([9]), to: .validators), now: 0)
        _ = gossip.handle(.send(.consensus([8]), to: .validators), now: 0)
        #expect(
            Self.writes(gossip.handle(.written(a), now: 0)) == [
                a: [
                    WireMessage.consensus([8]).cbor, WireMessage.proposal([9]).cbor,
                    WireMessage.statements([[1], [2]]).cbor,
                ]
            ])
    }

    @Test func validatorsAreNotObservers() throws {
        var (gossip, keys) = try Self.mesh()
        let o = try #require(keys["o"])
        let writes = Self.writes(gossip.handle(.send(.consensus([1]), to: .validators), now: 0))
        #expect(writes.count == 3 && writes[o] == nil)
        let certificate = WireMessage.consensus([2])
        #expect(Self.writes(gossip.handle(.send(certificate, to: .peers([o])), now: 0)) == [o: [certificate.cbor]])
    }

    // MARK: Repair

    @Test func leafHashesAreExchangedEveryTwoSecondsWithARandomValidator() throws {
        var (gossip, _) = try Self.mesh()
        let validators = gossip.connected.filter { $0 != (try? Self.peer("o")) }
        #expect(gossip.handle(.tick(random: 5), now: 1_999).isEmpty)
        #expect(gossip.handle(.tick(random: 5), now: 2_000) == [.offer(to: validators[2], wantsAnswer: true)])
        #expect(gossip.handle(.tick(random: 6), now: 3_999).isEmpty)
        #expect(gossip.handle(.tick(random: 6), now: 4_000) == [.offer(to: validators[0], wantsAnswer: true)])
        var alone = Gossip(now: 0)
        #expect(alone.handle(.tick(random: 1), now: 10_000).isEmpty)
    }

    @Test func anOfferIsComparedAndAnsweredOnce() throws {
        var (gossip, keys) = try Self.mesh()
        let a = try #require(keys["a"])
        let hash = MerkleHash.leaf([1])
        let offer = WireMessage.leafHashes(LeafHashes(wantsAnswer: true, hashes: [hash]))
        #expect(
            gossip.handle(.received(offer, from: a, bytes: 40), now: 0)
                == [.compare([hash], from: a), .offer(to: a, wantsAnswer: false)])
        let answer = WireMessage.leafHashes(LeafHashes(wantsAnswer: false, hashes: [hash]))
        #expect(gossip.handle(.received(answer, from: a, bytes: 40), now: 0) == [.compare([hash], from: a)])
    }

    /// From an offer to the statement that was lost.
    @Test func aLostStatementIsFetched() throws {
        var (gossip, keys) = try Self.mesh()
        let (a, b) = (try #require(keys["a"]), try #require(keys["b"]))
        let hash = MerkleHash.leaf([1])
        let request = FetchRequest(number: 1, items: [.statement(hash)])
        #expect(
            Self.writes(gossip.handle(.want([.statement(hash)], at: [a, b]), now: 0))
                == [a: [WireMessage.fetch(request).cbor]])
        let answer = WireMessage.fetched(FetchAnswer(number: 1, items: [[1]]))
        #expect(gossip.handle(.received(answer, from: a, bytes: 8), now: 0) == [.verify([[1]], from: a)])
        #expect(gossip.wanted == 0)
    }

    @Test func otherBytesThanTheHashSaysAreAFault() throws {
        var (gossip, keys) = try Self.mesh()
        let (a, b) = (try #require(keys["a"]), try #require(keys["b"]))
        let item = FetchItem.statement(MerkleHash.leaf([1]))
        _ = gossip.handle(.want([item], at: [a, b]), now: 0)
        let answer = WireMessage.fetched(FetchAnswer(number: 1, items: [[2]]))
        #expect(gossip.handle(.received(answer, from: a, bytes: 8), now: 0) == [.block(a, .wrongItem(item))])
        #expect(gossip.isBlocked(a, now: 599_999) && !gossip.isBlocked(a, now: 600_000) && !gossip.isBlocked(b, now: 0))
        #expect(!gossip.connected.contains(a))
    }

    @Test func nobodyIsFaultedForNotHavingSomething() throws {
        var (gossip, keys) = try Self.mesh()
        let a = try #require(keys["a"])
        _ = gossip.handle(.want([.block(.zero)], at: [a]), now: 0)
        let answer = WireMessage.fetched(FetchAnswer(number: 1, items: [nil]))
        #expect(
            gossip.handle(.received(answer, from: a, bytes: 8), now: 0) == [.missing(.block(.zero))])
        #expect(gossip.handle(.received(answer, from: a, bytes: 8), now: 0).isEmpty, "too late, and no fault")
        #expect(gossip.connected.contains(a))
    }

    // MARK: Bounds

    @Test func whoSendsTooMuchIsReadMoreSlowly() throws {
        var bounds = GossipBounds()
        bounds.allowance.statements = TokenBucket.Rate(perSecond: 10, burst: 3)
        var (gossip, keys) = try Self.mesh(bounds)
        let (a, b) = (try #require(keys["a"]), try #require(keys["b"]))
        let three = WireMessage.statements([[1], [2], [3]])
        #expect(gossip.handle(.received(three, from: a, bytes: 9), now: 0).count == 1)
        let directives = gossip.handle(.received(.statements([[4]]), from: a, bytes: 5), now: 0)
        #expect(directives == [.verify([[4]], from: a), .pause(a, milliseconds: 100)], "nothing is lost")
        #expect(gossip.handle(.received(three, from: b, bytes: 9), now: 0).count == 1, "others pay nothing")
    }

    @Test(arguments: ["bytes", "messages", "items"])
    func everyAllowanceCounts(which: String) throws {
        var bounds = GossipBounds()
        let one = TokenBucket.Rate(perSecond: 1_000, burst: 1)
        switch which {
        case "bytes": bounds.allowance.bytes = one
        case "messages": bounds.allowance.messages = one
        default: bounds.allowance.items = one
        }
        var (gossip, keys) = try Self.mesh(bounds)
        let a = try #require(keys["a"])
        let message = WireMessage.attachments([.zero])
        #expect(gossip.handle(.received(message, from: a, bytes: 1), now: 0) == [.deliver(message, from: a)])
        #expect(
            gossip.handle(.received(message, from: a, bytes: 1), now: 0)
                == [.deliver(message, from: a), .pause(a, milliseconds: 1)])
    }

    @Test func theDefaultsAreThoseOfTheDesign() {
        let bounds = GossipBounds()
        #expect(bounds.outboundBytes == 67_108_864 && bounds.repairMilliseconds == 2_000)
        #expect(Gossip(now: 0).queues.limit == 67_108_864)
    }

    @Test func aProvedFaultBlocksAndNothingElseIsHeard() throws {
        var (gossip, keys) = try Self.mesh()
        let a = try #require(keys["a"])
        #expect(gossip.handle(.proved(.badSignature, of: a), now: 7) == [.block(a, .badSignature)])
        #expect(gossip.handle(.received(.consensus([1]), from: a, bytes: 4), now: 7).isEmpty)
        #expect(gossip.handle(.proved(.equivocation, of: a), now: 8).isEmpty, "the connection is closed already")
        #expect(gossip.isBlocked(a, now: 600_007) && !gossip.isBlocked(a, now: 600_008))
        #expect(gossip.handle(.disconnected(a), now: 9).isEmpty)
    }

    /// Four nodes joined by queues that lose every third message: all have all statements in the end.
    @Test func everyStatementArrivesInTheEnd() throws {
        var network = try GossipNetwork(nodes: 4, losing: 3)
        for number in 0..<200 { network.submit([UInt8(number)], at: number % 4) }
        for _ in 0..<60 where !network.isComplete { network.pass(milliseconds: 1_000) }
        #expect(network.isComplete && network.lost > 100)
    }

    @Test func withoutLossOneHopIsEnough() throws {
        var network = try GossipNetwork(nodes: 4, losing: nil)
        for number in 0..<200 { network.submit([UInt8(number)], at: number % 4) }
        #expect(network.isComplete && network.fetched == 0)
    }

    // MARK: Connections and observers

    /// Hanging up pays no debt: whoever calls again has what is left of its allowance.
    @Test func theAllowanceIsKeptOverConnections() throws {
        var bounds = GossipBounds()
        bounds.allowance.messages = TokenBucket.Rate(perSecond: 10, burst: 10)
        var (gossip, keys) = try Self.mesh(bounds)
        let a = try #require(keys["a"])
        let beat = WireMessage.beat(Beat(height: 1, view: 1, time: 1))
        for _ in 0..<10 { #expect(gossip.handle(.received(beat, from: a, bytes: 9), now: 0).count == 1) }
        _ = gossip.handle(.disconnected(a), now: 0)
        #expect(gossip.handle(.connected(a, isValidator: true), now: 0) == [.offer(to: a, wantsAnswer: true)])
        let directives = gossip.handle(.received(beat, from: a, bytes: 9), now: 0)
        #expect(directives.last == .pause(a, milliseconds: 100))
        _ = gossip.handle(.disconnected(a), now: 0)
        // It is not read at all until it has paid.
        #expect(gossip.handle(.connected(a, isValidator: true), now: 40).first == .pause(a, milliseconds: 60))
        _ = gossip.handle(.disconnected(a), now: 40)
        #expect(gossip.handle(.connected(a, isValidator: true), now: 100) == [.offer(to: a, wantsAnswer: true)])
    }

    /// A proposal's signatures are checked each time it comes.
    @Test func proposalsHaveAnAllowanceOfTheirOwn() throws {
        var bounds = GossipBounds()
        bounds.allowance.proposals = TokenBucket.Rate(perSecond: 10, burst: 10)
        var (gossip, keys) = try Self.mesh(bounds)
        let a = try #require(keys["a"])
        let (small, large) = (WireMessage.proposal([1]), WireMessage.proposal([UInt8](repeating: 1, count: 9 * 4_096)))
        #expect(gossip.handle(.received(large, from: a, bytes: 9), now: 0) == [.deliver(large, from: a)])
        let directives = gossip.handle(.received(small, from: a, bytes: 9), now: 0)
        #expect(directives == [.deliver(small, from: a), .pause(a, milliseconds: 100)])
    }

    /// What an observer may not say costs it its allowance, and nobody looks at it.
    @Test func anObserverHasNothingToSayButWhereItStandsAndWhatItLacks() throws {
        var (gossip, keys) = try Self.mesh()
        let o = try #require(keys["o"])
        let deaf: [WireMessage] = [
            .statements([[1]]), .proposal([1]), .attachments([SHA256.hash([1])]),
            .fetched(FetchAnswer(number: 1, items: [])), .ranged(RangeAnswer(number: 1, items: [])),
            .leafHashes(LeafHashes(wantsAnswer: true, hashes: [SHA256.hash([1])])),
        ]
        for message in deaf {
            #expect(gossip.handle(.received(message, from: o, bytes: 9), now: 0).isEmpty, "\(message)")
        }
        let range = WireMessage.range(RangeRequest(number: 1, part: .certified, from: 1, count: 1))
        #expect(gossip.handle(.received(range, from: o, bytes: 9), now: 0) == [.deliver(range, from: o)])
    }

    /// An observer's allowance is its own, and what it gets comes after everything for validators.
    @Test func anObserverComesLast() throws {
        var bounds = GossipBounds()
        bounds.observerAllowance.messages = TokenBucket.Rate(perSecond: 1, burst: 1)
        var (gossip, keys) = try Self.mesh(bounds)
        let (a, o) = (try #require(keys["a"]), try #require(keys["o"]))
        let beat = WireMessage.beat(Beat(height: 1, view: 1, time: 1))
        for peer in [a, o] { _ = gossip.handle(.received(beat, from: peer, bytes: 9), now: 0) }
        #expect(gossip.handle(.received(beat, from: a, bytes: 9), now: 0).count == 1)
        #expect(gossip.handle(.received(beat, from: o, bytes: 9), now: 0).contains(.pause(o, milliseconds: 1_000)))
        // A vote for it waits in the line of observers.
        _ = gossip.handle(.send(.consensus([1]), to: .observers), now: 0)
        _ = gossip.handle(.send(.consensus([2]), to: .observers), now: 0)
        #expect(gossip.queues.waitingBytes(o, .observers) > 0 && gossip.queues.waitingBytes(o, .votes) == 0)
        #expect(Self.writes(gossip.handle(.written(o), now: 0)) == [o: [WireMessage.consensus([2]).cbor]])
        // Nobody asks an observer, unless it is named.
        let asked = gossip.handle(.want([.block(SHA256.hash([1]))], at: []), now: 0)
        #expect(Self.writes(asked)[o] == nil && !Self.writes(asked).isEmpty)
    }
}
