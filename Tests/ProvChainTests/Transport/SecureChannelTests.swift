import Testing

@testable import ProvChain

@Suite struct SecureChannelTests {
    /// Two channels whose handshake is done.
    private static func connected() throws -> (ChannelBox, ChannelBox) {
        let (a, b) = (ChannelBox(try Handshakes.channel(.initiator)), ChannelBox(try Handshakes.channel(.responder)))
        let second = try b.channel.receive(a.channel.start()).reply
        let third = try a.channel.receive(second)
        let done = try b.channel.receive(third.reply)
        #expect(try third.established == Handshakes.secret("responder").publicKey)
        #expect(try done.established == Handshakes.secret("initiator").publicKey)
        #expect(a.channel.peer == third.established && b.channel.peer == done.established && done.reply.isEmpty)
        return (a, b)
    }

    /// A tuple cannot hold what is not copied.
    private final class ChannelBox {
        var channel: SecureChannel
        init(_ channel: consuming SecureChannel) { self.channel = channel }
    }

    @Test func framesArriveWholeAndInOrder() throws {
        let (a, b) = try Self.connected()
        let frames: [[UInt8]] = [
            [1], [UInt8](repeating: 2, count: 70_000), [3, 4], [UInt8](repeating: 5, count: 65_519),
        ]
        #expect(try b.channel.receive(a.channel.send(frames)).frames == frames)
        #expect(try a.channel.receive(b.channel.send([[6]])).frames == [[6]])
        #expect(try a.channel.send([]).isEmpty)
        #expect(b.channel.pendingBytes == 0)
    }

    @Test func theBytesMayComeInAnyPieces() throws {
        for size in [1, 2, 3, 7, 100, 65_537] {
            let (a, b) = (
                ChannelBox(try Handshakes.channel(.initiator)), ChannelBox(try Handshakes.channel(.responder))
            )
            var (toA, toB): ([UInt8], [UInt8]) = ([], try a.channel.start())
            var established = 0
            while !toA.isEmpty || !toB.isEmpty {
                let atB = try b.channel.receive(Array(toB.prefix(size)))
                toB = Array(toB.dropFirst(size))
                toA += atB.reply
                let atA = try a.channel.receive(Array(toA.prefix(size)))
                toA = Array(toA.dropFirst(size))
                toB += atA.reply
                established += (atA.established == nil ? 0 : 1) + (atB.established == nil ? 0 : 1)
            }
            #expect(established == 2)
            let frames: [[UInt8]] = [[1, 2, 3], [UInt8](repeating: 7, count: 300), [4]]
            var rest = try a.channel.send(frames)[...]
            var found: [[UInt8]] = []
            while !rest.isEmpty {
                found += try b.channel.receive(Array(rest.prefix(size))).frames
                rest = rest.dropFirst(size)
            }
            #expect(found == frames, "in pieces of \(size)")
        }
    }

    /// Many frames share one Noise message; nothing is sealed one by one.
    @Test func smallFramesShareAMessage() throws {
        let (a, _) = try Self.connected()
        let sent = try a.channel.send([[UInt8]](repeating: [1], count: 1_000))
        #expect(sent.count == 1_000 * 5 + 2 + 16)
    }

    // MARK: Bounds

    @Test func aFrameHasAtMostItsBound() throws {
        let (a, b) = try Self.connected()
        let largest = [UInt8](repeating: 1, count: Wire.frameBytes)
        #expect(try b.channel.receive(a.channel.send([largest])).frames == [largest])

        for (head, found) in [
            ([0, 0x80, 0, 1] as [UInt8], 8_388_609), ([255, 255, 255, 255], 4_294_967_295), ([0, 0, 0, 0], 0),
        ] {
            var reader = FrameReader()
            #expect(throws: ChannelError.frameLength(limit: 8_388_608, found: found)) { try reader.append(head) }
        }
        // The largest may be announced, and costs nothing before it comes.
        var reader = FrameReader()
        #expect(try reader.append([0, 0x80, 0, 0]).isEmpty && reader.pendingBytes <= 4)
    }

    @Test func aLengthThatCannotBeIsRefusedAtOnce() throws {
        var responder = try Handshakes.channel(.responder)
        #expect(throws: ChannelError.noise(.wrongLength(expected: 32...32, found: 65_535))) {
            try responder.receive([255, 255])
        }
        let (a, b) = try Self.connected()
        #expect(throws: ChannelError.noise(.wrongLength(expected: 17...65_535, found: 16)), "it carries nothing") {
            try b.channel.receive([0, 16])
        }
        #expect(throws: ChannelError.noise(.failedBefore)) { try b.channel.receive(a.channel.send([[1]])) }
    }

    @Test func aStrangerMakesUsHoldAlmostNothing() throws {
        var responder = try Handshakes.channel(.responder)
        _ = try responder.receive([0, 32] + [UInt8](repeating: 9, count: 31))
        #expect(responder.pendingBytes == 33)
        var initiator = try Handshakes.channel(.initiator)
        _ = try initiator.start()
        _ = try initiator.receive([0, 96] + [UInt8](repeating: 9, count: 95))
        #expect(initiator.pendingBytes == 97)
    }

    // MARK: Who is welcome

    @Test func whoDialsAStrangerDoesNotSayWhoCalls() throws {
        var a = try Handshakes.channel(.initiator, welcome: ["somebody else"])
        var b = try Handshakes.channel(.responder)
        let second = try b.receive(a.start()).reply
        let stranger = try Handshakes.secret("responder").publicKey
        #expect(throws: ChannelError.notWelcome(stranger)) { try a.receive(second) }
        #expect(a.peer == nil)
    }

    @Test func aStrangerWhoCallsGetsNothingBeyondTheHandshake() throws {
        var a = try Handshakes.channel(.initiator)
        var b = try Handshakes.channel(.responder, welcome: ["somebody else"])
        let third = try a.receive(b.receive(a.start()).reply).reply
        // What it sends together with its last message is not even looked at.
        let more = try a.send([[1]])
        let stranger = try Handshakes.secret("initiator").publicKey
        #expect(throws: ChannelError.notWelcome(stranger)) { try b.receive(third + more) }
        #expect(b.peer == nil)
        #expect(throws: ChannelError.noise(.failedBefore)) { try b.receive(more) }
    }

    @Test func nodesOfTwoChainsDoNotConnect() throws {
        var a = try Handshakes.channel(.initiator)
        var b = try Handshakes.channel(.responder, chain: .zero)
        let second = try b.receive(a.start()).reply
        #expect(throws: ChannelError.noise(.notAuthentic)) { try a.receive(second) }
    }
}
