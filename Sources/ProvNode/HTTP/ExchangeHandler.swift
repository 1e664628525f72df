import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import ProvChain

/// Gives every exchange on a connection a deadline, from the request's head until its answer is written to the
/// socket, so that neither a body sent byte by byte nor an answer read byte by byte holds a connection for long.
/// (A head sent byte by byte runs into the idle timeout.)
///
/// Requests that are not HTTP get a problem too, and the connection is closed.
final class ExchangeHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let allowance: TimeAmount
    private var deadline: Scheduled<Void>?
    private var isReading = false
    /// Requests whose answers are not yet written; more than one if the client sends ahead.
    private var unanswered = 0

    init(allowance: TimeAmount = .seconds(Int64(RequestLimits.exchangeSeconds))) { self.allowance = allowance }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            isReading = true
            unanswered += 1
            if deadline == nil { start(context) }
        case .body: break
        case .end:
            isReading = false
            settle()
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .end = unwrapOutboundIn(data) else {
            context.write(data, promise: promise)
            return
        }
        let promise = promise ?? context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in
            self.unanswered -= 1
            // With requests sent ahead, the next one's time starts when the one before it is out of the way.
            self.deadline?.cancel()
            self.deadline = nil
            if self.isReading || self.unanswered > 0 { self.start(context) }
        }
        context.write(data, promise: promise)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError, unanswered == 0 else {
            context.fireErrorCaught(error)
            return
        }
        let problem: Problem = if case .headerOverflow = error { .headersTooLarge } else { .malformedRequest }
        let body = JSON.encode(problem.view, pretty: false)
        var headers: HTTPFields = [
            .contentType: ProblemView.contentType, .contentLength: String(body.count), .connection: "close",
            .cacheControl: Caching.never,
        ]
        Edge.secure(&headers)
        let head = HTTPResponse(status: .init(code: problem.view.status), headerFields: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(ByteBuffer(bytes: body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).assumeIsolated().whenComplete { _ in
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { stop() }

    private func start(_ context: ChannelHandlerContext) {
        guard context.channel.isActive else { return }
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: allowance) {
            self.deadline = nil
            context.close(promise: nil)
        }
    }

    private func settle() {
        if !isReading, unanswered == 0 { stop() }
    }

    private func stop() {
        deadline?.cancel()
        deadline = nil
    }
}
