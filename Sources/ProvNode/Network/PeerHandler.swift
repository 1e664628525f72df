import NIOCore
import ProvChain

/// One connection on its event loop: bytes to frames to messages and back, by ``SecureChannel``.
///
/// It reads no further while the node is behind with what came before, so a peer that sends faster than it is
/// heard fills its own buffers and not this node's memory.
final class PeerHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer
    /// Ours; NIO has one, too.
    typealias ChannelError = ProvChain.ChannelError

    /// What is asked of a connection from outside its event loop.
    enum Command: Sendable {
        case send([[UInt8]])
        /// The node has taken in so many messages of so many bytes together.
        case taken(messages: Int, bytes: Int)
        case pause(TimeAmount)
    }

    /// What happens on a connection, in order.
    enum Event: Sendable {
        /// The first, and only if there is a connection: of the attempts at several addresses, one is left.
        case opened(any Channel)
        case established(IdentityKey)
        case message(WireMessage, bytes: Int)
        case fault(PeerFault)
        /// `nil` if it ended without a word.
        case closed((any Error)?)
    }

    private let link: PeerLinks.LinkID
    private let timeouts: NetworkTimeouts
    private let report: @Sendable (PeerLinks.LinkID, Event) -> Void
    private var secure: SecureChannel
    /// Frames of what was read that the node is not told of yet: it is behind, or the peer has used its allowance. A
    /// read gives hundreds of small ones; whoever hangs up then had them looked at for nothing.
    private var waiting = CircularBuffer<[UInt8]>()
    /// Bytes of messages that the node has not taken in yet, with ``NetworkLimits/messageBytes`` for each.
    private var untaken = 0
    private var pausedUntil: NIODeadline?
    private var isReading = true
    private var alarm: Scheduled<Void>?
    private var lastHeard = NIODeadline.now()
    private var failure: (any Error)?

    init(
        link: PeerLinks.LinkID, secure: consuming SecureChannel, timeouts: NetworkTimeouts,
        report: @escaping @Sendable (PeerLinks.LinkID, Event) -> Void
    ) {
        self.link = link
        self.secure = secure
        self.timeouts = timeouts
        self.report = report
    }

    func channelActive(context: ChannelHandlerContext) {
        report(link, .opened(context.channel))
        arm(timeouts.handshake, context)
        do throws(ChannelError) {
            write(try secure.start(), context, promise: nil)
        } catch {
            fail(error, context)
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        alarm?.cancel()
        report(link, .closed(failure))
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { fail(error, context) }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard failure == nil else { return }
        do throws(ChannelError) {
            try take(unwrapInboundIn(data), context)
        } catch {
            // Before the handshake nobody is there to blame.
            if secure.peer != nil { report(link, .fault(.channel(error))) }
            fail(error, context)
        }
    }

    private func take(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) throws(ChannelError) {
        lastHeard = .now()
        let received = try buffer.withUnsafeReadableBytes { bytes in
            Result<SecureChannel.Received, ChannelError> { () throws(ChannelError) in try secure.receive(bytes) }
        }.get()
        write(received.reply, context, promise: nil)
        if let peer = received.established {
            report(link, .established(peer))
            alarm?.cancel()
            arm(timeouts.silence, context)
        }
        waiting.append(contentsOf: received.frames)
        handOn(context)
    }

    /// Tells the node what waits, as far as it keeps up and the peer's allowance goes; then reads on, or not.
    private func handOn(_ context: ChannelHandlerContext) {
        while failure == nil, !isHeld, let frame = waiting.popFirst() {
            do throws(CBORError) {
                let message = try WireMessage(cbor: frame)
                untaken += frame.count + NetworkLimits.messageBytes
                report(link, .message(message, bytes: frame.count))
            } catch {
                report(link, .fault(.malformed(error)))
                return fail(error, context)
            }
        }
        read(context)
    }

    // MARK: Out

    func triggerUserOutboundEvent(context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?) {
        guard let command = event as? Command else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        switch command {
        case .send(let frames):
            guard failure == nil else {
                promise?.fail(ChannelClosed())
                return
            }
            do throws(ChannelError) {
                write(try secure.send(frames), context, promise: promise)
            } catch {
                promise?.fail(error)
                fail(error, context)
            }
        case .taken(let messages, let bytes):
            untaken -= bytes + messages * NetworkLimits.messageBytes
            handOn(context)
            promise?.succeed()
        case .pause(let time):
            let end = NIODeadline.now() + time
            pausedUntil = max(end, pausedUntil ?? end)
            read(context)
            let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
            context.eventLoop.scheduleTask(in: time) {
                let (handler, context) = bound.value
                handler.handOn(context)
            }
            promise?.succeed()
        }
    }

    private func write(_ bytes: [UInt8], _ context: ChannelHandlerContext, promise: EventLoopPromise<Void>?) {
        guard !bytes.isEmpty else {
            promise?.succeed()
            return
        }
        var buffer = context.channel.allocator.buffer(capacity: bytes.count)
        buffer.writeBytes(bytes)
        context.writeAndFlush(wrapOutboundOut(buffer), promise: promise)
    }

    // MARK: Bounds

    /// True while the node is behind, or waits for the peer to have an allowance again.
    private var isHeld: Bool {
        untaken >= NetworkLimits.untakenBytes || pausedUntil.map { $0 > .now() } ?? false
    }

    private func read(_ context: ChannelHandlerContext) {
        let shouldRead = !isHeld && waiting.isEmpty && failure == nil
        guard shouldRead != isReading else { return }
        isReading = shouldRead
        // Whom this node did not listen to was not silent.
        lastHeard = .now()
        context.channel.setOption(.autoRead, value: shouldRead).whenFailure { _ in }
    }

    /// Rings once for the handshake, then as long as nothing is amiss.
    private func arm(_ time: TimeAmount, _ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        alarm = context.eventLoop.scheduleTask(in: time) {
            let (handler, context) = bound.value
            handler.ring(context)
        }
    }

    private func ring(_ context: ChannelHandlerContext) {
        guard secure.peer != nil else { return fail(NetworkError.handshakeTimeout, context) }
        let left = isReading ? lastHeard + timeouts.silence - .now() : timeouts.silence
        guard left > .zero else { return fail(NetworkError.silent, context) }
        arm(left, context)
    }

    private func fail(_ error: any Error, _ context: ChannelHandlerContext) {
        guard failure == nil else { return }
        failure = error
        context.close(promise: nil)
    }
}

/// A write to a connection that has ended.
struct ChannelClosed: Error {}
