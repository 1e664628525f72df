import HTTPTypes
import HummingbirdTesting
import ProvChain
import Testing

@testable import ProvNode

/// The bounds on requests, at them and over them.
@Suite struct RequestLimitsTests {
    private func tooLarge(_ limit: Int) -> String {
        #"{"detail":"The request's body is larger than the \#(limit) bytes that this address takes.","#
            + #""parameters":{"limit":"\#(limit)"},"retry":false,"rule":"request.too-large","status":413,"#
            + #""title":"Content Too Large","type":"about:blank"}"#
    }

    @Test func aStatementHasAtMost65535Bytes() async throws {
        let node = FakeNode()
        func submit(_ count: Int) async throws -> TestResponse {
            try await send(
                .post, "/api/v1/statements", to: node, type: "application/cose",
                body: [UInt8](repeating: 1, count: count))
        }
        #expect(try await submit(65_535).status == .ok)
        #expect(await node.submissions.first?.statement.count == 65_535)
        expect(try await submit(65_536), 413, tooLarge(65_535))
        #expect(await node.submissions.count == 1)
    }

    @Test func aStatementInASubmissionHasAtMost65535Bytes() async throws {
        func submit(_ count: Int) async throws -> TestResponse {
            let submission = Submission(statement: [UInt8](repeating: 1, count: count))
            return try await send(.post, "/api/v1/statements", type: Submission.contentType, body: submission.cbor)
        }
        #expect(try await submit(65_535).status == .ok)
        expect(
            try await submit(65_536), 413,
            #"{"detail":"The statement has 65536 bytes; at most 65535 fit.","parameters":{"found":"65536","#
                + #""limit":"65535"},"retry":false,"rule":"statement.too-large","status":413,"#
                + #""title":"Content Too Large","type":"about:blank"}"#)
    }

    @Test func aSubmissionHasAtMost8MiB() async throws {
        func submit(_ surplus: Int) async throws -> TestResponse {
            // Map, key 1, one byte of statement, key 2, array: 6 bytes. Each long byte string has 5 more.
            let first = [UInt8](repeating: 1, count: Limits.attachmentBytes)
            let second = [UInt8](repeating: 1, count: (8 << 20) - 6 - 10 - first.count + surplus)
            let submission = Submission(statement: [0xD2], attachments: [first, second])
            #expect(submission.cbor.count == (8 << 20) + surplus)
            return try await send(.post, "/api/v1/statements", type: Submission.contentType, body: submission.cbor)
        }
        #expect(try await submit(0).status == .ok)
        expect(try await submit(1), 413, tooLarge(8 << 20))
    }

    @Test func anAttachmentHasAtMost4MiB() async throws {
        func put(_ count: Int) async throws -> TestResponse {
            let bytes = [UInt8](repeating: 1, count: count)
            return try await send(
                .put, "/api/v1/attachments/\(SHA256.hash(bytes).hex)", type: "application/octet-stream", body: bytes)
        }
        #expect(try await put(4 << 20).status == .noContent)
        expect(try await put(4 << 20 + 1), 413, tooLarge(4 << 20))
    }

    @Test func aTargetHasAtMost4096Bytes() async throws {
        let start = "/api/v1/search?q=a&"
        let padding = String(repeating: "&", count: 4_096 - start.utf8.count)
        #expect(try await send(.get, start + padding).status == .ok)
        expect(
            try await send(.get, start + padding + "&"), 414,
            #"{"detail":"The path and query have 4097 bytes; at most 4096 are taken.","parameters":{"#
                + #""found":"4097","limit":"4096"},"retry":false,"rule":"request.target-too-long","status":414,"#
                + #""title":"URI Too Long","type":"about:blank"}"#)
    }

    @Test func wordsHaveAtMost1000Bytes() async throws {
        let words = String(repeating: "ö", count: 500)
        let encoded = String(repeating: "%C3%B6", count: 500)
        let node = FakeNode()
        #expect(try await send(.get, "/api/v1/search?q=\(encoded)", to: node).status == .ok)
        #expect(await node.asked == "\(words) limit 20 after the start")
        #expect(try await send(.get, "/api/v1/search?q=\(encoded)a", to: node).status == .badRequest)
    }

    @Test func bodiesTogetherHaveABudget() async throws {
        let budget = BodyBudget(limit: 10)
        func submit(_ count: Int) async throws -> TestResponse {
            try await send(
                .post, "/api/v1/statements", type: "application/cose", body: [UInt8](repeating: 1, count: count),
                bodies: budget)
        }
        #expect(try await submit(10).status == .ok)
        let response = try await submit(11)
        expect(
            response, 503,
            #"{"detail":"The node is taking in as much as it can hold. Send the request again later.","#
                + #""parameters":{},"retry":true,"rule":"node.busy","status":503,"title":"Service Unavailable","#
                + #""type":"about:blank"}"#)
        #expect(response.headers[.retryAfter] == "1")

        let besideFour = try await budget.reserving(4) {
            [try await submit(6).status.code, try await submit(7).status.code]
        }
        #expect(besideFour == [200, 503])
        // What failed or finished holds nothing.
        #expect(try await submit(10).status == .ok)
    }

    @Test func aBodyThatDeclaresNoLengthCountsAsTheMostItMayBe() async throws {
        let budget = BodyBudget(limit: Limits.statementBytes - 1)
        let response = try await send(.post, "/api/v1/statements", type: "application/cose", bodies: budget)
        #expect(response.status == .serviceUnavailable)
    }

    @Test func anExchangeOutlastsTheWaitForFinality() {
        #expect(RequestLimits.exchangeSeconds > NodeLimits.finalWaitSeconds)
        #expect(RequestLimits.bodiesInFlightBytes >= NodeLimits.requestBytes)
    }
}
