import Foundation
import ProvChain
import Testing

@testable import ProvNode

@Suite("A chain of several members, from keys to homes")
struct GenesisInstallationTests {
    private let folder: TestFolder
    private static let members = ["Museum", "Archive", "Press", "Fund"]

    init() throws { folder = try TestFolder() }

    private func home(_ name: String, _ keys: MemberKeys) throws -> NodeHome {
        let home = NodeHome(folder.file(name))
        try keys.write(to: home, .plaintext)
        return home
    }

    private func file(_ founders: [MemberApplication], by key: SecretKey) throws -> GenesisFile {
        try GenesisFile.seal(
            try Genesis(founders: founders, time: 1_800_000_000_000), by: key, nonce: SystemRandom.bytes(16))
    }

    @Test("Founded in one place, each home's keys are the validator at its place")
    func inOnePlace() throws {
        let founding = try Founding(origin: "test.example/log", members: Self.members, time: 1_800_000_000_000)
        #expect(founding.file.genesis.members.map(\.name) == Self.members)
        for (place, keys) in founding.keys.enumerated() {
            let home = try home("\(place)", keys)
            let installation = try GenesisInstallation(home: home, file: founding.file)
            #expect(installation.member.name == Self.members[place])
            try installation.install()
            #expect(try home.loadGenesis() == founding.file)
            let opened = try ValidatorKeys(home: home, genesis: founding.file.genesis, passphrase: nil)
            #expect(opened.index == UInt64(place))
        }
        #expect(founding.file.opening.kid == founding.keys[0].registrar.publicKey.kid)
    }

    @Test("Founded out of applications, without anybody's secrets, it is a chain that every member finds itself in")
    func fromApplications() throws {
        let keys = try Self.members.map { _ in try MemberKeys() }
        let applications = try zip(keys, Self.members).map {
            try MemberApplication(cbor: try $0.application(origin: "test.example/log", member: $1).cbor)
        }
        // Any member may open the chain.
        let file = try file(applications, by: keys[2].registrar)
        for (place, keys) in keys.enumerated() {
            let home = try home("\(place)", keys)
            #expect(try GenesisInstallation(home: home, file: file).member.name == Self.members[place])
        }
    }

    @Test("A home that is not a validator of the genesis is refused, by each of its keys")
    func notAValidator() throws {
        let keys = try MemberKeys()
        let file = try file([try keys.application(origin: "test.example/log", member: "Museum")], by: keys.registrar)
        let stranger = try home("stranger", try MemberKeys())
        #expect(throws: HomeError.self) { try GenesisInstallation(home: stranger, file: file) }
        for name in ["vote", "log", "cosign", "identity"] {
            let home = try home("without-\(name)", keys)
            try FileManager.default.removeItem(atPath: home.key(name))
            try FileManager.default.copyItem(atPath: stranger.key(name), toPath: home.key(name))
            let error = #expect(throws: HomeError.self) { try GenesisInstallation(home: home, file: file) }
            #expect(error?.description.contains("is not the key of a validator of this genesis") == true)
            try FileManager.default.removeItem(atPath: home.key(name))
            #expect(throws: HomeError.self) { try GenesisInstallation(home: home, file: file) }
        }
    }

    @Test("A founder who gives a member's account to another member's name is found out")
    func exchangedAccounts() throws {
        let (museum, archive) = (try MemberKeys(), try MemberKeys())
        let applications = [
            try museum.application(origin: "test.example/log", member: "Museum"),
            try archive.application(origin: "test.example/log", member: "Archive"),
        ]
        let fair = try Genesis(founders: applications, time: 1_800_000_000_000)
        let parties = fair.parties.enumerated().map { place, party in
            Genesis.Party(member: UInt64(1 - place), kind: party.kind, roles: party.roles, keys: party.keys)
        }
        let unfair = try Genesis(
            origin: fair.origin, time: fair.time, parameters: fair.parameters, members: fair.members,
            parties: parties, validators: fair.validators)
        let file = try GenesisFile.seal(unfair, by: archive.registrar, nonce: SystemRandom.bytes(16))
        let home = try home("museum", museum)
        let error = #expect(throws: HomeError.self) { try GenesisInstallation(home: home, file: file) }
        #expect(error?.description.contains("is not the key of an account of \"Museum\"") == true)
        // With the account's key on another machine there is nothing to compare.
        try FileManager.default.removeItem(atPath: home.key("registrar"))
        #expect(try GenesisInstallation(home: home, file: file).member.name == "Museum")
    }

    private func opening(_ home: NodeHome, _ file: GenesisFile, _ keys: MemberKeys) throws -> JournalStore.Opening {
        try JournalStore.open(home.journal, chain: file.genesis.chain, key: keys.vote.publicKey.kid)
    }

    @Test("A validator of several begins its journal of votes with the genesis; a sole one has none")
    func journal() throws {
        let several = try Founding(origin: "test.example/log", members: Self.members, time: 1_800_000_000_000)
        let museum = try home("museum", several.keys[0])
        try GenesisInstallation(home: museum, file: several.file).install()
        guard case .opened(_, let records) = try opening(museum, several.file, several.keys[0]) else {
            Issue.record("the journal is lost from the start")
            return
        }
        #expect(!records.contains { if case .vote = $0 { true } else { false } })

        let sole = try Founding(origin: "test.example/log", member: "Sole", time: 1_800_000_000_000)
        let alone = try home("sole", sole.keys[0])
        try GenesisInstallation(home: alone, file: sole.file).install()
        #expect(!FileManager.default.fileExists(atPath: alone.journal))
    }

    @Test("An installation that was cut short goes on; a journal of another chain is never taken over")
    func interrupted() throws {
        let founding = try Founding(origin: "test.example/log", members: Self.members, time: 1_800_000_000_000)
        let home = try home("museum", founding.keys[0])
        try GenesisInstallation.prepareJournal(home, founding.file.genesis)
        try GenesisInstallation(home: home, file: founding.file).install()

        try FileManager.default.removeItem(atPath: home.genesis)
        let again = try Genesis(
            founders: try zip(founding.keys, Self.members).map {
                try $0.application(origin: "test.example/log", member: $1)
            }, time: 1_800_000_000_001)
        let other = try GenesisFile.seal(again, by: founding.keys[0].registrar, nonce: SystemRandom.bytes(16))
        let error = #expect(throws: HomeError.self) {
            try GenesisInstallation(home: home, file: other).install()
        }
        #expect(error?.description.contains("the vote key cannot be used") == true)
        #expect(!FileManager.default.fileExists(atPath: home.genesis))
    }

    @Test("A genesis is never replaced")
    func never() throws {
        let founding = try Founding(origin: "test.example/log", member: "Museum", time: 1_800_000_000_000)
        let installation = try GenesisInstallation(
            home: try home("museum", founding.keys[0]), file: founding.file)
        try installation.install()
        #expect(throws: HomeError.self) { try installation.install() }
    }
}
