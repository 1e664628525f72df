import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPTypes
import Testing

@testable import ProvNode

/// The deadline of an exchange, on a clock that the test moves.
@Suite struct ExchangeHandlerTests {
    private func connection() throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(handler: ExchangeHandler(allowance: .seconds(120)))
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return channel
    }

    private let head = HTTPRequestPart.head(HTTPRequest(method: .post, scheme: nil, authority: nil, path: "/"))
    private let byte = HTTPRequestPart.body(ByteBuffer(bytes: [1]))
    private let ok = HTTPResponsePart.head(HTTPResponse(status: .ok))

    @Test func aBodySentByteByByteEndsAtTheDeadline() throws {
        let channel = try connection()
        try channel.writeInbound(head)
        for _ in 1...119 {
            channel.embeddedEventLoop.advanceTime(by: .seconds(1))
            try channel.writeInbound(byte)
        }
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    @Test func anAnswerThatIsNotTakenEndsAtTheDeadline() throws {
        let channel = try connection()
        try channel.writeInbound(head)
        try channel.writeInbound(HTTPRequestPart.end(nil))
        try channel.writeOutbound(ok)
        // The end is written and never flushed: the client's window is closed.
        channel.write(HTTPResponsePart.end(nil), promise: nil)
        channel.embeddedEventLoop.advanceTime(by: .seconds(119))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    @Test func aFinishedExchangeHasNoDeadline() throws {
        let channel = try connection()
        try channel.writeInbound(head)
        try channel.writeInbound(HTTPRequestPart.end(nil))
        try channel.writeOutbound(ok)
        try channel.writeOutbound(HTTPResponsePart.end(nil))
        channel.embeddedEventLoop.advanceTime(by: .hours(1))
        #expect(channel.isActive)
        _ = try channel.finish()
    }

    @Test func anAnswerBeforeTheBodyEndsDoesNotFreeTheBodyOfItsDeadline() throws {
        let channel = try connection()
        try channel.writeInbound(head)
        try channel.writeOutbound(ok)
        try channel.writeOutbound(HTTPResponsePart.end(nil))
        channel.embeddedEventLoop.advanceTime(by: .seconds(120))
        #expect(!channel.isActive)
    }

    @Test func aRequestSentAheadGetsItsOwnTime() throws {
        let channel = try connection()
        for _ in 1...2 {
            try channel.writeInbound(head)
            try channel.writeInbound(HTTPRequestPart.end(nil))
        }
        channel.embeddedEventLoop.advanceTime(by: .seconds(100))
        try channel.writeOutbound(ok)
        try channel.writeOutbound(HTTPResponsePart.end(nil))
        channel.embeddedEventLoop.advanceTime(by: .seconds(119))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    private let stream = HTTPResponsePart.head(
        HTTPResponse(status: .ok, headerFields: [.contentType: "text/event-stream"]))
    private let event = HTTPResponsePart.body(ByteBuffer(string: "id: 1\n\n"))

    private func streaming() throws -> EmbeddedChannel {
        let channel = try connection()
        try channel.writeInbound(head)
        try channel.writeInbound(HTTPRequestPart.end(nil))
        try channel.writeOutbound(stream)
        return channel
    }

    @Test func aStreamThatIsTakenHasNoDeadline() throws {
        let channel = try streaming()
        for _ in 1...100 {
            channel.embeddedEventLoop.advanceTime(by: .minutes(1))
            try channel.writeOutbound(event)
        }
        channel.embeddedEventLoop.advanceTime(by: .hours(1))
        #expect(channel.isActive)
        try channel.writeOutbound(HTTPResponsePart.end(nil))
        channel.embeddedEventLoop.advanceTime(by: .hours(1))
        #expect(channel.isActive)
    }

    @Test func aReaderWhoStopsTakingEventsIsDropped() throws {
        let channel = try streaming()
        // Never flushed: the client's window is closed.
        channel.write(event, promise: nil)
        channel.embeddedEventLoop.advanceTime(by: .seconds(20))
        channel.write(event, promise: nil)
        channel.embeddedEventLoop.advanceTime(by: .seconds(9))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(!channel.isActive)
    }

    @Test func aReaderWhoClosesHisSideIsLetGo() throws {
        let channel = try streaming()
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(!channel.isActive)
        let other = try connection()
        try other.writeInbound(head)
        other.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        #expect(other.isActive, "a client may close its side and still wait for an answer")
    }

    @Test(arguments: [
        ("100-continue", "8388608", true), ("100-Continue", nil, true), ("100-continue", "8388609", false),
        ("200-ok", "1", false),
    ]) func whoeverExpectsToBeAskedForTheBodyIsAsked(expectation: String, length: String?, isAsked: Bool) throws {
        let channel = try connection()
        var fields: HTTPFields = [.expect: expectation]
        fields[.contentLength] = length
        try channel.writeInbound(
            HTTPRequestPart.head(
                HTTPRequest(method: .put, scheme: nil, authority: nil, path: "/", headerFields: fields)))
        let answer = try channel.readOutbound(as: HTTPResponsePart.self)
        #expect(answer == (isAsked ? .head(HTTPResponse(status: .continue)) : nil))
    }

    @Test func whatIsNotHTTPGetsAProblemAndIsClosed() throws {
        let channel = try connection()
        channel.pipeline.fireErrorCaught(HTTPParserError.invalidMethod)
        guard case .head(let head) = try channel.readOutbound(as: HTTPResponsePart.self),
            case .body(let body) = try channel.readOutbound(as: HTTPResponsePart.self)
        else {
            Issue.record("no answer")
            return
        }
        #expect(head.status == .badRequest)
        #expect(head.headerFields[.contentType] == "application/problem+json")
        #expect(
            String(buffer: body)
                == #"{"detail":"The request is not HTTP/1.1 as RFC 9112 describes it.","parameters":{},"#
                + #""retry":false,"rule":"request.malformed","status":400,"title":"Bad Request","#
                + #""type":"about:blank"}"#)
        #expect(!channel.isActive)
    }

    @Test func anErrorWithinARequestIsLeftToTheRequest() throws {
        let channel = try connection()
        try channel.writeInbound(head)
        channel.pipeline.fireErrorCaught(HTTPParserError.invalidChunkSize)
        #expect(throws: HTTPParserError.invalidChunkSize) { try channel.throwIfErrorCaught() }
        #expect(try channel.readOutbound(as: HTTPResponsePart.self) == nil)
    }
}
