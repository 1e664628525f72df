@testable import ProvChain
import Testing

/// How to break one rule, and only that one: a chain brought to the point, and the statement it must refuse.
struct Provocation: Sendable, CustomTestStringConvertible {
    let rule: Rule
    var parameters = Parameters()
    let statement: @Sendable (inout TestChain) throws -> Statement

    init(
        _ rule: Rule, parameters: Parameters = Parameters(),
        _ statement: @escaping @Sendable (inout TestChain) throws -> Statement
    ) {
        self.rule = rule
        self.parameters = parameters
        self.statement = statement
    }

    var testDescription: String { rule.rawValue }

    /// Rules that are judged before execution, each with a test of its own in `StatementTests`.
    static let beforeExecution: Set<Rule> = [.malformed, .tooLarge, .badSignature]

    static let all = ofClaims + ofKeys + ofParties + ofWorks + ofTitles + ofAnswers
}

extension Provocation {
    static let ofClaims: [Provocation] = [
        Provocation(.tooCostly, parameters: cheap) { chain in
            let alice = try chain.enrol("alice")
            return try chain.registration(
                TestChain.content("vase", distinctive: (0..<20).map { "part \($0)" }), by: alice
            ).statement
        },
        Provocation(.wrongChain) { chain in
            let party = chain.registrar
            return try chain.sign(
                .acceptTitle(AnswerOffer()), .offer(.zero), by: party, chain: TestChain.hash("another chain"))
        },
        Provocation(.expired) { chain in
            let statement = try chain.registration(TestChain.content("vase"), by: chain.registrar).statement
            try chain.append([], seconds: 599)
            return statement
        },
        Provocation(.lifetimeTooLong) { chain in
            try chain.sign(.acceptTitle(AnswerOffer()), .offer(.zero), by: chain.registrar, lifetime: 3_602)
        },
        Provocation(.replayed) { chain in
            let statement = try chain.registration(TestChain.content("vase"), by: chain.registrar).statement
            try chain.append([statement])
            return statement
        },
        Provocation(.wrongSubject) { chain in
            let payload = Payload.registerWork(TestChain.registerWork(TestChain.content("vase")))
            return try chain.sign(payload, .work(.zero), by: chain.registrar)
        },
        Provocation(.notAllowedHere) { chain in
            try chain.sign(.openChain(OpenChain()), .chain(chain.chain), by: chain.registrar)
        },
    ]

    private static let cheap: Parameters = {
        var parameters = Parameters()
        parameters.maximumStatementCost = 150
        return parameters
    }()

    static let ofKeys: [Provocation] = [
        Provocation(.unknownParty) { chain in
            let (stranger, _) = try chain.applicant("stranger")
            return try chain.registration(TestChain.content("vase"), by: stranger).statement
        },
        Provocation(.unknownKey) { chain in
            let key = try TestParty.key("never enrolled")
            return try chain.sign(.acceptTitle(AnswerOffer()), .offer(.zero), by: chain.registrar, key: key)
        },
        Provocation(.foreignKey) { chain in
            let alice = try chain.enrol("alice")
            return try chain.sign(.acceptTitle(AnswerOffer()), .offer(.zero), by: chain.registrar, key: alice.key)
        },
        Provocation(.retiredKey) { chain in
            let alice = try chain.enrol("alice")
            try chain.append([chain.rotation(of: alice, to: TestParty.key("alice 2"))])
            return try chain.registration(TestChain.content("vase"), by: alice).statement
        },
        Provocation(.wrongPurpose) { chain in
            let alice = try chain.enrolWithRecoveryKey("alice")
            return try chain.sign(
                .acceptTitle(AnswerOffer()), .offer(.zero), by: alice, key: TestParty.key("alice recovery"))
        },
        Provocation(.wrongAlgorithm) { chain in
            // The header names the Ed25519 key, but another algorithm.
            let alice = try chain.enrol("alice", .edDSA)
            let seconds = chain.now / 1_000
            let claims = Statement.Claims(
                issuer: alice.id, subject: .offer(.zero), chain: chain.chain, expiry: seconds + 60,
                issuedAt: seconds, nonce: chain.nextNonce())
            let header = Statement.Header(
                algorithm: .es256k, type: .acceptTitle, kid: alice.key.publicKey.kid, claims: claims)
            let envelope = COSESign1.signed(
                protected: header.cbor, payload: AnswerOffer().cbor, by: try TestParty.key("any", .es256k))
            return try Statement(encoded: envelope.cbor)
        },
    ]

