@testable import ProvChain
import Testing

@Suite struct GenesisTests {
    /// The parts of a genesis that a test changes before it is checked.
    private struct Parts {
        var origin = TestChain.origin
        var members = [Genesis.Member(name: "First Museum")]
        var parties: [Genesis.Party]
        var validators: [Genesis.ValidatorEntry]
        var version = Genesis.knownProtocolVersion
        var parameters = Parameters()
        var time = TestChain.genesisTime

        init() throws {
            let genesis = try TestChain.genesis()
            parties = genesis.parties
            validators = genesis.validators
        }

        func make() throws(GenesisError) -> Genesis {
            try Genesis(
                origin: origin, time: time, parameters: parameters, members: members,
                parties: parties, validators: validators, protocolVersion: version)
        }

        func party(member: UInt64 = 0, roles: [Role] = [.registrar], keys: [KeyEntry]? = nil) -> Genesis.Party {
            Genesis.Party(member: member, kind: .organisation, roles: roles, keys: keys ?? parties[0].keys)
        }
    }

    private func expect(_ error: GenesisError, _ change: (inout Parts) throws -> Void) throws {
        var parts = try Parts()
        try change(&parts)
        #expect(throws: error) { try parts.make() }
        #expect(!error.description.isEmpty)
    }

    @Test func aGenesisHasAnOriginThatNotesCanCarry() throws {
        let bad = [
            "", "with space", "plus+sign", "ümlaut", "tab\t", String(repeating: "x", count: Limits.nameBytes + 1),
        ]
        for origin in bad { try expect(.invalidOrigin(origin)) { $0.origin = origin } }
        #expect(Genesis.isOrigin(String(repeating: "x", count: Limits.nameBytes)))
    }

    @Test func aGenesisHasMembersPartiesAndValidatorsWithinBounds() throws {
        try expect(.empty("members")) { $0.members = [] }
        try expect(.empty("parties")) { $0.parties = [] }
        try expect(.empty("validators")) { $0.validators = [] }
        try expect(.tooMany("members", limit: Limits.members)) {
            $0.members = (0...Limits.members).map { Genesis.Member(name: "member \($0)") }
        }
        try expect(.tooMany("parties", limit: Limits.genesisParties)) {
            $0.parties = Array(repeating: $0.parties[0], count: Limits.genesisParties + 1)
        }
        try expect(.tooMany("validators", limit: Limits.validators)) {
            $0.validators = Array(repeating: $0.validators[0], count: Limits.validators + 1)
        }
    }

    @Test func membersHaveDifferentNames() throws {
        try expect(.duplicateMember("First Museum")) { $0.members.append($0.members[0]) }
        try expect(.malformed("a member's name has 1 to 200 bytes")) { $0.members.append(.init(name: "")) }
        try expect(.noSuchMember(1)) { $0.parties.append($0.party(member: 1)) }
        try expect(.noSuchMember(7)) {
            $0.validators.append(try TestChain.validator("second", member: "First Museum", index: 7))
        }
    }

    @Test func theProtocolVersionIsKnown() throws {
        try expect(.unknownProtocol(found: 2, known: 1)) { $0.version = 2 }
    }

    @Test func everyKeyAppearsOnceAndProvesItself() throws {
        let founder = try TestChain.partyKey("founder", .es256k)
        try expect(.duplicateKey(founder.key.kid)) { $0.parties.append($0.parties[0]) }
        let validator = try TestChain.validator("first", member: "First Museum", index: 0)
        try expect(.duplicateKey(validator.vote.key.kid)) { $0.validators.append(validator) }
        let other = try TestChain.validator("second", member: "First Museum", index: 0)
        let sharing = Genesis.ValidatorEntry(
            member: 0, identity: validator.identity, vote: other.vote, log: other.log, cosign: other.cosign)
        try expect(.duplicateKey(validator.identity.kid)) { $0.validators.append(sharing) }

        // A proof for another origin.
        try expect(.noPossession(key: founder.key.kid, of: "party 0")) { $0.origin = "another.example/log" }
        let foreign = try TestChain.validator("second", member: "Another Museum", index: 0)
        try expect(.noPossession(key: foreign.vote.key.kid, of: "validator 1")) { $0.validators.append(foreign) }
    }

