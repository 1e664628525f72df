import HTTPTypes
import HummingbirdTesting
import ProvChain
import Testing

@testable import ProvNode

/// Every error is a problem document (RFC 9457), exactly as written here.
@Suite struct ProblemTests {
    private let zero = Digest.zero.hex

    @Test func whatIsNotThereIs404() async throws {
        let nothing =
            #"{"detail":"There is nothing at this address. /api/v1/openapi.json lists the addresses.","#
            + #""parameters":{},"retry":false,"rule":"not-found","status":404,"title":"Not Found","type":"about:blank"}"#
        for uri in ["/nothing", "/api/v1", "/api/v1/chain/", "//api/v1/chain", "/API/v1/chain", "/log/tile"] {
            expect(try await send(.get, uri), 404, nothing)
        }
        expect(try await send(.init("PROPFIND")!, "/nothing"), 404, nothing)
        expect(
            try await send(.get, "/api/v1/statements/\(zero)"), 404,
            #"{"detail":"This node knows no statement \#(zero).","parameters":{"statement":"\#(zero)"},"#
                + #""retry":false,"rule":"not-found","status":404,"title":"Not Found","type":"about:blank"}"#)
        let urn = "urn:provchain:work:\(zero)"
        let noRecord =
            #"{"detail":"The registry has no record \#(urn).","parameters":{"urn":"\#(urn)"},"retry":false,"#
            + #""rule":"not-found","status":404,"title":"Not Found","type":"about:blank"}"#
        for uri in ["records/\(urn)", "records/\(urn)/history", "proofs/\(urn)"] {
            expect(try await send(.get, "/api/v1/\(uri)"), 404, noRecord)
        }
        expect(try await send(.get, "/api/v1/records/\(urn)", accept: "application/cbor"), 404, noRecord)
        for uri in ["blocks/8", "attachments/\(zero)", "statements/\(zero)/raw", "statements/\(zero)/receipt"] {
            #expect(try await send(.get, "/api/v1/\(uri)").status == .notFound)
        }
    }

    @Test func aTileThatCannotExistIs404() async throws {
        let noTile =
            #"{"detail":"The log has no such tile.","parameters":{},"retry":false,"rule":"not-found","status":404,"#
            + #""title":"Not Found","type":"about:blank"}"#
        let paths = [
            "0/001", "0/x001/234", "0/1", "8/000", "0/000.p/0", "0/000.p/256", "0/%30%300", "entries/000.p",
            "data/000", "0/x000/001", "0/000/001", "0",
        ]
        for path in paths { expect(try await send(.get, "/log/tile/\(path)"), 404, noTile) }
    }

    @Test func aReceiptThatIsNotYetThereMayComeLater() async throws {
        let digits = Fixture.digits
        expect(
            try await send(.get, "/api/v1/statements/\(digits)/receipt", to: FakeNode(status: .pending)), 404,
            #"{"detail":"The statement \#(digits) is not final, so it has no receipt yet. Ask again later.","#
                + #""parameters":{"statement":"\#(digits)"},"retry":true,"rule":"receipt.not-yet","status":404,"#
                + #""title":"Not Found","type":"about:blank"}"#)
    }

    @Test func aWrongMethodIs405WithTheRightOnes() async throws {
        let response = try await send(.delete, "/api/v1/chain")
        expect(
            response, 405,
            #"{"detail":"This address does not answer DELETE. It answers GET, HEAD, OPTIONS.","#
                + #""parameters":{"allowed":"GET, HEAD, OPTIONS","method":"DELETE"},"retry":false,"#
                + #""rule":"method-not-allowed","status":405,"title":"Method Not Allowed","type":"about:blank"}"#)
        #expect(response.headers[.allow] == "GET, HEAD, OPTIONS")
        #expect(try await send(.get, "/api/v1/statements").headers[.allow] == "OPTIONS, POST")
        #expect(try await send(.head, "/api/v1/statements").status == .methodNotAllowed)
        #expect(
            try await send(.post, "/api/v1/attachments/\(zero)").headers[.allow] == "GET, HEAD, OPTIONS, PUT")
        #expect(try await send(.post, "/log/tile/0/000").status == .methodNotAllowed)
        #expect(try await send(.init("BREW")!, "/").status == .methodNotAllowed)
    }

    @Test func aWrongContentTypeIs415WithTheRightOnes() async throws {
        let response = try await send(.post, "/api/v1/statements", type: "application/json", body: [0x7B])
        expect(
            response, 415,
            #"{"detail":"The Content-Type application/json is not taken here. Send application/cose, "#
                + #"application/vnd.provchain.submission+cbor.","parameters":{"contentType":"application/json","#
                + #""supported":"application/cose, application/vnd.provchain.submission+cbor"},"retry":false,"#
                + #""rule":"unsupported-media-type","status":415,"title":"Unsupported Media Type","#
                + #""type":"about:blank"}"#)
        #expect(response.headers[.accept] == "application/cose, application/vnd.provchain.submission+cbor")
        expect(
            try await send(.put, "/api/v1/attachments/\(zero)", body: [1]), 415,
            #"{"detail":"The request has no Content-Type. Send application/octet-stream.","#
                + #""parameters":{"contentType":"","supported":"application/octet-stream"},"retry":false,"#
                + #""rule":"unsupported-media-type","status":415,"title":"Unsupported Media Type","#
                + #""type":"about:blank"}"#)
    }

    private func bad(_ name: String, _ expected: String) -> String {
        #"{"detail":"The parameter \#(name) must be \#(expected).","parameters":{"expected":"\#(expected)","#
            + #""parameter":"\#(name)"},"retry":false,"rule":"parameter.malformed","status":400,"#
            + #""title":"Bad Request","type":"about:blank"}"#
    }

    @Test func aBadParameterIsNamedWithWhatItShouldLookLike() async throws {
        let digits = Fixture.digits
        let history = "/api/v1/records/\(Fixture.workURN)/history"
        let exact = "9007199254740991"
        let cases: [(String, String, String)] = [
            (
                "/api/v1/records/work", "urn",
                "a URN such as urn:provchain:work: followed by 64 lower-case hexadecimal digits"
            ),
            (
                "/api/v1/proofs/urn%3Aprovchain%3Awork%3A%GG", "urn",
                "a URN such as urn:provchain:work: followed by 64 lower-case hexadecimal digits"
            ),
            ("/api/v1/lookup/\(digits)0", "sha256", "64 hexadecimal digits"),
            ("/api/v1/attachments/\(digits.dropLast())g", "sha256", "64 hexadecimal digits"),
            (
                "/api/v1/statements/\(Fixture.workURN)", "id",
                "64 hexadecimal digits, or urn:provchain:statement: followed by them"
            ),
            (
                "/api/v1/parties/\(Fixture.workURN)/works", "party",
                "64 hexadecimal digits, or urn:provchain:party: followed by them"
            ),
            ("/api/v1/blocks/-1", "height", "a block's height, or latest"),
            ("/api/v1/blocks/07", "height", "a block's height, or latest"),
            (history + "?from=0", "from", "a whole number from 1 to \(exact)"),
            (history + "?from=9007199254740992", "from", "a whole number from 1 to \(exact)"),
            (history + "?limit=0", "limit", "a whole number from 1 to 1000"),
            (history + "?limit=1001", "limit", "a whole number from 1 to 1000"),
            (history + "?limit=+1", "limit", "a whole number from 1 to 1000"),
            (history + "?asOf=yesterday", "asOf", "a whole number from 0 to \(exact)"),
            ("/api/v1/search?q=", "q", "text of 1 to 1000 bytes"),
            ("/api/v1/search?q=a&limit=101", "limit", "a whole number from 1 to 100"),
            ("/api/v1/search?q=a&after=", "after", "text of 1 to 1000 bytes"),
            ("/api/v1/chain?pretty=yes", "pretty", "without a value, or true or false"),
        ]
        for (uri, name, expected) in cases { expect(try await send(.get, uri), 400, bad(name, expected)) }
        let node = FakeNode()
        expect(
            try await send(.post, "/api/v1/statements?wait=1", to: node, type: "application/cose", body: [0xD2]), 400,
            bad("wait", "final or submitted"))
        #expect(
            try await send(.post, "/api/v1/statements?pretty=1", to: node, type: "application/cose", body: [0xD2])
                .status == .badRequest)
        #expect(await node.submissions.isEmpty)
    }

    @Test func aMissingUnknownOrRepeatedParameterIsNamed() async throws {
        expect(
            try await send(.get, "/api/v1/search"), 400,
            #"{"detail":"The parameter q is needed: text of 1 to 1000 bytes.","parameters":{"#
                + #""expected":"text of 1 to 1000 bytes","parameter":"q"},"retry":false,"rule":"parameter.missing","#
                + #""status":400,"title":"Bad Request","type":"about:blank"}"#)
        expect(
            try await send(.get, "/api/v1/chain?asof=1"), 400,
            #"{"detail":"This address has no parameter asof. Its parameters: pretty.","parameters":{"#
                + #""known":"pretty","parameter":"asof"},"retry":false,"rule":"parameter.unknown","status":400,"#
                + #""title":"Bad Request","type":"about:blank"}"#)
        expect(
            try await send(.get, "/api/v1/search?q=a&q=b"), 400,
            #"{"detail":"The parameter q may be given once.","parameters":{"parameter":"q"},"retry":false,"#
                + #""rule":"parameter.repeated","status":400,"title":"Bad Request","type":"about:blank"}"#)
        // A path parameter cannot be replaced by way of the query.
        #expect(try await send(.get, "/api/v1/blocks/7?height=8").status == .badRequest)
        expect(
            try await send(.get, "/api/v1/search?q=%ff"), 400,
            #"{"detail":"The query is not percent-encoded UTF-8.","parameters":{"#
                + #""expected":"percent-encoded UTF-8","parameter":"query"},"retry":false,"#
                + #""rule":"parameter.malformed","status":400,"title":"Bad Request","type":"about:blank"}"#)
    }

    @Test func whatIsNotASubmissionIs400() async throws {
        expect(
            try await send(.post, "/api/v1/statements", type: "application/cose", body: []), 400,
            #"{"detail":"The statement is empty.","parameters":{},"retry":false,"rule":"statement.malformed","#
                + #""status":400,"title":"Bad Request","type":"about:blank"}"#)
        let response = try await send(.post, "/api/v1/statements", type: Submission.contentType, body: [0xA0])
        #expect(response.status == .badRequest)
        #expect(response.text.contains(#""rule":"statement.malformed""#))
    }

    @Test func anAttachmentMustHaveTheHashItIsStoredUnder() async throws {
        let node = FakeNode()
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        expect(
            try await send(
                .put, "/api/v1/attachments/\(zero)", to: node, type: "application/octet-stream",
                body: Array("abc".utf8)), 422,
            #"{"detail":"The SHA-256 of the body is \#(abc), not \#(zero).","parameters":{"expected":"\#(zero)","#
                + #""found":"\#(abc)"},"retry":false,"rule":"attachment.wrong-hash","status":422,"#
                + #""title":"Unprocessable Content","type":"about:blank"}"#)
        #expect(await node.stored.isEmpty)
    }

    @Test func aProblemOfTheNodeIsPassedOn() async throws {
        let full = ProblemView(
            title: "Too many statements", status: 429, detail: "Full.", rule: "node.mempool-full",
            parameters: ["limit": "5"], retry: true)
        let response = try await send(
            .post, "/api/v1/statements", to: FakeNode(failure: full), type: "application/cose", body: [0xD2])
        expect(
            response, 429,
            #"{"detail":"Full.","parameters":{"limit":"5"},"retry":true,"rule":"node.mempool-full","status":429,"#
                + #""title":"Too many statements","type":"about:blank"}"#)
        #expect(response.headers[.retryAfter] == "1")
    }

    @Test func anUnforeseenErrorIs500AndTellsNothing() async throws {
        struct Secret: Error {}
        expect(
            try await send(.get, "/api/v1/chain", to: FakeNode(failure: Secret())), 500,
            #"{"detail":"The node failed to answer. Its log has the reason.","parameters":{},"retry":true,"#
                + #""rule":"node.internal-error","status":500,"title":"Internal Server Error","#
                + #""type":"about:blank"}"#)
    }

    @Test func aNodeThatIsNotReadySaysSo() async throws {
        let response = try await send(.get, "/readyz", to: FakeNode(ready: false))
        expect(
            response, 503,
            #"{"detail":"The node is catching up with the chain. Ask again later.","parameters":{},"retry":true,"#
                + #""rule":"node.not-ready","status":503,"title":"Service Unavailable","type":"about:blank"}"#)
        #expect(response.headers[.retryAfter] == "1")
    }

    @Test func workThatIsCancelledIsTheNodeStopping() async throws {
        let response = try await send(.get, "/api/v1/chain", to: FakeNode(failure: CancellationError()))
        #expect(response.status == .serviceUnavailable)
        #expect(response.text.contains(#""rule":"node.stopping""#))
    }

    @Test func aProblemIsPrettyIfAsked() async throws {
        #expect(try await send(.get, "/nothing?pretty").text.hasPrefix("{\n  \"detail\""))
    }
}
