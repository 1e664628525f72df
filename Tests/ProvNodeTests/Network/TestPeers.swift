import NIOCore
import NIOPosix
import ProvChain
import Testing

@testable import ProvNode

/// Nodes on loopback, whose keys are of fixed seeds.
enum TestPeers {
    static let chain = SHA256.hash(Array("a chain".utf8))

    static func secret(_ name: String) throws -> IdentitySecret {
        try IdentitySecret(secret: SHA256.hash(Array(name.utf8)).bytes)
    }

    static func key(_ name: String) throws -> IdentityKey { try secret(name).publicKey }

    static func configuration(
        _ name: String, welcome: [String], targets: [String: Int] = [:], chain: Digest = chain
    ) throws -> PeerNetwork.Configuration {
        var configuration = PeerNetwork.Configuration(
            chain: chain, identity: try secret(name), welcome: Set(try welcome.map(key)),
            targets: try addresses(targets), host: "127.0.0.1")
        configuration.timeouts = patient
        return configuration
    }

    /// Other tests and other programs may keep a test's tasks waiting; what is about time sets its own.
    static var patient: NetworkTimeouts {
        var timeouts = NetworkTimeouts()
        timeouts.handshake = .minutes(10)
        timeouts.silence = .minutes(10)
        return timeouts
    }

    static func addresses(_ ports: [String: Int]) throws -> [IdentityKey: (host: String, port: Int)] {
        var addresses: [IdentityKey: (host: String, port: Int)] = [:]
        for (name, port) in ports { addresses[try key(name)] = ("127.0.0.1", port) }
        return addresses
    }

    static func beat(_ height: UInt64) -> WireMessage { .beat(Beat(height: height, view: 0, time: 0)) }
}

/// How long a test waits for what must happen. Then it fails, and says for what it waited.
enum Patience {
    static let time = TimeAmount.seconds(100)

    static func alarm(_ ring: @escaping @Sendable () -> Void) -> Scheduled<Void> {
        MultiThreadedEventLoopGroup.singleton.any().scheduleTask(in: time, ring)
    }
}

struct Late: Error, CustomStringConvertible {
    let what: String
    let seen: [String]

    var description: String { "\(what) did not come; \(seen.isEmpty ? "nothing" : seen.joined(separator: ", ")) did" }
}

/// A network that runs, and what happened on it, to be waited for.
final class RunningNetwork: Sendable {
    let network: PeerNetwork
    private let task: Task<Void, Never>
    private let events: AsyncStream<PeerNetwork.Event>
    private let tell: AsyncStream<PeerNetwork.Event>.Continuation

    /// `handle` sees each event before it can be waited for.
    init(
        _ network: PeerNetwork,
        _ handle: @escaping @Sendable (PeerNetwork, PeerNetwork.Event) async -> Void = { _, _ in }
    ) {
        self.network = network
        let (events, tell) = AsyncStream.makeStream(of: PeerNetwork.Event.self)
        (self.events, self.tell) = (events, tell)
        task = Task {
            await network.run { events in
                for event in events {
                    await handle(network, event)
                    tell.yield(event)
                }
            }
            tell.finish()
        }
    }

    /// A test that fails halfway leaves nothing running.
    deinit { task.cancel() }

    /// The first event for which `pick` gives something; those before it are dropped.
    func first<T: Sendable>(_ what: String, _ pick: @Sendable (PeerNetwork.Event) -> T?) async throws -> T {
        let tell = tell
        let alarm = Patience.alarm { tell.finish() }
        defer { alarm.cancel() }
        var seen: [String] = []
        for await event in events {
            if let picked = pick(event) { return picked }
            seen.append(Self.name(event))
        }
        throw Late(what: what, seen: seen)
    }

    private static func name(_ event: PeerNetwork.Event) -> String {
        switch event {
        case .connected(let peer): "connected \(peer)"
        case .disconnected(let peer, let why): "disconnected \(peer) \(why.map { "\($0)" } ?? "")"
        case .received(_, let peer, let bytes): "\(bytes) bytes from \(peer)"
        case .written(let peer): "written to \(peer)"
        case .fault(let fault, let peer): "fault of \(peer): \(fault)"
        case .refused(let error): "refused: \(error)"
        }
    }

    func connected() async throws -> IdentityKey {
        try await first("a connection") { event -> IdentityKey? in
            if case .connected(let peer) = event { peer } else { nil }
        }
    }

    func message() async throws -> WireMessage {
        try await first("a message") { event -> WireMessage? in
            if case .received(let message, _, _) = event { message } else { nil }
        }
    }

    func disconnected() async throws -> (peer: IdentityKey, why: String) {
        try await first("the end of a connection") { event -> (peer: IdentityKey, why: String)? in
            if case .disconnected(let peer, let why) = event { (peer, why.map { "\($0)" } ?? "") } else { nil }
        }
    }

    func fault() async throws -> PeerFault {
        try await first("a fault") { event -> PeerFault? in
            if case .fault(let fault, _) = event { fault } else { nil }
        }
    }

    func refusal() async throws -> String {
        try await first("a refusal") { event -> String? in
            if case .refused(let error) = event { "\(error)" } else { nil }
        }
    }

    func written() async throws -> IdentityKey {
        try await first("the end of a write") { event -> IdentityKey? in
            if case .written(let peer) = event { peer } else { nil }
        }
    }

    func write(_ messages: [WireMessage], to peer: IdentityKey) async {
        await network.write(messages.map(\.cbor), to: peer)
    }

    func stop() async {
        await network.stop()
        await task.value
    }
}
