import NIOCore
import Testing

@testable import ProvChain
@testable import ProvNode

/// Whoever can connect, and what a node bears of it: garbage, silence, a byte at a time, unknown keys, crowds;
/// and what it bears of somebody who has a key of the chain.
@Suite(.timeLimit(.minutes(2))) struct StrangerTests {
    private static func victim(
        welcome: [String] = ["a"], _ change: (inout PeerNetwork.Configuration) -> Void = { _ in }
    ) async throws -> (RunningNetwork, Int) {
        try await PeerNetworkTests.listening("b", welcome: welcome, change)
    }

    @Test func garbageIsCutOff() async throws {
        let (b, port) = try await Self.victim()
        let zeros = [UInt8](repeating: 0, count: 32)
        for garbage: [UInt8] in [Array("GET / HTTP/1.1\r\n\r\n".utf8), [0, 32] + zeros, [255, 255]] {
            let raw = try await RawPeer(port: port)
            try await raw.send(garbage)
            #expect(try await raw.everything().isEmpty)
            #expect(try await b.refusal().isEmpty == false)
        }
        #expect(await b.network.connected.isEmpty)
        await b.stop()
    }

    /// As much as it can, at once, after a good first message: it is cut off at the first byte that cannot be.
    @Test func aFloodIsCutOff() async throws {
        let (b, port) = try await Self.victim()
        let raw = try await RawPeer(port: port)
        let ephemeral = try TestPeers.key("ephemeral").bytes
        raw.pour([0, 32] + ephemeral + [UInt8](repeating: 0xee, count: 32 << 20))
        try await raw.ended()
        #expect(try await b.refusal().contains("61166 bytes; 64 to 64"))
        #expect(await b.network.connected.isEmpty)
        await b.stop()
    }

    @Test func aHandshakeMayTakeFiveSeconds() {
        #expect(NetworkTimeouts().handshake == .seconds(5))
        #expect(NetworkTimeouts().connect == .seconds(5))
    }

    /// Nothing, or a byte now and then: the time counts from the connection, and bytes do not prolong it.
    @Test func whoSaysNothingOrLittleIsCutOff() async throws {
        let limit = TimeAmount.milliseconds(400)
        let (b, port) = try await Self.victim { $0.timeouts.handshake = limit }
        let start = NIODeadline.now()
        // On a busy machine the time may be over before this side knows that there is a connection.
        let (silent, slow) = (try await RawPeer.call(port: port), try await RawPeer.call(port: port))
        let drops = slow?.drip([0, 32] + (try TestPeers.key("ephemeral").bytes), every: .milliseconds(50))
        for peer in [silent, slow] { #expect(try await peer?.everything().isEmpty != false) }
        drops?.cancel()
        #expect(NIODeadline.now() - start >= limit)
        for _ in 0..<2 { #expect(try await b.refusal() == "the handshake took too long") }
        await b.stop()
    }

    /// Who dials and finds nobody who answers gives up, too.
    @Test func whoIsDialledAndSaysNothingIsCutOff() async throws {
        let listener = try await RawListener()
        var configuration = try TestPeers.configuration("a", welcome: ["b"], targets: ["b": try listener.port()])
        configuration.timeouts.handshake = .milliseconds(200)
        let a = RunningNetwork(PeerNetwork(configuration))
        let silent = try await listener.next()
        #expect(try await silent.everything().count == 34)
        #expect(try await a.refusal() == "the handshake took too long")
        await a.stop()
        try await listener.close()
    }

    /// A key that the chain does not name calls: it gets the 96 bytes of the handshake with their head, and the
    /// connection ends.
    @Test func anUnknownCallerGetsNothingButTheHandshake() async throws {
        let (b, port) = try await Self.victim(welcome: ["somebody else"])
        let raw = try await RawPeer(port: port)
        var handshake = NoiseHandshake(
            role: .initiator, prologue: Wire.prologue(chain: TestPeers.chain), identity: try TestPeers.secret("a"),
            ephemeral: try TestPeers.secret("ephemeral"))
        try await raw.send([0, 32] + handshake.write())
        let second = try await raw.receive(98)
        _ = try handshake.read(Array(second.dropFirst(2)))
        try await raw.send([0, 64] + handshake.write())
        #expect(second.count == 98)
        #expect(try await raw.everything().isEmpty)
        let refusal = try await b.refusal()
        #expect(refusal.contains(try TestPeers.key("a").description))
        #expect(await b.network.connected.isEmpty)
        // Written to somebody who is not connected, it goes nowhere.
        await b.write([TestPeers.beat(1)], to: try TestPeers.key("a"))
        await b.stop()
    }

    /// Somebody else than the one dialled answers: it gets 32 bytes, a key made for this one call, and does not
    /// learn who called.
    @Test func anUnknownAnswererGetsNothingButTheFirstMessage() async throws {
        let listener = try await RawListener()
        let a = RunningNetwork(
            PeerNetwork(
                try TestPeers.configuration("a", welcome: ["b", "c"], targets: ["b": try listener.port()])))
        let raw = try await listener.next()
        // Even one that the chain names is not the one that was dialled.
        var handshake = NoiseHandshake(
            role: .responder, prologue: Wire.prologue(chain: TestPeers.chain), identity: try TestPeers.secret("c"),
            ephemeral: try TestPeers.secret("ephemeral"))
        let first = try await raw.receive(34)
        #expect(first.count == 34)
        _ = try handshake.read(Array(first.dropFirst(2)))
        try await raw.send([0, 96] + handshake.write())
        #expect(try await raw.everything().isEmpty)
        let refusal = try await a.refusal()
        #expect(refusal.contains(try TestPeers.key("c").description))
        #expect(await a.network.connected.isEmpty)
        await a.stop()
        try await listener.close()
    }

    @Test func aNodeOfAnotherChainDoesNotConnect() async throws {
        let (b, port) = try await Self.victim()
        let foreign = RunningNetwork(
            PeerNetwork(try TestPeers.configuration("a", welcome: ["b"], targets: ["b": port], chain: .zero)))
        #expect(try await foreign.refusal().contains("another chain"))
        #expect(await foreign.network.connected.isEmpty)
        #expect(await b.network.connected.isEmpty)
        await foreign.stop()
        await b.stop()
    }

    // MARK: Crowds

    /// 64 connections that have not said who they are stay; what comes after them is closed at once, and comes
    /// in when they are gone.
    @Test func thereAreSixtyFourStrangersAtMost() async throws {
        let (b, port) = try await Self.victim { $0.timeouts.handshake = .minutes(10) }
        let (ends, tell) = AsyncStream.makeStream(of: Void.self)
        let extra = 6
        var crowd: [RawPeer] = []
        for _ in 0..<(NetworkLimits.strangers + extra) {
            guard let stranger = try await RawPeer.call(port: port) else {
                tell.yield()
                continue
            }
            stranger.whenEnded { tell.yield() }
            crowd.append(stranger)
        }
        let alarm = Patience.alarm { tell.finish() }
        var ended = 0
        for await _ in ends {
            ended += 1
            if ended == extra { break }
        }
        alarm.cancel()
        #expect(ended == extra)
        #expect(crowd.count(where: \.isOpen) == NetworkLimits.strangers)
        for stranger in crowd { stranger.hangUp() }
        let a = RunningNetwork(
            PeerNetwork(try TestPeers.configuration("a", welcome: ["b"], targets: ["b": port])))
        #expect(try await b.connected() == (try TestPeers.key("a")))
        await a.stop()
        await b.stop()
    }

    /// 200 connections that say nothing: a node that is known connects all the same.
    @Test func aCrowdOfStrangersKeepsNobodyOut() async throws {
        let (b, port) = try await Self.victim { $0.timeouts.handshake = .milliseconds(300) }
        var crowd: [RawPeer] = []
        for _ in 0..<200 {
            if let stranger = try await RawPeer.call(port: port) { crowd.append(stranger) }
        }
        let a = RunningNetwork(
            PeerNetwork(try TestPeers.configuration("a", welcome: ["b"], targets: ["b": port])))
        #expect(try await b.connected() == (try TestPeers.key("a")))
        for stranger in crowd { try await stranger.ended() }
        await a.stop()
        await b.stop()
    }

    // MARK: With a key of the chain

    @Test(arguments: [[0xff], [0x84, 11, 0x18, 0, 0, 0]] as [[UInt8]])
    func whatIsNoMessageIsAFaultAndTheEnd(frame: [UInt8]) async throws {
        let (a, b) = try await PeerNetworkTests.pair()
        let (keyA, keyB) = (try await b.connected(), try await a.connected())
        await a.network.write([frame], to: keyB)
        let fault = try await b.fault()
        guard case .malformed = fault else {
            Issue.record("\(fault)")
            return
        }
        #expect(try await b.disconnected().peer == keyA)
        await a.stop()
        await b.stop()
    }

    /// More than a frame may have is announced, or a byte is changed.
    @Test(arguments: [true, false]) func anOversizedFrameOrAChangedByteIsTheEnd(isOversized: Bool) async throws {
        let (b, port) = try await Self.victim()
        let raw = try await RawPeer(port: port)
        var session = try await raw.call(as: "a")
        #expect(try await b.connected() == (try TestPeers.key("a")))
        var message = try session.seal(isOversized ? [0, 0x80, 0, 1] : [0, 0, 0, 1])
        if !isOversized { message[0] ^= 1 }
        try await raw.send([0, UInt8(message.count)] + message)
        try await raw.ended()
        let expected: ProvChain.ChannelError =
            isOversized ? .frameLength(limit: 8_388_608, found: 8_388_609) : .noise(.notAuthentic)
        #expect(try await b.fault() == .channel(expected))
        await b.stop()
    }

    @Test func aPeerThatFallsSilentIsCutOff() async throws {
        let (b, port) = try await Self.victim { $0.timeouts.silence = .milliseconds(100) }
        let a = RunningNetwork(
            PeerNetwork(try TestPeers.configuration("a", welcome: ["b"], targets: ["b": port])))
        _ = try await b.connected()
        let why = try await b.disconnected().why
        #expect(why.contains("nothing came for too long"))
        await a.stop()
        await b.stop()
    }
}
