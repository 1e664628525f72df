import HTTPTypes
import HummingbirdTesting
import ProvChain
import Testing

@testable import ProvNode

/// Who gets the bytes of a restricted attachment, and what is left of it.
@Suite struct RestrictedReadTests {
    private static let audience = "http://node.example"
    private static let audiences = Audiences(publicURL: audience)

    private func token(
        _ reader: (party: Digest, key: SecretKey), chain: Digest, audience: String = audience, issued: Int64 = 0,
        life: UInt64 = 300
    ) -> ReadToken {
        let issuedAt = UInt64(Int64(WallClock.now() / 1_000) + issued)
        return ReadToken.signed(
            ReadToken.Claims(
                chain: chain, party: reader.party, audience: audience, issuedAt: issuedAt, expiry: issuedAt + life,
                nonce: SystemRandom.bytes(16)),
            by: reader.key)
    }

    /// A chain with one work whose manifest is restricted.
    private func restrictedManifest() async throws -> (TestNode, (party: Digest, key: SecretKey), Digest, [UInt8]) {
        let chain = try await TestNode()
        let owner = try await chain.enrol()
        let (statement, attachments, _) = try chain.registration(of: [4, 2], title: "Secret lamp", by: owner)
        let hash = SHA256.hash(attachments[0])
        let view = try await chain.node.submit(
            Submission(statement: statement.encoded, attachments: attachments, restricted: [hash]), wait: true)
        #expect(view.status == .final)
        return (chain, owner, hash, attachments[0])
    }

    private func rule(
        _ chain: TestNode, _ hash: Digest, _ token: ReadToken?
    ) async throws -> String? {
        do {
            _ = try await chain.node.read(attachment: hash, token: token?.text, at: Self.audiences)
            return nil
        } catch let problem as ProblemView {
            return problem.rule
        }
    }

    @Test func theOwnerAndReadersInOfficeReadAndItIsWrittenDown() async throws {
        let (chain, owner, hash, bytes) = try await restrictedManifest()
        let registrar = (party: chain.registrarID, key: chain.registrar)
        for (reader, ground) in [(owner, AccessLog.Ground.owner), (registrar, .role)] {
            let read = try await chain.node.read(
                attachment: hash, token: token(reader, chain: chain.chain).text, at: Self.audiences)
            #expect(read?.bytes == bytes)
            #expect(read?.dataClass == .restricted)
            _ = ground
        }
        #expect(chain.node.accessLog.head.number == 2)
        #expect(try AccessLog.verify(chain.home.accessLog).count == 2)
        // What is not restricted leaves no entry and needs no token.
        #expect(try await chain.node.attachment(hash) == nil)
    }

    @Test func nobodyElseReadsAndNothingIsWrittenDown() async throws {
        let (chain, owner, hash, _) = try await restrictedManifest()
        let stranger = try await chain.enrol(.edDSA)
        let other = try SecretKey(algorithm: .es256k, secret: SystemRandom.bytes(32))
        let good = chain.chain
        #expect(try await rule(chain, hash, nil) == "access.token-missing")
        #expect(try await rule(chain, hash, token(stranger, chain: good)) == "access.denied")
        let bad = [
            token(owner, chain: .zero), token(owner, chain: good, audience: "http://other.example"),
            token(owner, chain: good, issued: -301), token(owner, chain: good, issued: 120),
            token(owner, chain: good, life: 601), token((owner.party, other), chain: good),
            token((owner.party, stranger.key), chain: good), token((stranger.party, owner.key), chain: good),
        ]
        for (number, token) in bad.enumerated() {
            #expect(try await rule(chain, hash, token) == "access.token-invalid", "token \(number)")
        }
        #expect(chain.node.accessLog.head.number == 0)
    }

    @Test func aBrokenSignatureOpensNothing() async throws {
        let (chain, owner, hash, _) = try await restrictedManifest()
        var bytes = try #require(Base64URL.decode(token(owner, chain: chain.chain).text))
        bytes[bytes.count - 1] ^= 1
        await #expect(throws: ProblemView.self) {
            _ = try await chain.node.read(
                attachment: hash, token: Base64URL.encode(bytes), at: Self.audiences)
        }
    }

    @Test func whatIsPublicStaysPublicAndWhatIsRestrictedStaysRestricted() async throws {
        let (chain, _, hash, bytes) = try await restrictedManifest()
        try await chain.node.store(attachment: bytes, hash: hash, dataClass: .public)
        #expect(try await rule(chain, hash, nil) == "access.token-missing")
        let owner = try await chain.enrol()
        let (statement, attachments, _) = try chain.registration(of: [9], title: "Open lamp", by: owner)
        _ = try await chain.submit(statement, attachments)
        let open = SHA256.hash(attachments[0])
        await #expect(throws: Problems.alreadyPublic(open)) {
            try await chain.node.store(attachment: attachments[0], hash: open, dataClass: .restricted)
        }
        #expect(try await rule(chain, open, nil) == nil)
    }

    @Test func restrictedWordsAreNotSearchable() async throws {
        let chain = try await TestNode()
        let owner = try await chain.enrol()
        let (statement, attachments, _) = try chain.registration(of: [4], title: "Unspeakable", by: owner)
        _ = try await chain.node.submit(
            Submission(
                statement: statement.encoded, attachments: attachments, restricted: [SHA256.hash(attachments[1])]),
            wait: true)
        #expect(try await chain.node.search("unspeakable", limit: 5, after: nil).works.isEmpty)
        #expect(try await chain.node.record(.work(statement.derivedIdentifier))?.metadata == nil)
    }

    @Test func theAnswerMayNotBeKeptAndARefusalSaysWhatIsNeeded() async throws {
        let node = FakeNode()
        let uri = "/api/v1/attachments/\(Fixture.digits)"
        let read = try await send(.get, uri, to: node, authorization: "Bearer abc_-")
        #expect(await node.asked == "token abc_-")
        #expect(read.headers[.cacheControl] == "no-store")
        #expect(try await send(.get, uri, authorization: "Basic abc").status == .badRequest)
        let refused = try await send(.get, uri, to: FakeNode(failure: Problems.tokenMissing))
        #expect(refused.status == .unauthorized)
        #expect(refused.headers[.wwwAuthenticate] == "Bearer realm=\"provchain\"")
    }

    @Test func aNodeIsKnownByItsAddressOrByWhereItListens() {
        let audiences = Audiences()
        audiences.listening(host: "127.0.0.1", port: 8_420)
        #expect(audiences.contains("http://127.0.0.1:8420") && audiences.contains("http://localhost:8420"))
        #expect(!audiences.contains("http://127.0.0.1:8421") && !audiences.contains("https://127.0.0.1:8420"))
        let configured = Audiences(publicURL: "https://node.example")
        configured.listening(host: "127.0.0.1", port: 8_420)
        #expect(configured.contains("https://node.example") && !configured.contains("http://127.0.0.1:8420"))
    }
}
