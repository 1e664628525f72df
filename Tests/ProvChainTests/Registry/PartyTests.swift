@testable import ProvChain
import Testing

@Suite struct PartyTests {
    @Test(arguments: SignatureAlgorithm.allCases)
    func aRegistrarEnrolsAParty(_ algorithm: SignatureAlgorithm) throws {
        var chain = try TestChain()
        let alice = try chain.enrol("alice", algorithm)
        let party = try chain.record(PartyRecord.self, .party(alice.id))
        #expect(party.kind == .person && party.roles.isEmpty)
        #expect(party.keys == [alice.key.publicKey.kid])
        #expect(party.member == chain.file.genesis.memberIdentifier(0), "the registrar's member")
        let key = try chain.record(KeyRecord.self, .key(alice.key.publicKey.kid))
        #expect(key.holder == .party(alice.id) && key.purpose == .sign && key.fromHeight == 1)
        #expect(key.untilHeight == nil)
    }

    @Test func aPartyMayActInTheBlockThatEnrolsIt() throws {
        var chain = try TestChain()
        let (alice, application) = try chain.applicant("alice")
        let enrolment = try chain.enrolment(application)
        let (registration, work) = try chain.registration(TestChain.content("vase"), by: alice)
        try chain.append([enrolment, registration])
        #expect(try chain.record(WorkRecord.self, .work(work)).claimant == alice.id)
    }

    @Test func anEnrolmentBeforeItsPrerequisiteInTheSameBlockIsRefused() throws {
        var chain = try TestChain()
        let (alice, application) = try chain.applicant("alice")
        let enrolment = try chain.enrolment(application)
        let (registration, _) = try chain.registration(TestChain.content("vase"), by: alice)
        let assembly = try chain.assemble([registration, enrolment])
        #expect(assembly.refused.map(\.refusal.rule) == [.unknownParty])
        #expect(assembly.block.execution.applied.map(\.statement.id) == [enrolment.id])
    }

    /// Invariant 11: a signature is judged at the height of inclusion.
    @Test func anOldKeyIsGoodInTheBlockOfItsRotationAndNeverAfter() throws {
        var chain = try TestChain()
        let alice = try chain.enrol("alice", .es256k)
        let fresh = try TestParty.key("alice 2")
        let rotation = try chain.rotation(of: alice, to: fresh)
        let sameBlock = try chain.registration(TestChain.content("vase"), by: alice).statement
        let byFresh = try chain.sign(
            .acceptTitle(AnswerOffer()), .offer(.zero), by: alice, key: fresh)
        #expect(try chain.rule(refusing: byFresh) == .unknownKey)
        try chain.append([rotation, sameBlock])
        let height = chain.height

        let old = try chain.registration(TestChain.content("bowl"), by: alice).statement
        #expect(try chain.rule(refusing: old) == .retiredKey)
        #expect(try chain.rule(refusing: byFresh) == .unknownOffer, "the new key signs")
        let renewed = TestParty(id: alice.id, key: fresh)
        let work = try chain.register(TestChain.content("bowl"), by: renewed)
        #expect(try chain.record(WorkRecord.self, .work(work)).claimant == alice.id, "the party is the same")

        #expect(try chain.record(KeyRecord.self, .key(alice.key.publicKey.kid)).untilHeight == height)
        #expect(try chain.record(KeyRecord.self, .key(fresh.publicKey.kid)).fromHeight == height)
        #expect(try chain.record(PartyRecord.self, .party(alice.id)).keys == [fresh.publicKey.kid])
    }

    @Test func aRetiredKeyNeverComesBack() throws {
        var chain = try TestChain()
        let alice = try chain.enrol("alice")
        let second = try TestParty.key("alice 2")
        try chain.append([chain.rotation(of: alice, to: second)])
        let back = try chain.rotation(
            of: alice, to: alice.key, retired: second.publicKey.kid, signedBy: second)
        #expect(try chain.rule(refusing: back) == .keyTaken)
        #expect(try chain.rule(refusing: chain.enrolment(chain.applicant("alice").application)) == .partyExists)
    }

    @Test func aValidatorsKeyIsNoPartysKey() throws {
        var chain = try TestChain()
        let application = try chain.application(of: "mallory", recovery: TestParty.key("first vote"))
        #expect(try chain.rule(refusing: chain.enrolment(application)) == .keyTaken)
    }

    @Test func anApplicationIsForOneChainAndOneParty() throws {
        let chain = try TestChain()
        let (alice, application) = try chain.applicant("alice")
        #expect(application.party == alice.id && application.chain == chain.chain)
        // Every byte counts.
        for index in stride(from: 0, to: application.encoded.count, by: 3) {
            var bytes = application.encoded
            bytes[index] ^= 1
            #expect(throws: Refusal.self, "byte \(index)") { try SignedApplication(encoded: bytes) }
        }
    }

    @Test func aProofOfPossessionIsForOnePurpose() throws {
        let key = try TestParty.key("alice")
        let chain = TestChain.hash("chain").bytes
        let party = TestChain.hash("party")
        let proof = ProofOfPossession.prove(chain: chain, party: party, purpose: .sign, key: key)
        #expect(KeyEntry(purpose: .sign, key: key.publicKey, possession: proof).isPossessed(chain: chain, party: party))
        for purpose in KeyPurpose.allCases where purpose != .sign {
            let entry = KeyEntry(purpose: purpose, key: key.publicKey, possession: proof)
            #expect(!entry.isPossessed(chain: chain, party: party))
        }
    }
}
