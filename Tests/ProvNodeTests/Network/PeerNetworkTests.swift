import NIOCore
import Synchronization
import Testing

@testable import ProvChain
@testable import ProvNode

/// Nodes that know each other: how connections come about, what goes over them, what remains of them.
@Suite(.timeLimit(.minutes(2))) struct PeerNetworkTests {
    @Test func twoNodesKnowEachOtherAndExchangeFrames() async throws {
        let (a, b) = try await Self.pair()
        let (keyA, keyB) = (try TestPeers.key("a"), try TestPeers.key("b"))
        #expect(try await a.connected() == keyB)
        #expect(try await b.connected() == keyA)
        let large = WireMessage.proposal([UInt8](repeating: 7, count: 5 << 20))
        await a.write([.consensus([1]), large], to: keyB)
        #expect(try await b.message() == .consensus([1]))
        #expect(try await b.message() == large)
        #expect(try await a.written() == keyB)
        await b.write([TestPeers.beat(1)], to: keyA)
        #expect(try await a.message() == TestPeers.beat(1))
        await a.stop()
        #expect(try await b.disconnected().peer == keyA)
        await b.stop()
    }

    /// The largest frame there is, and a message that is smaller than its head.
    @Test func aFrameMayHaveEightMebibytes() async throws {
        let (a, b) = try await Self.pair()
        let keyB = try await a.connected()
        // Each item has a head of three bytes, and the message seven more.
        var items: [[UInt8]?] = [[UInt8]](repeating: [UInt8](repeating: 7, count: 16 << 10), count: 511)
        items.append([UInt8](repeating: 8, count: (8 << 20) - 511 * ((16 << 10) + 3) - 3 - 6))
        let largest = WireMessage.fetched(FetchAnswer(number: 0, items: items))
        #expect(largest.cbor.count == 8 << 20 && Wire.frameBytes == 8 << 20)
        await a.write([largest, TestPeers.beat(1)], to: keyB)
        #expect(try await b.message() == largest)
        #expect(try await b.message() == TestPeers.beat(1))
        await a.stop()
        await b.stop()
    }

    /// More than a node keeps for a peer: it arrives whole, because what was handled makes room.
    @Test func moreThanIsKeptArrivesAsItIsTaken() async throws {
        let (a, b) = try await Self.pair()
        let keyB = try await a.connected()
        let part = WireMessage.proposal([UInt8](repeating: 7, count: 2 << 20))
        let parts = 3 * NetworkLimits.untakenBytes / part.cbor.count + 1
        await a.write([WireMessage](repeating: part, count: parts), to: keyB)
        for _ in 0..<parts { #expect(try await b.message() == part) }
        await a.stop()
        await b.stop()
    }

    /// "localhost" may stand for two addresses, of which one answers: what is written goes to that one.
    @Test func aNameMayHaveSeveralAddresses() async throws {
        let (b, port) = try await Self.listening("b", welcome: ["a"])
        let (keyA, keyB) = (try TestPeers.key("a"), try TestPeers.key("b"))
        var configuration = try TestPeers.configuration("a", welcome: ["b"])
        configuration.targets = [keyB: ("localhost", port)]
        let a = RunningNetwork(PeerNetwork(configuration))
        #expect(try await b.connected() == keyA)
        #expect(try await a.connected() == keyB)
        await a.write([.consensus([1])], to: keyB)
        #expect(try await b.message() == .consensus([1]))
        await a.stop()
        await b.stop()
    }

    /// Everybody dials everybody, at once, at ports that the system chose: each pair keeps one connection, over
    /// which it talks.
    @Test func fourNodesMakeAMesh() async throws {
        let names = ["a", "b", "c", "d"]
        var networks: [String: PeerNetwork] = [:]
        var ports: [String: Int] = [:]
        for name in names {
            let network = PeerNetwork(try TestPeers.configuration(name, welcome: names.filter { $0 != name }))
            ports[name] = try await network.listen()
            #expect(await network.port == ports[name])
            networks[name] = network
        }
        for (name, network) in networks {
            await network.setTargets(try TestPeers.addresses(ports.filter { $0.key != name }))
        }
        let counts = networks.mapValues { _ in LinkCount() }
        var running: [String: RunningNetwork] = [:]
        for (name, network) in networks {
            let count = try #require(counts[name])
            running[name] = RunningNetwork(network) { network, event in
                count.note(event)
                // A connection that loses a tie is met again by the one that stays.
                guard case .connected(let peer) = event else { return }
                await network.write([WireMessage.hello(Self.hello).cbor], to: peer)
            }
        }
        for (name, node) in running {
            let others = Set(try names.filter { $0 != name }.map(TestPeers.key))
            var met: Set<IdentityKey> = []
            while met.count < others.count {
                met.insert(
                    try await node.first("a hello") { event -> IdentityKey? in
                        guard case .received(.hello(Self.hello), let peer, _) = event else { return nil }
                        return peer
                    })
            }
            #expect(met == others)
        }
        for (name, count) in counts { #expect(count.mostAtOnce == 1, "\(name)") }
        for node in running.values { await node.stop() }
    }
    private static let hello = Hello(software: "test", height: 0, tip: .zero, time: 0)

    /// Two connections between the same two, one dialled by each: on a real node, the one stays that the lower
    /// identity dialled, and the other one is closed.
    @Test(arguments: [true, false])
    func ofTwoConnectionsTheOneOfTheLowerIdentityStays(nodeIsLower: Bool) async throws {
        let names = try ["a", "b"].sorted { try TestPeers.key($0).value < TestPeers.key($1).value }
        let (own, other) = nodeIsLower ? (names[0], names[1]) : (names[1], names[0])
        let key = try TestPeers.key(other)
        let listener = try await RawListener()
        var configuration = try TestPeers.configuration(
            own, welcome: [other], targets: [other: try listener.port()])
        // However slow this machine is, the two are made at the same moment, and neither is given up.
        configuration.timeouts.handshake = .minutes(10)
        configuration.timeouts.silence = .minutes(10)
        configuration.timeouts.tie = 600_000
        let network = PeerNetwork(configuration)
        let port = try await network.listen()
        let node = RunningNetwork(network)
        let dialled = try await listener.next()
        var dialledSession = try await dialled.answer(as: other)
        #expect(try await node.connected() == key)
        let calling = try await RawPeer(port: port)
        var callingSession = try await calling.call(as: other)
        let (loser, winner) = nodeIsLower ? (calling, dialled) : (dialled, calling)
        try await loser.ended()
        if !nodeIsLower {
            #expect(try await node.disconnected().peer == key)
            #expect(try await node.connected() == key)
        }
        #expect(await network.connected == [key])
        // Head of the Noise message, the frame's head and its bytes, the tag.
        let beat = TestPeers.beat(1).cbor
        await network.write([beat], to: key)
        let bytes = try await winner.receive(2 + 4 + beat.count + 16)
        try #require(bytes.count == 2 + 4 + beat.count + 16)
        let plain =
            nodeIsLower ? try dialledSession.open(Array(bytes[2...])) : try callingSession.open(Array(bytes[2...]))
        #expect(Array(plain.dropFirst(4)) == beat)
        #expect(winner.isOpen)
        await node.stop()
        try await listener.close()
    }

    // MARK: Again

    @Test func aConnectionThatIsLostIsMadeAgain() async throws {
        let (a, b) = try await Self.pair()
        let (keyA, keyB) = (try await b.connected(), try await a.connected())
        for height in 1...3 as ClosedRange<UInt64> {
            await b.network.block(keyA, milliseconds: 0)
            #expect(try await a.disconnected().peer == keyB)
            #expect(try await a.connected() == keyB)
            #expect(try await b.connected() == keyA)
            await a.write([TestPeers.beat(height)], to: keyB)
            #expect(try await b.message() == TestPeers.beat(height))
        }
        await a.stop()
        await b.stop()
    }

    @Test func aPeerThatIsRestartedIsDialledAgain() async throws {
        // An address that no other test has, so that nobody takes the port in between.
        let host = "127.77.0.1"
        let keyB = try TestPeers.key("b")
        var configuration = try TestPeers.configuration("b", welcome: ["a"])
        configuration.host = host
        let a = RunningNetwork(PeerNetwork(try TestPeers.configuration("a", welcome: ["b"])))
        for _ in 0..<3 {
            let listening = PeerNetwork(configuration)
            configuration.port = try await listening.listen()
            await a.network.setTargets([keyB: (host, configuration.port)])
            let b = RunningNetwork(listening)
            #expect(try await a.connected() == keyB)
            await a.write([TestPeers.beat(1)], to: keyB)
            #expect(try await b.message() == TestPeers.beat(1))
            await b.stop()
            #expect(try await a.disconnected().peer == keyB)
        }
        await a.stop()
    }

    /// Who hangs up each time is dialled after 100 ms, 200 ms and so on, of which chance takes up to half.
    @Test func whoHangsUpIsDialledLessAndLessOften() async throws {
        let (enough, tell) = AsyncStream.makeStream(of: Void.self)
        let attempts = 6
        let calls = Calls(attempts: attempts, enough: tell)
        let listener = try await RawListener { calls.take($0) }
        let node = RunningNetwork(
            PeerNetwork(try TestPeers.configuration("a", welcome: ["b"], targets: ["b": try listener.port()])))
        let alarm = Patience.alarm { tell.finish() }
        for await _ in enough {}
        alarm.cancel()
        let made = calls.made
        try #require(made.count >= attempts, "\(made.count) attempts")
        for (number, (earlier, later)) in zip(made, made.dropFirst()).enumerated() {
            let least = Int64(min(PeerLinks.firstWait << number, PeerLinks.longestWait) / 2)
            // Its clock counts whole milliseconds.
            #expect(later - earlier >= .milliseconds(least - 1), "attempt \(number + 2)")
        }
        await node.stop()
        try await listener.close()
    }

    // MARK: One does not bear on another

    /// Somebody reads nothing: what was written to it waits, and others are served meanwhile.
    @Test func aSlowReaderSlowsNobodyElse() async throws {
        let network = PeerNetwork(try TestPeers.configuration("n", welcome: ["slow", "fast"]))
        let port = try await network.listen()
        let (keySlow, keyFast) = (try TestPeers.key("slow"), try TestPeers.key("fast"))
        let counter = Counter()
        let node = RunningNetwork(network) { _, event in
            if case .written(keySlow) = event { counter.add() }
        }
        let slow = try await RawPeer(port: port)
        _ = try await slow.call(as: "slow")
        #expect(try await node.connected() == keySlow)
        try await slow.setReading(false)
        let fast = RunningNetwork(
            PeerNetwork(try TestPeers.configuration("fast", welcome: ["n"], targets: ["n": port])))
        #expect(try await node.connected() == keyFast)
        // 32 MiB, more than the system keeps for a connection.
        let large = WireMessage.proposal([UInt8](repeating: 7, count: 4 << 20))
        await network.write([WireMessage](repeating: large, count: 8).map(\.cbor), to: keySlow)
        for height in 1...200 as ClosedRange<UInt64> {
            await network.write([TestPeers.beat(height).cbor], to: keyFast)
            #expect(try await fast.message() == TestPeers.beat(height))
        }
        #expect(counter.value == 0, "the slow peer has not read, so its write cannot be done")
        try await slow.setReading(true)
        _ = try await node.first("the slow peer's write") { event -> Bool? in
            if case .written(keySlow) = event { true } else { nil }
        }
        await fast.stop()
        await node.stop()
    }

    @Test func aBlockedPeerIsNotLetIn() async throws {
        let (a, b) = try await Self.pair()
        let (keyA, keyB) = (try await b.connected(), try await a.connected())
        await b.network.block(keyA, milliseconds: 3_600_000)
        // A shorter time does not end a longer one.
        await b.network.block(keyA, milliseconds: 1)
        #expect(try await b.disconnected().peer == keyA)
        #expect(try await a.disconnected().peer == keyB)
        for _ in 0..<2 { #expect(try await b.refusal().contains("misbehaved")) }
        #expect(await b.network.connected.isEmpty)
        await a.stop()
        await b.stop()
    }

    @Test func aBlockedPeerIsLetInWhenItsTimeIsOver() async throws {
        let (a, b) = try await Self.pair()
        let (start, keyA) = (NIODeadline.now(), try await b.connected())
        await b.network.block(keyA, milliseconds: 400)
        #expect(try await b.disconnected().peer == keyA)
        #expect(try await b.connected() == keyA)
        #expect(NIODeadline.now() - start >= .milliseconds(400))
        await a.stop()
        await b.stop()
    }

    /// Whoever is connected, and whoever only knocked: all is closed when it ends, and nobody can call any more.
    @Test func stoppingClosesEverything() async throws {
        let (a, b) = try await Self.pair()
        let (keyA, keyB) = (try await b.connected(), try await a.connected())
        let port = try #require(await b.network.port)
        let raw = try await RawPeer(port: port)
        try await raw.send([0])
        await b.stop()
        try await raw.ended()
        #expect(try await a.disconnected().peer == keyB)
        #expect(await b.network.port == nil)
        #expect(await b.network.connected.isEmpty)
        // To nobody, and without a word.
        await b.network.write([TestPeers.beat(1).cbor], to: keyA)
        await b.stop()
        await a.stop()
    }

    /// Nobody ran it, so nobody else closes what listens.
    @Test func stoppingWhatNeverRanClosesItsPort() async throws {
        // A test beside this one may be given the port at once; hardly three times in a row.
        for _ in 0..<3 {
            let network = PeerNetwork(try TestPeers.configuration("a", welcome: []))
            let port = try await network.listen()
            await network.stop()
            guard (try? await RawPeer(port: port)) != nil else { return }
        }
        Issue.record("somebody listens at each of three ports that were closed")
    }

    // MARK: Two nodes

    /// A node that dials, and one that listens.
    static func pair() async throws -> (RunningNetwork, RunningNetwork) {
        let (b, port) = try await listening("b", welcome: ["a"])
        let a = PeerNetwork(try TestPeers.configuration("a", welcome: ["b"], targets: ["b": port]))
        return (RunningNetwork(a), b)
    }

    static func listening(
        _ name: String, welcome: [String], _ change: (inout PeerNetwork.Configuration) -> Void = { _ in }
    ) async throws -> (RunningNetwork, Int) {
        var configuration = try TestPeers.configuration(name, welcome: welcome)
        change(&configuration)
        let network = PeerNetwork(configuration)
        let port = try await network.listen()
        return (RunningNetwork(network), port)
    }
}

/// How many connections a node was told of, by peer, that had not ended.
private final class LinkCount: Sendable {
    private let counts = Mutex<[IdentityKey: Int]>([:])
    private let most = Mutex(0)

    var mostAtOnce: Int { most.withLock { $0 } }

    func note(_ event: PeerNetwork.Event) {
        let count = counts.withLock { counts in
            switch event {
            case .connected(let peer): counts[peer, default: 0] += 1
            case .disconnected(let peer, _): counts[peer, default: 0] -= 1
            case .received, .written, .fault, .refused: break
            }
            return counts.values.max() ?? 0
        }
        most.withLock { $0 = max($0, count) }
    }
}

/// Hangs up on everybody, and keeps when they called.
private final class Calls: Sendable {
    private let times = Mutex<[NIODeadline]>([])
    private let attempts: Int
    private let enough: AsyncStream<Void>.Continuation

    init(attempts: Int, enough: AsyncStream<Void>.Continuation) {
        (self.attempts, self.enough) = (attempts, enough)
    }

    var made: [NIODeadline] { times.withLock { $0 } }

    func take(_ peer: RawPeer) {
        let count = times.withLock { times in
            times.append(.now())
            return times.count
        }
        peer.hangUp()
        if count >= attempts { enough.finish() }
    }
}

private final class Counter: Sendable {
    private let count = Atomic(0)

    var value: Int { count.load(ordering: .relaxed) }

    func add() { count.add(1, ordering: .relaxed) }
}
