import Foundation
import HTTPTypes
import HummingbirdTesting
import ProvChain
import Testing

@testable import ProvNode

/// What every address answers when all is well.
@Suite struct RoutesTests {
    private let digits = Fixture.digits

    private func expectJSON(_ uri: String, _ json: String, node: FakeNode = FakeNode()) async throws {
        let response = try await send(.get, uri, to: node)
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "application/json")
        #expect(response.headers[.cacheControl] == "no-cache")
        #expect(response.text == json)
    }

    private func expectBytes(
        _ uri: String, _ bytes: [UInt8], type: String, caching: String, disposition: String? = nil
    ) async throws {
        let response = try await send(.get, uri)
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == type)
        #expect(response.headers[.cacheControl] == caching)
        #expect(response.headers[.contentDisposition] == disposition)
        #expect(response.bytes == bytes)
    }

    @Test func aStatementAloneIsSubmittedAsCOSE() async throws {
        let node = FakeNode()
        let response = try await send(
            .post, "/api/v1/statements", to: node, type: "application/cose; cose-type=\"cose-sign1\"", body: [0xD2])
        #expect(response.status == .ok)
        #expect(response.text == Fixture.statement)
        #expect(await node.submissions == [Submission(statement: [0xD2])])
        #expect(await node.asked == "wait true")
    }

    @Test func aStatementWithAttachmentsIsSubmittedAsCBOR() async throws {
        let node = FakeNode()
        let body: [UInt8] = [0xA2, 0x01, 0x41, 0xD2, 0x02, 0x81, 0x42, 0x07, 0x08]
        let response = try await send(
            .post, "/api/v1/statements?wait=submitted", to: node,
            type: "Application/vnd.provchain.submission+cbor", body: body)
        #expect(response.status == .ok)
        #expect(await node.submissions == [Submission(statement: [0xD2], attachments: [[7, 8]])])
        #expect(await node.asked == "wait false")
    }

    @Test func aPendingStatementIsAcceptedAndSaysWhereToAsk() async throws {
        let response = try await send(
            .post, "/api/v1/statements?wait=final", to: FakeNode(status: .pending), type: "application/cose",
            body: [0xD2])
        #expect(response.status == .accepted)
        #expect(response.text == Fixture.pending)
        #expect(response.headers[.location] == "/api/v1/statements/\(digits)")
    }

    @Test func aStatementIsFoundByDigitsOrURN() async throws {
        try await expectJSON("/api/v1/statements/\(digits)", Fixture.statement)
        try await expectJSON("/api/v1/statements/urn:provchain:statement:\(digits)", Fixture.statement)
        try await expectJSON("/api/v1/statements/urn%3Aprovchain%3Astatement%3A\(digits)", Fixture.statement)
        try await expectJSON("/api/v1/statements/\(digits)", Fixture.pending, node: FakeNode(status: .pending))
    }

    @Test func statementBytesAndReceiptAreCOSE() async throws {
        let forever = "public, max-age=31536000, immutable"
        try await expectBytes(
            "/api/v1/statements/\(digits)/raw", [0xD2, 0x84], type: "application/cose", caching: forever)
        try await expectBytes(
            "/api/v1/statements/\(digits)/receipt", [0xD2, 0x85], type: "application/cose", caching: "no-cache")
    }

    @Test func aRecordIsJSONOrCBORAsAsked() async throws {
        try await expectJSON("/api/v1/records/\(Fixture.workURN)", Fixture.record)
        try await expectJSON("/api/v1/records/urn%3aprovchain%3awork%3a\(digits)", Fixture.record)
        let cbor = try await send(.get, "/api/v1/records/\(Fixture.workURN)", accept: "application/cbor, */*")
        #expect(cbor.headers[.contentType] == "application/cbor")
        #expect(cbor.headers[.vary] == "Accept")
        #expect(cbor.bytes == [0xA1, 0x01, 0x02])
    }

    @Test func aHistoryComesInPages() async throws {
        let node = FakeNode()
        let uri = "/api/v1/records/\(Fixture.workURN)/history"
        try await expectJSON(uri, Fixture.history, node: node)
        #expect(await node.asked == "from 1 limit 1000 asOf now")
        try await expectJSON(uri + "?from=5&limit=1&asOf=0", Fixture.history, node: node)
        #expect(await node.asked == "from 5 limit 1 asOf 0")
    }

    @Test func aBundleIsAFileNamedForItsRecord() async throws {
        try await expectBytes(
            "/api/v1/proofs/\(Fixture.workURN)", [0xB0], type: "application/vnd.provchain.bundle+cbor",
            caching: "no-cache", disposition: "attachment; filename=\"work-\(digits).provbundle\"")
    }

    @Test func lookAlikesAreAskedForByPrintAndByISCC() async throws {
        let node = FakeNode()
        let print = String(repeating: "0a", count: 96)
        try await expectJSON(
            "/api/v1/similar/print/\(print)?limit=3",
            #"{"algorithm":"rsh96/1","complete":true,"searched":7,"similar":[]}"#, node: node)
        #expect(await node.asked == "print 0a0a limit 3")
        let code = FileDigests(of: [1]).dataCode()
        let bits = try #require(ISCCBits([code]).data)
        try await expectJSON(
            "/api/v1/similar/iscc/\(code.text)",
            #"{"algorithm":"iscc","complete":true,"searched":7,"similar":[]}"#, node: node)
        #expect(await node.asked == "data \(bits) limit 20")
        for wrong in [
            "print/\(print.dropLast())", "print/\(print.uppercased())", "iscc/ISCC:AAAA", "print/\(print)?limit=101",
            "iscc/\(code.text)?after=1",
        ] {
            let response = try await send(.get, "/api/v1/similar/\(wrong)")
            #expect(response.status == .badRequest, "\(wrong)")
        }
    }

    @Test func aLookupAnswersEvenIfNobodyClaims() async throws {
        try await expectJSON("/api/v1/lookup/\(digits)", Fixture.lookup)
        let zero = Digest.zero.hex
        try await expectJSON("/api/v1/lookup/\(zero)", #"{"claims":[],"count":0,"hash":"\#(zero)"}"#)
    }

    @Test func searchTakesWordsAsFormsSendThem() async throws {
        let node = FakeNode()
        try await expectJSON("/api/v1/search?q=r%C3%B6hre+blau%2B&after=n", Fixture.works, node: node)
        #expect(await node.asked == "röhre blau+ limit 20 after n")
    }

    @Test func worksOfAPartyComeInPages() async throws {
        let node = FakeNode()
        try await expectJSON("/api/v1/parties/\(digits)/works", Fixture.works, node: node)
        #expect(await node.asked == "true limit 100 after the start")
        try await expectJSON(
            "/api/v1/parties/urn:provchain:party:\(digits)/works?limit=1000", Fixture.works, node: node)
        #expect(await node.asked == "true limit 1000 after the start")
    }

    @Test func aBlockIsNamedByHeightOrAsTheLatest() async throws {
        let node = FakeNode()
        try await expectJSON("/api/v1/blocks/7", Fixture.block, node: node)
        #expect(await node.asked == "height 7")
        try await expectJSON("/api/v1/blocks/latest", Fixture.block, node: node)
        #expect(await node.asked == "latest")
    }

    @Test func aValidatorIsNamedWithTheAddressThatTheConfigurationHasForItsMember() async throws {
        let response = try await send(
            .get, "/api/v1/chain", apis: ["Museum": "http://other.example", "Archive": "http://archive.example"])
        let view = try JSONDecoder().decode(ChainView.self, from: Data(response.bytes))
        #expect(view.validators.map(\.url) == ["http://other.example"])
    }

    @Test func theChainAndItsGenesis() async throws {
        try await expectJSON("/api/v1/chain", Fixture.chain)
        try await expectBytes(
            "/api/v1/genesis", [0xA0], type: "application/cbor", caching: "no-cache",
            disposition: "attachment; filename=\"genesis.cbor\"")
    }

    @Test func attachmentsAreReadAndGivenBack() async throws {
        try await expectBytes(
            "/api/v1/attachments/\(digits)", Array("mesh".utf8), type: "application/octet-stream",
            caching: "public, max-age=31536000, immutable", disposition: "attachment; filename=\"\(digits)\"")
        // SHA-256 of "abc", FIPS 180-2 appendix B.1.
        let hash = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        let node = FakeNode()
        let response = try await send(
            .put, "/api/v1/attachments/\(hash)", to: node, type: "application/octet-stream", body: Array("abc".utf8))
        #expect(response.status == .noContent)
        #expect(response.bytes.isEmpty)
        #expect(await node.stored.map(\.key.hex) == [hash])
    }

    @Test func theLogIsServedAsTilesDemand() async throws {
        try await expectBytes(
            "/log/checkpoint", Array("log.example\n1\nAAA=\n".utf8), type: "text/plain; charset=utf-8",
            caching: "max-age=2")
        for path in ["0/x001/234.p/5", "entries/000"] {
            try await expectBytes(
                "/log/tile/\(path)", [1, 2, 3], type: "application/octet-stream",
                caching: "public, max-age=31536000, immutable")
        }
    }

    @Test func healthAndReadiness() async throws {
        try await expectBytes(
            "/healthz", Array("ok\n".utf8), type: "text/plain; charset=utf-8", caching: "no-store")
        try await expectBytes(
            "/readyz", Array("ready\n".utf8), type: "text/plain; charset=utf-8", caching: "no-store")
    }

    @Test func theLandingPageNamesTheChainAndLoadsNothing() async throws {
        let response = try await send(.get, "/")
        #expect(response.status == .ok)
        #expect(response.headers[.contentType] == "text/html; charset=utf-8")
        #expect(response.text.contains("<h1>log.example/&lt;registry&gt;</h1>"))
        #expect(response.text.contains("<dt>Height</dt><dd>7</dd>"))
        #expect(response.text.contains("href=\"/api/v1/openapi.json?pretty\""))
        #expect(!response.text.contains("src="))
        #expect(!response.text.contains("http"))
        #expect(response.headers[.contentSecurityPolicy]?.hasPrefix("default-src 'none'; style-src") == true)
    }

    @Test func prettyJSONHasLinesForPeople() async throws {
        for uri in ["/api/v1/lookup/\(Digest.zero.hex)?pretty", "/api/v1/lookup/\(Digest.zero.hex)?pretty=true"] {
            let text = try await send(.get, uri).text
            #expect(text.hasPrefix("{\n"))
            #expect(text.hasSuffix("}\n"))
        }
        try await expectJSON("/api/v1/lookup/\(digits)?pretty=false", Fixture.lookup)
    }

    @Test func headAnswersLikeGetWithoutABody() async throws {
        for uri in ["/api/v1/chain", "/log/checkpoint", "/", "/nothing", "/api/v1/blocks/9"] {
            let get = try await send(.get, uri)
            let head = try await send(.head, uri)
            #expect(head.status == get.status)
            #expect(head.headers == get.headers)
            #expect(head.headers[.contentLength] == String(get.bytes.count))
            #expect(head.bytes.isEmpty)
        }
    }

    @Test func pagesFromAnywhereMayRead() async throws {
        for uri in ["/api/v1/chain", "/nothing"] {
            let response = try await send(.get, uri)
            #expect(response.headers[.accessControlAllowOrigin] == "*")
            #expect(response.headers[.xContentTypeOptions] == "nosniff")
            #expect(response.headers[.contentSecurityPolicy] == "default-src 'none'; frame-ancestors 'none'")
        }
        let preflight = try await send(.options, "/api/v1/statements")
        #expect(preflight.status == .noContent)
        #expect(preflight.headers[.allow] == "OPTIONS, POST")
        #expect(preflight.headers[.accessControlAllowMethods] == "GET, HEAD")
        let post = try await send(.post, "/api/v1/statements", type: "application/cose", body: [0xD2])
        #expect(post.headers[.accessControlAllowOrigin] == nil)
        #expect(post.headers[.xContentTypeOptions] == "nosniff")
    }
}
