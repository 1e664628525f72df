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

    static func configuration(
        _ name: String, welcome: [String], targets: [String: Int] = [:], chain: Digest = chain
    ) throws -> PeerNetwork.Configuration {
        var addresses: [IdentityKey: (host: String, port: Int)] = [:]
        for (target, port) in targets { addresses[try secret(target).publicKey] = ("127.0.0.1", port) }
        return PeerNetwork.Configuration(
            chain: chain, identity: try secret(name), welcome: Set(try welcome.map { try secret($0).publicKey }),
            targets: addresses, host: "127.0.0.1")
    }
}

/// A network that runs, and what happened on it, to be waited for.
final class RunningNetwork: Sendable {
    let network: PeerNetwork
    private let task: Task<Void, Never>
    private let events: AsyncStream<PeerNetwork.Event>

    /// `handle` sees each event before it can be waited for.
    init(
        _ network: PeerNetwork,
        _ handle: @escaping @Sendable (PeerNetwork, PeerNetwork.Event) async -> Void = { _, _ in }
    ) {
        self.network = network
        let (events, tell) = AsyncStream.makeStream(of: PeerNetwork.Event.self)
        self.events = events
        task = Task {
            await network.run { event in
                await handle(network, event)
                tell.yield(event)
            }
            tell.finish()
        }
    }

    /// The first event for which `pick` gives something; those before it are dropped.
    func first<T: Sendable>(_ pick: @Sendable (PeerNetwork.Event) -> T?) async throws -> T {
        for await event in events {
            if let picked = pick(event) { return picked }
        }
        throw Ended()
    }

    func connected() async throws -> IdentityKey {
        try await first { event -> IdentityKey? in if case .connected(let peer) = event { peer } else { nil } }
    }

    func message() async throws -> WireMessage {
        try await first { event -> WireMessage? in if case .received(let message, _, _) = event { message } else { nil }
        }
    }

    func disconnected() async throws -> (peer: IdentityKey, why: String) {
        try await first { event -> (peer: IdentityKey, why: String)? in
            if case .disconnected(let peer, let why) = event { (peer, why.map { "\($0)" } ?? "") } else { nil }
        }
    }

    func fault() async throws -> PeerFault {
        try await first { event -> PeerFault? in if case .fault(let fault, _) = event { fault } else { nil } }
    }

    func refusal() async throws -> String {
        try await first { event -> String? in if case .refused(let error) = event { "\(error)" } else { nil } }
    }

    func written() async throws -> IdentityKey {
        try await first { event -> IdentityKey? in if case .written(let peer) = event { peer } else { nil } }
    }

    func stop() async {
        await network.stop()
        await task.value
    }

    struct Ended: Error {}
}

/// A plain TCP connection that says whatever a test wants.
final class RawPeer: Sendable {
    private let channel: any Channel
    private let incoming: AsyncStream<[UInt8]>

    init(port: Int) async throws {
        let (incoming, tell) = AsyncStream.makeStream(of: [UInt8].self)
        self.incoming = incoming
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(tell))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
    }

    func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    /// Waits for at least so many bytes.
    func receive(_ count: Int) async throws -> [UInt8] {
        var received: [UInt8] = []
        for await bytes in incoming {
            received += bytes
            if received.count >= count { return received }
        }
        throw RunningNetwork.Ended()
    }

    /// Returns when the other side has closed the connection.
    func ended() async throws { try await channel.closeFuture.get() }

    private final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let tell: AsyncStream<[UInt8]>.Continuation

        init(_ tell: AsyncStream<[UInt8]>.Continuation) { self.tell = tell }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            tell.yield(Array(unwrapInboundIn(data).readableBytesView))
        }

        func channelInactive(context: ChannelHandlerContext) { tell.finish() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

/// A port that nobody used a moment ago.
enum FreePort {
    static func find() async throws -> Int {
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(channel.localAddress?.port)
        try await channel.close()
        return port
    }
}
