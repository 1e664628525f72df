import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import ProvChain
@testable import ProvNode

/// A plain TCP connection that says whatever a test wants.
final class RawPeer: Sendable {
    private let channel: any Channel
    private let incoming: AsyncStream<[UInt8]>
    private let collector: AsyncStream<[UInt8]>.Continuation

    init(port: Int) async throws {
        let (incoming, tell) = AsyncStream.makeStream(of: [UInt8].self)
        (self.incoming, collector) = (incoming, tell)
        channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelInitializer { Collector.attach($0, tell) }
            .connect(host: "127.0.0.1", port: port).get()
    }

    fileprivate init(
        _ channel: any Channel, _ incoming: AsyncStream<[UInt8]>, _ tell: AsyncStream<[UInt8]>.Continuation
    ) {
        (self.channel, self.incoming, collector) = (channel, incoming, tell)
    }

    /// A connection, or `nil` if the other side closed it before this side knew that it stood.
    static func call(port: Int) async throws -> RawPeer? {
        do {
            return try await RawPeer(port: port)
        } catch NIOCore.ChannelError.ioOnClosedChannel {
            return nil
        }
    }

    var isOpen: Bool { channel.isActive }

    func send(_ bytes: [UInt8]) async throws {
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    /// Sends as the other side takes it, without waiting for it.
    func pour(_ bytes: [UInt8]) { channel.writeAndFlush(ByteBuffer(bytes: bytes), promise: nil) }

    /// Sends a byte at a time, until it is cancelled or nothing is left.
    func drip(_ bytes: [UInt8], every time: TimeAmount) -> RepeatedTask {
        let channel = channel
        let next = Atomic(0)
        return channel.eventLoop.scheduleRepeatedTask(initialDelay: .zero, delay: time) { task in
            let index = next.add(1, ordering: .relaxed).oldValue
            guard index < bytes.count else { return task.cancel() }
            channel.writeAndFlush(ByteBuffer(bytes: [bytes[index]]), promise: nil)
        }
    }

    func setReading(_ isReading: Bool) async throws {
        try await channel.setOption(.autoRead, value: isReading).get()
    }

    func hangUp() { channel.close(promise: nil) }

    /// Waits for at least so many bytes; fewer if the connection ends before.
    func receive(_ count: Int) async throws -> [UInt8] {
        let collector = collector
        let alarm = Patience.alarm { collector.finish() }
        defer { alarm.cancel() }
        var received: [UInt8] = []
        for await bytes in incoming {
            received += bytes
            if received.count >= count { break }
        }
        return received
    }

    /// Every byte that comes until the other side closes the connection.
    func everything() async throws -> [UInt8] {
        let bytes = try await receive(.max)
        try await ended()
        return bytes
    }

    /// Returns when the other side has closed the connection.
    func ended() async throws {
        let promise = channel.eventLoop.makePromise(of: Void.self)
        let alarm = Patience.alarm { promise.fail(Late(what: "the end of a connection", seen: [])) }
        channel.closeFuture.cascade(to: promise)
        defer { alarm.cancel() }
        try await promise.futureResult.get()
    }

    func whenEnded(_ body: @escaping @Sendable () -> Void) { channel.closeFuture.whenComplete { _ in body() } }

    fileprivate final class Collector: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let tell: AsyncStream<[UInt8]>.Continuation

        private init(_ tell: AsyncStream<[UInt8]>.Continuation) { self.tell = tell }

        static func attach(
            _ channel: any Channel, _ tell: AsyncStream<[UInt8]>.Continuation
        ) -> EventLoopFuture<Void> {
            channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Collector(tell)) }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            tell.yield(Array(unwrapInboundIn(data).readableBytesView))
        }

        func channelInactive(context: ChannelHandlerContext) { tell.finish() }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }
}

/// A port at which a test answers whatever it wants.
final class RawListener: Sendable {
    private let channel: any Channel
    private let accepted: AsyncStream<RawPeer>
    private let tell: AsyncStream<RawPeer>.Continuation

    /// `handle` sees each connection when it is made.
    init(_ handle: @escaping @Sendable (RawPeer) -> Void = { _ in }) async throws {
        let (accepted, tell) = AsyncStream.makeStream(of: RawPeer.self)
        (self.accepted, self.tell) = (accepted, tell)
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                let (incoming, collector) = AsyncStream.makeStream(of: [UInt8].self)
                let peer = RawPeer(channel, incoming, collector)
                return RawPeer.Collector.attach(channel, collector).map {
                    handle(peer)
                    tell.yield(peer)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    func port() throws -> Int { try #require(channel.localAddress?.port) }

    func next() async throws -> RawPeer {
        let tell = tell
        let alarm = Patience.alarm { tell.finish() }
        defer { alarm.cancel() }
        for await peer in accepted { return peer }
        throw Late(what: "a connection", seen: [])
    }

    func close() async throws { try await channel.close() }
}

extension RawPeer {
    /// Calls a node: the handshake by the pure code, and the keys after it.
    func call(as name: String, chain: Digest = TestPeers.chain) async throws -> NoiseSession {
        var handshake = NoiseHandshake(
            role: .initiator, prologue: Wire.prologue(chain: chain), identity: try TestPeers.secret(name),
            ephemeral: try TestPeers.secret("ephemeral of \(name)"))
        try await send([0, 32] + handshake.write())
        _ = try handshake.read(Array(try await receive(98).dropFirst(2)))
        try await send([0, 64] + handshake.write())
        return handshake.finish()
    }

    /// Answers a node's call.
    func answer(as name: String) async throws -> NoiseSession {
        var handshake = NoiseHandshake(
            role: .responder, prologue: Wire.prologue(chain: TestPeers.chain), identity: try TestPeers.secret(name),
            ephemeral: try TestPeers.secret("ephemeral of \(name)"))
        _ = try handshake.read(Array(try await receive(34).dropFirst(2)))
        try await send([0, 96] + handshake.write())
        _ = try handshake.read(Array(try await receive(66).dropFirst(2)))
        return handshake.finish()
    }

    /// A frame as it goes over the wire.
    static func seal(_ frame: [UInt8], _ session: inout NoiseSession) throws -> [UInt8] {
        let plain = FrameReader.head(frame.count) + frame
        var wire: [UInt8] = []
        for start in stride(from: 0, to: plain.count, by: NoiseSession.plainBytes) {
            let message = try session.seal(Array(plain[start...].prefix(NoiseSession.plainBytes)))
            wire += RecordReader.head(message.count) + message
        }
        return wire
    }
}
