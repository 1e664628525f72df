import Testing

@testable import ProvChain

@Suite struct OutboundQueueTests {
    private static func peer(_ name: String) throws -> IdentityKey { try Handshakes.secret(name).publicKey }

    private static let entry = OutboundQueues.entryBytes

    private static func bytes(_ count: Int, _ value: UInt8 = 0) -> [UInt8] { [UInt8](repeating: value, count: count) }

    @Test func votesOvertakeProposalsOvertakeFetchesOvertakeStatements() throws {
        var queues = OutboundQueues(limit: 1 << 20)
        let peer = try Self.peer("a")
        queues.add(peer)
        for (value, priority) in OutboundQueues.Priority.allCases.reversed().enumerated() {
            #expect(queues.append([UInt8(value)], priority, to: peer) == true)
            #expect(queues.append([UInt8(value), 1], priority, to: peer) == true)
        }
        let frames = queues.next(for: peer, writeBytes: 1 << 20)
        #expect(
            frames == [
                [4], [4, 1], [3], [3, 1], [2], [2, 1], WireMessage.statements([[1], [1, 1]]).cbor, [0], [0, 1],
            ])
        #expect(queues.bytes == 0 && queues.next(for: peer, writeBytes: 1 << 20).isEmpty)
    }

    @Test func aWriteHasABoundUnlessOneFrameIsLarger() throws {
        var queues = OutboundQueues(limit: 1 << 20)
        let peer = try Self.peer("a")
        queues.add(peer)
        #expect(queues.append(Self.bytes(1_000), .proposals, to: peer) == true)
        #expect(queues.append([1], .fetches, to: peer) == true)
        for value in 0..<4 { #expect(queues.append([UInt8(value)], .statements, to: peer) == true) }
        #expect(queues.next(for: peer, writeBytes: 300).map(\.count) == [1_000])
        // Entries count with their overhead: four of them fit.
        #expect(
            queues.next(for: peer, writeBytes: 4 * (Self.entry + 1)) == [
                [1], WireMessage.statements([[0], [1], [2]]).cbor,
            ])
        #expect(queues.next(for: peer, writeBytes: 1) == [WireMessage.statements([[3]]).cbor])
    }

    @Test func oneMessageHoldsSoManyStatements() throws {
        var queues = OutboundQueues(limit: 64 << 20)
        let peer = try Self.peer("a")
        queues.add(peer)
        for _ in 0...WireMessage.Bounds.statements { #expect(queues.append([1], .statements, to: peer) == true) }
        let most = WireMessage.statements([[UInt8]](repeating: [1], count: WireMessage.Bounds.statements))
        #expect(queues.next(for: peer, writeBytes: 8 << 20) == [most.cbor])
        #expect(queues.next(for: peer, writeBytes: 8 << 20) == [WireMessage.statements([[1]]).cbor])
    }

    @Test func theBoundIsReachedAndNotPassed() throws {
        var queues = OutboundQueues(limit: 3 * (10 + Self.entry))
        let peer = try Self.peer("a")
        queues.add(peer)
        for _ in 0..<3 { #expect(queues.append(Self.bytes(10), .votes, to: peer) == true) }
        #expect(queues.bytes == queues.limit && queues.dropped == [0, 0, 0, 0, 0])
        // The oldest vote goes: consensus repeats it.
        #expect(queues.append(Self.bytes(10, 1), .votes, to: peer) == true)
        #expect(queues.bytes == queues.limit && queues.dropped == [1, 0, 0, 0, 0])
        #expect(queues.append(Self.bytes(10), .statements, to: peer) == false, "nothing less important waits")
        #expect(queues.dropped == [1, 0, 0, 1, 0])
        #expect(queues.append(Self.bytes(queues.limit), .votes, to: peer) == false, "larger than all the room")
        #expect(queues.bytes == queues.limit && queues.dropped == [2, 0, 0, 1, 0])
        #expect(queues.next(for: peer, writeBytes: 1 << 20).last == Self.bytes(10, 1))
    }

    @Test func statementsAreDroppedFirstThenFetchesThenProposals() throws {
        var queues = OutboundQueues(limit: 5 * (10 + Self.entry))
        let peer = try Self.peer("a")
        queues.add(peer)
        for priority in OutboundQueues.Priority.allCases {
            #expect(queues.append(Self.bytes(10), priority, to: peer) == true)
        }
        for expected in [[0, 0, 0, 0, 1], [0, 0, 0, 1, 1], [0, 0, 1, 1, 1], [0, 1, 1, 1, 1]] {
            #expect(queues.append(Self.bytes(10), .votes, to: peer) == true)
            #expect(queues.dropped == expected)
        }
    }

    /// Observers together have a part of the room, however much of it is free.
    @Test func observersShareAPartOfTheRoom() throws {
        var queues = OutboundQueues(limit: 100 * (10 + Self.entry), observers: 4 * (10 + Self.entry))
        let (slow, other) = (try Self.peer("slow"), try Self.peer("other"))
        queues.add(slow)
        queues.add(other)
        for value in UInt8(0)..<10 { #expect(queues.append(Self.bytes(10, value), .observers, to: slow) == true) }
        #expect(queues.waitingBytes(slow, .observers) == queues.observerLimit && queues.dropped == [0, 0, 0, 0, 6])
        #expect(queues.append(Self.bytes(10), .observers, to: other) == true)
        #expect(queues.append(Self.bytes(queues.observerLimit), .observers, to: other) == false, "more than all of it")
        // The slow one lost its oldest.
        #expect(queues.next(for: slow, writeBytes: 1 << 20) == (7..<10).map { Self.bytes(10, $0) })
        #expect(queues.next(for: other, writeBytes: 1 << 20) == [Self.bytes(10)])
    }

    /// A peer that does not read fills its own queue, and loses what is in it; the others lose nothing.
    @Test func theSlowPeerPays() throws {
        var queues = OutboundQueues(limit: 100 * (10 + Self.entry))
        let (slow, fast) = (try Self.peer("slow"), try Self.peer("fast"))
        queues.add(slow)
        queues.add(fast)
        for round in 0..<1_000 {
            #expect(queues.append(Self.bytes(10), .statements, to: slow) == true)
            #expect(queues.append(Self.bytes(10, 1), .statements, to: fast) == true)
            #expect(queues.next(for: fast, writeBytes: 1 << 20).count == 1, "round \(round)")
            #expect(queues.bytes <= queues.limit)
        }
        #expect(queues.waitingBytes(slow, .statements) > 0 && queues.waitingBytes(fast, .statements) == 0)
        #expect(queues.dropped == [0, 0, 0, 901, 0])
    }

    @Test func whoLeavesFreesItsRoom() throws {
        var queues = OutboundQueues(limit: 1_000)
        let (a, b) = (try Self.peer("a"), try Self.peer("b"))
        queues.add(a)
        queues.add(b)
        #expect(queues.append(Self.bytes(100), .votes, to: a) && queues.append(Self.bytes(50), .fetches, to: b))
        queues.remove(a)
        #expect(queues.bytes == 50 + Self.entry)
        #expect(queues.append([1], .votes, to: a) == false && queues.next(for: a, writeBytes: 10).isEmpty)
    }
}

@Suite struct TokenBucketTests {
    @Test func theBurstIsFreeAndTheNextTokenIsNot() {
        var bucket = TokenBucket(.init(perSecond: 100, burst: 10), now: 0)
        #expect(bucket.take(10, now: 0) == 0)
        #expect(bucket.take(1, now: 0) == 10, "a hundredth of a second for one token")
        #expect(bucket.take(4, now: 10) == 40)
        #expect(bucket.take(0, now: 50) == 0)
    }

    @Test func itIsNeverMoreThanFull() {
        var bucket = TokenBucket(.init(perSecond: 100, burst: 10), now: 0)
        #expect(bucket.take(10, now: 1_000_000_000_000) == 0)
        #expect(bucket.take(1, now: 1_000_000_000_000) == 10)
        #expect(bucket.take(1, now: 0) == 20, "a clock that goes back gives nothing")
    }

    @Test func hugeNumbersDoNotOverflow() {
        var bucket = TokenBucket(.init(perSecond: 1 << 40, burst: 1 << 40), now: 0)
        #expect(bucket.take(.max, now: .max) == 0)
        var slow = TokenBucket(.init(perSecond: 1, burst: 1), now: 0)
        for _ in 0..<10 { #expect(slow.take(.max, now: .max) > 1_000_000) }
    }
}