    @Test func validatorKeysHaveTheirPurpose() throws {
        let other = try TestChain.validator("second", member: "First Museum", index: 0)
        let swapped = Genesis.ValidatorEntry(
            member: 0, identity: other.identity, vote: other.log, log: other.vote, cosign: other.cosign)
        try expect(.wrongPurpose(key: other.log.key.kid, expected: .vote)) { $0.validators.append(swapped) }
    }

    @Test func somebodyCanSignAndEnrol() throws {
        try expect(.noRegistrar) { $0.parties = [$0.party(roles: [.administrator])] }
        try expect(.noSigningKey(party: 1)) { $0.parties.append($0.party(keys: [])) }
    }

    @Test func onlyAPartyOfTheGenesisOpensTheChain() throws {
        let genesis = try TestChain.genesis()
        let stranger = try TestParty.key("stranger", .es256k)
        #expect(throws: GenesisError.badOpening("its signer is not a party of the genesis")) {
            try GenesisFile.seal(genesis, by: stranger, nonce: TestChain.nonce(0))
        }
        let opening = try TestChain().file.opening
        var parts = try Parts()
        parts.members[0] = .init(name: "First Museum", roles: [.auditor])
        #expect(throws: GenesisError.badOpening("it is for another genesis")) {
            try GenesisFile(genesis: parts.make(), opening: opening)
        }
        var chain = try TestChain()
        let registration = try chain.registration(TestChain.content("vase"), by: chain.registrar).statement
        #expect(throws: GenesisError.badOpening("it does not open a chain")) {
            try GenesisFile(genesis: genesis, opening: registration)
        }
        let envelope = try COSESign1(cbor: opening.encoded)
        let forged = try Statement(
            encoded: COSESign1(
                protected: envelope.protected, payload: envelope.payload, signature: [UInt8](repeating: 1, count: 64)
            ).cbor)
        #expect(throws: GenesisError.badOpening("its signature does not verify")) {
            try GenesisFile(genesis: genesis, opening: forged)
        }
    }

    /// Whatever can be made can be written and read again; whatever cannot be read cannot be made.
    @Test func aGenesisThatCannotBeReadBackCannotBeMade() throws {
        try expect(.malformed("a parameter is 1 to 2^53 - 1")) { $0.parameters.maximumBlockCost = 0 }
        try expect(.malformed("a parameter is 1 to 2^53 - 1")) {
            $0.parameters.epochLengthMilliseconds = Limits.exactInteger + 1
        }
        try expect(.malformed("its time is at most 2^53 - 1 milliseconds")) { $0.time = Limits.exactInteger + 1 }
        let roles = [Role.registrar, .administrator]
        try expect(.malformed("roles must ascend without repetition")) { $0.parties = [$0.party(roles: roles)] }
        try expect(.malformed("roles must ascend without repetition")) {
            $0.members.append(.init(name: "Second Museum", roles: [.auditor, .auditor]))
        }
    }

    @Test func theFileIsReadStrictly() throws {
        let file = try TestChain().file
        #expect(try GenesisFile(cbor: file.cbor) == file)
        for index in stride(from: 0, to: file.cbor.count, by: 7) {
            var bytes = file.cbor
            bytes[index] ^= 1
            #expect(throws: CBORError.self, "byte \(index)") { try GenesisFile(cbor: bytes) }
        }
    }

    @Test func theChainIdNamesEveryByteOfTheGenesis() throws {
        let genesis = try TestChain.genesis()
        let tag = Array("provchain/chain/1".utf8)
        #expect(genesis.chain == SHA256.hash([0x82, 0x60 + UInt8(tag.count)] + tag + genesis.cbor))
        var parts = try Parts()
        parts.parameters.idleIntervalMilliseconds += 1
        #expect(try parts.make().chain != genesis.chain)
    }
}
