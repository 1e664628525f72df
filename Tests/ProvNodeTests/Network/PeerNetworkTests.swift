import NIOCore
import Testing

@testable import ProvChain
@testable import ProvNode

@Suite(.timeLimit(.minutes(1))) struct PeerNetworkTests {
    private static func pair() async throws -> (RunningNetwork, RunningNetwork) {
        let listening = PeerNetwork(try TestPeers.configuration("b", welcome: ["a"]))
        let port = try await listening.listen()
        let dialling = PeerNetwork(try TestPeers.configuration("a", welcome: ["b"], targets: ["b": port]))
        return (RunningNetwork(dialling), RunningNetwork(listening))
    }

    @Test func twoNodesKnowEachOtherAndExchangeFrames() async throws {
        let (a, b) = try await Self.pair()
        let (keyA, keyB) = (try TestPeers.secret("a").publicKey, try TestPeers.secret("b").publicKey)
        #expect(try await a.connected() == keyB)
        #expect(try await b.connected() == keyA)
        let large = WireMessage.proposal([UInt8](repeating: 7, count: 5 << 20))
        await a.network.write([WireMessage.votes([[1]]).cbor, large.cbor], to: keyB)
        #expect(try await b.message() == .votes([[1]]))
        #expect(try await b.message() == large)
        #expect(try await a.written() == keyB)
        await b.network.write([WireMessage.beat(Beat(height: 1, view: 2, time: 3)).cbor], to: keyA)
        #expect(try await a.message() == .beat(Beat(height: 1, view: 2, time: 3)))
        await a.stop()
        #expect(try await b.disconnected().peer == keyA)
        await b.stop()
    }

    /// "localhost" may stand for two addresses, of which one answers: what is written goes to that one.
    @Test func aNameMayHaveSeveralAddresses() async throws {
        let listening = PeerNetwork(try TestPeers.configuration("b", welcome: ["a"]))
        let port = try await listening.listen()
        let (keyA, keyB) = (try TestPeers.secret("a").publicKey, try TestPeers.secret("b").publicKey)
        var configuration = try TestPeers.configuration("a", welcome: ["b"])
        configuration.targets = [keyB: ("localhost", port)]
        let (a, b) = (RunningNetwork(PeerNetwork(configuration)), RunningNetwork(listening))
        #expect(try await b.connected() == keyA)
        #expect(try await a.connected() == keyB)
        await a.network.write([WireMessage.votes([[1]]).cbor], to: keyB)
        #expect(try await b.message() == .votes([[1]]))
        await a.stop()
        await b.stop()
    }

    /// Everybody dials everybody, at once: each pair keeps one connection, over which it talks.
    @Test func fourNodesMakeAMesh() async throws {
        let names = ["a", "b", "c", "d"]
        var networks: [String: PeerNetwork] = [:]
        var ports: [String: Int] = [:]
        for name in names {
            // Everybody must know all ports before anybody listens.
            ports[name] = try await FreePort.find()
        }
        for name in names {
            let others = names.filter { $0 != name }
            var configuration = try TestPeers.configuration(
                name, welcome: others, targets: ports.filter { $0.key != name })
            configuration.port = try #require(ports[name])
            let network = PeerNetwork(configuration)
            _ = try await network.listen()
            networks[name] = network
        }
        let running = networks.mapValues {
            RunningNetwork($0) { network, event in
                // Each greets whomever it meets; a connection that loses a tie is met again by the one that stays.
                if case .connected(let peer) = event {
                    await network.write([WireMessage.hello(Self.hello).cbor], to: peer)
                }
            }
        }
        for (name, node) in running {
            var met: Set<IdentityKey> = []
            while met.count < 3 {
                met.insert(
                    try await node.first { event -> IdentityKey? in
                        guard case .received(.hello(Self.hello), let peer, _) = event else { return nil }
                        return peer
                    })
            }
            #expect(met == Set(try names.filter { $0 != name }.map { try TestPeers.secret($0).publicKey }))
        }
        for node in running.values { await node.stop() }
    }

    private static let hello = Hello(software: "test", height: 0, tip: .zero, time: 0, yourVote: nil)

    @Test func aPeerThatComesBackIsDialledAgain() async throws {
        var configuration = try TestPeers.configuration("b", welcome: ["a"])
        configuration.port = try await FreePort.find()
        let a = RunningNetwork(
            PeerNetwork(try TestPeers.configuration("a", welcome: ["b"], targets: ["b": configuration.port])))
        for _ in 0..<2 {
            let listening = PeerNetwork(configuration)
            _ = try await listening.listen()
            let b = RunningNetwork(listening)
            let key = try await a.connected()
            #expect(key == (try TestPeers.secret("b").publicKey))
            await b.stop()
            _ = try await a.disconnected()
        }
        await a.stop()
    }

    // MARK: Hostile peers

    private static func victim(
        welcome: [String] = ["a"], _ change: (inout PeerNetwork.Configuration) -> Void = { _ in }
    ) async throws -> (RunningNetwork, Int) {
        var configuration = try TestPeers.configuration("b", welcome: welcome)
        change(&configuration)
        let network = PeerNetwork(configuration)
        let port = try await network.listen()
        return (RunningNetwork(network), port)
    }

    @Test func garbageIsCutOff() async throws {
        let (b, port) = try await Self.victim()
        let zeros = [UInt8](repeating: 0, count: 32)
        for garbage: [UInt8] in [Array("GET / HTTP/1.1\r\n\r\n".utf8), [0, 32] + zeros, [255, 255]] {
            let raw = try await RawPeer(port: port)
            try await raw.send(garbage)
            try await raw.ended()
            #expect(try await b.refusal().isEmpty == false)
        }
        #expect(await b.network.connected.isEmpty)
        await b.stop()
    }

    @Test func whoSaysNothingOrLittleIsCutOff() async throws {
        let (b, port) = try await Self.victim { $0.timeouts.handshake = .milliseconds(200) }
        let (silent, slow) = (try await RawPeer(port: port), try await RawPeer(port: port))
        try await slow.send([0])
        try await silent.ended()
        try await slow.ended()
        #expect(try await b.refusal() == "the handshake took too long")
        await b.stop()
    }

    @Test func aStrangerGetsNothingBeyondTheHandshake() async throws {
        let (b, port) = try await Self.victim(welcome: ["somebody else"])
        let stranger = RunningNetwork(
            PeerNetwork(try TestPeers.configuration("a", welcome: ["b"], targets: ["b": port])))
        let refusal = try await b.refusal()
        let key = try TestPeers.secret("a").publicKey
        #expect(refusal.contains(key.description))
        _ = try await stranger.connected()
        // Not a byte after the handshake: the connection just ends.
        let said = try await stranger.first { event -> Bool? in
            switch event {
            case .disconnected: false
            case .received: true
            case .connected, .written, .fault, .refused: nil
            }
        }
        #expect(!said)
        #expect(await b.network.connected.isEmpty)
        await stranger.stop()
        await b.stop()
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

    /// Someone with a key of the chain, who sends what is no message.
    @Test(arguments: [[0xff], [0x84, 11, 0x18, 0, 0, 0]] as [[UInt8]])
    func whatIsNoMessageIsAFaultAndTheEnd(frame: [UInt8]) async throws {
        let (a, b) = try await Self.pair()
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

    /// A known key that announces more than a frame may have, and one that changes a byte.
    @Test func anOversizedFrameOrAChangedByteIsTheEnd() async throws {
        for isOversized in [true, false] {
            let (b, port) = try await Self.victim()
            var handshake = NoiseHandshake(
                role: .initiator, prologue: Wire.prologue(chain: TestPeers.chain),
                identity: try TestPeers.secret("a"), ephemeral: try TestPeers.secret("fresh"))
            let raw = try await RawPeer(port: port)
            try await raw.send([0, 32] + handshake.write())
            _ = try handshake.read(Array(try await raw.receive(98).dropFirst(2)))
            try await raw.send([0, 64] + handshake.write())
            var session = handshake.finish()
            #expect(try await b.connected() == (try TestPeers.secret("a").publicKey))
            var message = try session.seal(isOversized ? [0, 0x80, 0, 1] : [0, 0, 0, 1])
            if !isOversized { message[0] ^= 1 }
            try await raw.send([0, UInt8(message.count)] + message)
            try await raw.ended()
            let fault = try await b.fault()
            let expected: ProvChain.ChannelError =
                isOversized ? .frameLength(limit: 8_388_608, found: 8_388_609) : .noise(.notAuthentic)
            #expect(fault == .channel(expected))
            await b.stop()
        }
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

    /// 200 connections that say nothing: a node that is known connects all the same.
    @Test func aCrowdOfStrangersKeepsNobodyOut() async throws {
        let (b, port) = try await Self.victim { $0.timeouts.handshake = .milliseconds(300) }
        var crowd: [RawPeer] = []
        for _ in 0..<200 { crowd.append(try await RawPeer(port: port)) }
        let a = RunningNetwork(
            PeerNetwork(try TestPeers.configuration("a", welcome: ["b"], targets: ["b": port])))
        #expect(try await b.connected() == (try TestPeers.secret("a").publicKey))
        for stranger in crowd { try await stranger.ended() }
        await a.stop()
        await b.stop()
    }
}
