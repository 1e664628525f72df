import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import ProvChain
@testable import ProvNode

/// One connection of a node that hears more than it works on: it stops reading, and goes on when it has caught up.
@Suite(.timeLimit(.minutes(2))) struct PeerHandlerTests {
    private static let part = WireMessage.proposal([UInt8](repeating: 7, count: (1 << 20) - 7))

    /// Of 12 messages of a mebibyte it takes 4, until it is told that they were taken.
    @Test func readingStopsAtWhatIsNotTaken() async throws {
        let node = try await LoneHandler()
        let raw = try await RawPeer(port: node.port)
        var session = try await raw.call(as: "a")
        let channel = try await node.opened()
        for _ in 0..<12 { raw.pour(try RawPeer.seal(Self.part.cbor, &session)) }
        for _ in 0..<4 { try await node.message() }
        // The loop goes round, and reads nothing: the other messages stay with the system.
        for _ in 0..<200 {
            let isReading = try await channel.getOption(.autoRead).get()
            #expect(!isReading)
        }
        #expect(node.count == 4)
        for _ in 0..<8 {
            channel.triggerUserOutboundEvent(PeerHandler.Command.taken(messages: 1, bytes: 1 << 20), promise: nil)
            try await node.message()
        }
        let last = PeerHandler.Command.taken(messages: 4, bytes: 4 << 20)
        try await channel.triggerUserOutboundEvent(last).get()
        #expect(try await channel.getOption(.autoRead).get())
        raw.hangUp()
        try await node.close()
    }

    /// A message of a few bytes counts for more than those.
    @Test func manySmallMessagesStopReadingToo() async throws {
        let node = try await LoneHandler()
        let raw = try await RawPeer(port: node.port)
        var session = try await raw.call(as: "a")
        let channel = try await node.opened()
        let beat = TestPeers.beat(1).cbor
        let frame = FrameReader.head(beat.count) + beat
        let most = NetworkLimits.untakenBytes / (beat.count + NetworkLimits.messageBytes) + 1
        let perMessage = NoiseSession.plainBytes / frame.count
        // More than is taken, and than one go may read.
        for _ in 0..<(2 * most / perMessage + 16) {
            let sealed = try session.seal([[UInt8]](repeating: frame, count: perMessage).flatMap { $0 })
            raw.pour(RecordReader.head(sealed.count) + sealed)
        }
        for _ in 0..<most { try await node.message() }
        let isReading = try await channel.getOption(.autoRead).get()
        #expect(!isReading)
        // Of what was read in one go, too, the node hears no more than that.
        #expect(node.count == most)
        try await channel.triggerUserOutboundEvent(PeerHandler.Command.taken(messages: 2, bytes: 2 * beat.count)).get()
        for _ in 0..<2 { try await node.message() }
        #expect(node.count == most + 2)
        // Nor after a pause begins, whatever it takes in.
        try await channel.triggerUserOutboundEvent(PeerHandler.Command.pause(.hours(1))).get()
        let all = PeerHandler.Command.taken(messages: most, bytes: most * beat.count)
        try await channel.triggerUserOutboundEvent(all).get()
        #expect(node.count == most + 2)
        raw.hangUp()
        try await node.close()
    }

    @Test func aPauseIsKept() async throws {
        let node = try await LoneHandler()
        let raw = try await RawPeer(port: node.port)
        var session = try await raw.call(as: "a")
        let channel = try await node.opened()
        let (start, pause) = (NIODeadline.now(), TimeAmount.milliseconds(300))
        try await channel.triggerUserOutboundEvent(PeerHandler.Command.pause(pause)).get()
        // A shorter one does not end it.
        try await channel.triggerUserOutboundEvent(PeerHandler.Command.pause(.milliseconds(1))).get()
        try await raw.send(RawPeer.seal(TestPeers.beat(1).cbor, &session))
        try await node.message()
        #expect(NIODeadline.now() - start >= pause)
        raw.hangUp()
        try await node.close()
    }
}

/// A handler behind a port, without the network around it: nobody takes its messages but the test.
private final class LoneHandler: Sendable {
    private let listener: any Channel
    private let events: AsyncStream<PeerHandler.Event>
    private let tell: AsyncStream<PeerHandler.Event>.Continuation
    private let heard: Heard

    private final class Heard: Sendable { let count = Atomic(0) }

    init() async throws {
        let (events, tell) = AsyncStream.makeStream(of: PeerHandler.Event.self)
        let heard = Heard()
        (self.events, self.tell, self.heard) = (events, tell, heard)
        listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let secure = SecureChannel(
                        role: .responder, chain: TestPeers.chain, identity: try TestPeers.secret("b"),
                        ephemeral: try TestPeers.secret("fresh"), welcome: [try TestPeers.key("a")])
                    let handler = PeerHandler(link: 1, secure: secure, timeouts: TestPeers.patient) { _, event in
                        if case .message = event { heard.count.add(1, ordering: .relaxed) }
                        tell.yield(event)
                    }
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        port = try #require(listener.localAddress?.port)
    }

    let port: Int

    /// Messages that were reported, waited for or not.
    var count: Int { heard.count.load(ordering: .relaxed) }

    /// The connection, when its handshake is complete.
    func opened() async throws -> any Channel {
        var channel: (any Channel)?
        return try await first("a connection") { event in
            switch event {
            case .opened(let opened):
                channel = opened
                return nil
            case .established: return channel
            case .message, .fault, .closed: return nil
            }
        }
    }

    func message() async throws {
        try await first("a message") { event in if case .message = event { () } else { nil } }
    }

    private func first<T>(_ what: String, _ pick: (PeerHandler.Event) -> T?) async throws -> T {
        let tell = tell
        let alarm = Patience.alarm { tell.finish() }
        defer { alarm.cancel() }
        for await event in events {
            if let picked = pick(event) { return picked }
        }
        throw Late(what: what, seen: [])
    }

    func close() async throws { try await listener.close() }
}