    static let ofParties: [Provocation] = [
        Provocation(.notRegistrar) { chain in
            let alice = try chain.enrol("alice")
            return try chain.enrolment(chain.applicant("bob").application, by: alice)
        },
        Provocation(.partyExists) { chain in
            _ = try chain.enrol("alice")
            return try chain.enrolment(chain.applicant("alice").application)
        },
        Provocation(.keyTaken) { chain in
            // Bob applies with a second key that is Alice's recovery key.
            _ = try chain.enrolWithRecoveryKey("alice")
            return try chain.enrolment(
                chain.application(of: "bob", recovery: TestParty.key("alice recovery")))
        },
        Provocation(.noPossession) { chain in
            let alice = try chain.enrol("alice")
            let fresh = try TestParty.key("alice 2")
            let entry = TestChain.entry(fresh, .sign, chain: chain.chain.bytes, party: chain.registrar.id)
            return try chain.sign(
                .rotateKey(RotateKey(entry: entry, retired: alice.key.publicKey.kid)), .party(alice.id), by: alice)
        },
        Provocation(.invalidApplication) { chain in
            var bytes = try chain.applicant("alice").application.encoded
            bytes[bytes.count - 1] ^= 1
            return try chain.sign(
                .enrolParty(EnrolParty(application: bytes)), .party(.zero), by: chain.registrar)
        },
        Provocation(.wrongApplicationChain) { chain in
            let application = try SignedApplication.make(
                kind: .person, key: TestParty.key("alice"), chain: TestChain.hash("another chain"))
            return try chain.enrolment(application)
        },
        Provocation(.retiredKeyNotHeld) { chain in
            let alice = try chain.enrol("alice")
            return try chain.rotation(
                of: alice, to: TestParty.key("alice 2"), retired: chain.registrar.key.publicKey.kid)
        },
        Provocation(.otherKeySigned) { chain in
            let recovery = try TestParty.key("alice's recovery")
            let application = try chain.application(of: "alice", recovery: recovery)
            try chain.append([chain.enrolment(application)])
            let alice = TestParty(id: application.party, key: try TestParty.key("alice"))
            return try chain.rotation(
                of: alice, to: TestParty.key("alice 2"), retired: recovery.publicKey.kid)
        },
        Provocation(.purposeChanged) { chain in
            let alice = try chain.enrol("alice")
            let fresh = try TestParty.key("alice 2")
            let entry = TestChain.entry(fresh, .recover, chain: chain.chain.bytes, party: alice.id)
            return try chain.sign(
                .rotateKey(RotateKey(entry: entry, retired: alice.key.publicKey.kid)), .party(alice.id), by: alice)
        },
    ]
}

extension TestChain {
    mutating func rotation(
        of party: TestParty, to fresh: SecretKey, retired: Digest? = nil, signedBy key: SecretKey? = nil
    ) throws -> Statement {
        let entry = Self.entry(fresh, .sign, chain: chain.bytes, party: party.id)
        return try sign(
            .rotateKey(RotateKey(entry: entry, retired: retired ?? party.key.publicKey.kid)), .party(party.id),
            by: party, key: key)
    }

    /// An application with two keys, one to sign and one to recover.
    func application(of name: String, recovery: SecretKey) throws -> SignedApplication {
        let key = try TestParty.key(name)
        let party = PartyApplication.identifier(chain: chain.bytes, firstKey: key.publicKey.kid)
        let application = PartyApplication(
            kind: .person,
            keys: [
                Self.entry(key, .sign, chain: chain.bytes, party: party),
                Self.entry(recovery, .recover, chain: chain.bytes, party: party),
            ])
        // The header is the one of a plain application by the same key.
        let plain = try COSESign1(cbor: SignedApplication.make(kind: .person, key: key, chain: chain).encoded)
        return try SignedApplication(
            encoded: COSESign1.signed(protected: plain.protected, payload: application.cbor, by: key).cbor)
    }

    mutating func enrolWithRecoveryKey(_ name: String) throws -> TestParty {
        let application = try application(of: name, recovery: TestParty.key("\(name) recovery"))
        try append([enrolment(application)])
        return TestParty(id: application.party, key: try TestParty.key(name))
    }
}
