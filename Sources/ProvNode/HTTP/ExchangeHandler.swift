import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes
import ProvChain

/// Gives every exchange on a connection a deadline, from the request's head until its answer is written to the
/// socket, so that neither a body sent byte by byte nor an answer read byte by byte holds a connection for long.
/// (A head sent byte by byte runs into the idle timeout.)
///
/// A stream of events lasts as long as the client likes, but what is written must be taken: a reader who stalls
/// for ``RequestLimits/stallSeconds`` is dropped, and so is one who closes its side.
///
/// `Expect: 100-continue` (RFC 9110 section 10.1.1) is answered unless the declared length is too large for any
/// address. Requests that are not HTTP get a problem too, and the connection is closed.
final class ExchangeHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let allowance: TimeAmount
    private let stallAllowance: TimeAmount
    private var deadline: Scheduled<Void>?
    private var isReading = false
    /// Requests whose answers are not yet written; more than one if the client sends ahead.
    private var unanswered = 0
    private var isStreaming = false
    /// Parts of a stream that are not yet in the socket.
    private var unwritten = 0

    init(
        allowance: TimeAmount = .seconds(Int64(RequestLimits.exchangeSeconds)),
        stallAllowance: TimeAmount = .seconds(Int64(RequestLimits.stallSeconds))
    ) {
        self.allowance = allowance
        self.stallAllowance = stallAllowance
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            if unanswered == 0 { continueIfExpected(head, context) }
            isReading = true
            unanswered += 1
            if deadline == nil { start(context, allowance) }
        case .body: break
        case .end:
            isReading = false
            settle()
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        var promise = promise
        switch unwrapOutboundIn(data) {
        case .head(let head):
            isStreaming = head.headerFields[.contentType] == EventStream.contentType
            if isStreaming { stop() }
        case .body:
            if isStreaming { watchStall(&promise, context) }
        case .end:
            isStreaming = false
            watchEnd(&promise, context)
        }
        context.write(data, promise: promise)
    }

    private func watchEnd(_ promise: inout EventLoopPromise<Void>?, _ context: ChannelHandlerContext) {
        written(&promise, context).assumeIsolated().whenComplete { _ in
            self.unanswered -= 1
            // With requests sent ahead, the next one's time starts when the one before it is out of the way.
            self.deadline?.cancel()
            self.deadline = nil
            if self.isReading || self.unanswered > 0 { self.start(context, self.allowance) }
        }
    }

    private func watchStall(_ promise: inout EventLoopPromise<Void>?, _ context: ChannelHandlerContext) {
        unwritten += 1
        if deadline == nil { start(context, stallAllowance) }
        written(&promise, context).assumeIsolated().whenComplete { _ in
            self.unwritten -= 1
            if self.isStreaming {
                self.stop()
                if self.unwritten > 0 { self.start(context, self.stallAllowance) }
            }
        }
    }

    /// What comes true once the part is in the socket.
    private func written(
        _ promise: inout EventLoopPromise<Void>?, _ context: ChannelHandlerContext
    ) -> EventLoopFuture<Void> {
        let known = promise ?? context.eventLoop.makePromise(of: Void.self)
        promise = known
        return known.futureResult
    }

    private func continueIfExpected(_ head: HTTPRequest, _ context: ChannelHandlerContext) {
        guard head.headerFields[.expect]?.lowercased() == "100-continue" else { return }
        let declared = head.headerFields[.contentLength].flatMap { Int($0) } ?? 0
        guard declared <= NodeLimits.requestBytes else { return }
        context.writeAndFlush(wrapOutboundOut(.head(HTTPResponse(status: .continue))), promise: nil)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if isStreaming, case .inputClosed? = event as? ChannelEvent {
            context.close(promise: nil)
            return
        }
        context.fireUserInboundEventTriggered(event)
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

    private func start(_ context: ChannelHandlerContext, _ allowance: TimeAmount) {
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
