import Foundation
import Logging
import ProvChain
import Testing

@testable import ProvNode

/// Several validators of one chain in this process, each with a home, a journal and connections of its own on
/// loopback, and observers of it. Each can be stopped, dropped without a stop, and opened again.
actor TestConsortium {
    /// One validator's home, and the node in it while it runs.
    struct Member {
        var home: NodeHome
        let keys: [(name: String, key: SecretKey)]
        let identity: IdentitySecret
        var node: Node?
        var task: Task<Void, any Error>?
    }

    static let origin = "consortium.example/log"

    nonisolated let file: GenesisFile
    nonisolated let registrar: SecretKey
    private(set) var members: [Member] = []
    private var ports: [IdentityKey: Int] = [:]
    /// Places from here on are observers'.
    let validators: Int

    var chain: Digest { file.genesis.chain }

    init(validators: Int, observers: Int = 0, parameters: Parameters = Parameters()) throws {
        self.validators = validators
        registrar = try SecretKey(algorithm: .es256k, secret: SystemRandom.bytes(32))
        let voting = try (0..<validators).map { _ in try Self.member() }
        members = try voting + (0..<observers).map { _ in try Self.member([]) }
        file = try Self.genesis(voting, registrar: registrar, parameters: parameters)
        for member in members {
            try FileBytes.create(member.home.genesis, file.cbor)
            guard validators > 1, !member.keys.isEmpty else { continue }
            let vote = member.keys[0].key
            try JournalStore.create(member.home.journal, chain: file.genesis.chain, key: vote.publicKey.kid)
        }
    }

    deinit {
        for member in members {
            member.task?.cancel()
            try? FileManager.default.removeItem(atPath: member.home.path)
        }
    }

    private static func member(_ names: [String] = ["vote", "log", "cosign"]) throws -> Member {
        let home = NodeHome(NSTemporaryDirectory() + "provnode-consortium-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: home.keys, withIntermediateDirectories: true)
        let keys = try names.map { name in
            (name, try SecretKey(algorithm: .edDSA, secret: SystemRandom.bytes(32)))
        }
        for (name, key) in keys { try FileBytes.create(home.key(name), try KeyFile.seal(key, .plaintext)) }
        let identity = try IdentitySecret(secret: SystemRandom.bytes(32))
        try FileBytes.create(home.key("identity"), try KeyFile.seal(identity, .plaintext))
        return Member(home: home, keys: keys, identity: identity)
    }

    private static func genesis(
        _ members: [Member], registrar: SecretKey, parameters: Parameters
    ) throws -> GenesisFile {
        let chain = Array(origin.utf8)
        func entry(_ key: SecretKey, _ purpose: KeyPurpose, _ holder: Digest) -> KeyEntry {
            let message = ProofOfPossession.message(chain: chain, party: holder, purpose: purpose, key: key.publicKey)
            return KeyEntry(purpose: purpose, key: key.publicKey, possession: key.sign(message))
        }
        let party = PartyApplication.identifier(chain: chain, firstKey: registrar.publicKey.kid)
        let genesis = try Genesis(
            origin: origin, time: WallClock.now() - 1_000, parameters: parameters,
            members: members.indices.map { .init(name: "Museum \($0)") },
            parties: [
                .init(
                    member: 0, kind: .organisation, roles: [.administrator, .registrar],
                    keys: [entry(registrar, .sign, party)])
            ],
            validators: members.enumerated().map { place, member in
                let holder = Genesis.memberIdentifier(origin: origin, name: "Museum \(place)")
                return .init(
                    member: UInt64(place), identity: member.identity.publicKey,
                    vote: entry(member.keys[0].key, .vote, holder), log: entry(member.keys[1].key, .log, holder),
                    cosign: entry(member.keys[2].key, .cosign, holder))
            })
        return try GenesisFile.seal(genesis, by: registrar, nonce: SystemRandom.bytes(16))
    }

    // MARK: Life

    /// Opens the homes and runs their nodes, connected with all that run.
    func start(_ places: some Sequence<Int>) async throws {
        for place in places {
            let home = members[place].home
            let settings = try NodeConfiguration(file: "", environment: environment(place))
            let node = try NodeOpening(
                home: home, genesis: file,
                keys: try ValidatorKeys.load(
                    home: home, genesis: file.genesis, role: settings.role, passphrase: nil),
                settings: settings,
                logger: Logger(label: "\(place)", factory: { Self.handler($0) })
            ).open()
            members[place].node = node
            if place < validators {
                let network = try #require(node.network)
                ports[members[place].identity.publicKey] = try await network.listen()
            }
            members[place].task = Task { try await node.runConnected() }
        }
        await connect()
    }

    private func environment(_ place: Int) -> [String: String] {
        guard place < validators else { return ["PROV_ROLE": "observer"] }
        let observers = members.enumerated().dropFirst(validators).map {
            "\"Observer \($0.offset)\" = \"\($0.element.identity.publicKey.did)\""
        }
        return ["PROV_PEER_PORT": "0", "PROV_OBSERVERS": "{ \(observers.joined(separator: ", ")) }"]
    }

    private static func handler(_ label: String) -> any LogHandler {
        guard ProcessInfo.processInfo.environment["PROV_TEST_LOG"] != nil else { return SwiftLogNoOpLogHandler() }
        var handler = StreamLogHandler.standardError(label: label)
        handler.logLevel = .debug
        return handler
    }

    private func connect() async {
        for member in members {
            guard let node = member.node, let network = node.network else { continue }
            let own = member.identity.publicKey
            await network.setTargets(ports.filter { $0.key != own }.mapValues { ("127.0.0.1", $0) })
        }
    }

    /// Stops gracefully.
    func stop(_ place: Int) async throws {
        guard let node = members[place].node else { return }
        try await halt(place)
        try await node.close()
    }

    /// Ends without closing anything: goes on in a copy of what is on the disk.
    func drop(_ place: Int) async throws {
        guard let node = members[place].node else { return }
        try await halt(place)
        // What is under way would be half copied, as no crash leaves it.
        try await node.fillIndex()
        try await node.stateQueue.run {}
        let old = members[place].home
        let copy = NodeHome(old.path + "-again")
        try FileManager.default.moveItem(atPath: old.path, toPath: old.path + "-dropped")
        try FileManager.default.copyItem(atPath: old.path + "-dropped", toPath: copy.path)
        try FileManager.default.removeItem(atPath: old.path + "-dropped")
        members[place].home = copy
    }

    private func halt(_ place: Int) async throws {
        members[place].task?.cancel()
        try await members[place].task?.value
        members[place].node = nil
        ports[members[place].identity.publicKey] = nil
    }

    func stopAll() async throws {
        for place in members.indices { try await stop(place) }
    }

    func node(_ place: Int) throws -> Node { try #require(members[place].node) }

    var running: [Node] { members.compactMap(\.node) }

    // MARK: Statements

    func sign(_ payload: Payload, by key: SecretKey, issuer: Digest, subject: (Digest) -> URN) throws -> Statement {
        let nonce = SystemRandom.bytes(16)
        let now = WallClock.now() / 1_000
        let derived = Statement.derivedIdentifier(chain: chain, issuer: issuer, nonce: nonce)
        return try StatementDraft(
            claims: .init(
                issuer: issuer, subject: subject(derived), chain: chain, expiry: now + 1_800, issuedAt: now,
                nonce: nonce),
            payload: payload
        ).signed(by: key)
    }

    /// A party that nobody enrolled yet, and the statement that does it.
    func enrolment() throws -> (party: Digest, key: SecretKey, statement: Statement) {
        let key = try SecretKey(algorithm: .es256k, secret: SystemRandom.bytes(32))
        let application = try SignedApplication.make(kind: .person, key: key, chain: chain)
        let registrarID = PartyApplication.identifier(
            chain: Array(Self.origin.utf8), firstKey: registrar.publicKey.kid)
        let statement = try sign(
            .enrolParty(EnrolParty(application: application.encoded)), by: registrar, issuer: registrarID
        ) { _ in .party(application.party) }
        return (application.party, key, statement)
    }

    /// Submits at one node and waits until it is final there.
    @discardableResult
    func submit(_ statement: Statement, _ attachments: [[UInt8]] = [], at place: Int) async throws -> StatementView {
        try await node(place).submit(Submission(statement: statement.encoded, attachments: attachments), wait: true)
    }

    // MARK: Agreement

    /// Waits until every running node has a final block at `height`; throws after half a minute.
    func reach(_ height: UInt64) async throws {
        for (place, member) in members.enumerated() {
            guard let node = member.node else { continue }
            try await Self.wait(for: "validator \(place) at height \(height)") { await node.height >= height }
        }
    }

    /// Asks again until it holds: what is waited for happens in other nodes, which tell nobody.
    static func wait(for what: String, _ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(30)
        while try await !condition() {
            guard ContinuousClock.now < deadline else { throw Waited(description: "in vain for \(what)") }
            try await Task.sleep(for: .milliseconds(20))
        }
    }

    struct Waited: Error, CustomStringConvertible {
        let description: String
    }

    /// One chain: at every height up to the lowest tip, all running nodes have the same block.
    func expectAgreement() async throws {
        var headers: [[Digest]] = []
        for node in running {
            let height = await node.height
            headers.append(try (0...height).map { try node.reader.header($0).id })
        }
        for (one, other) in zip(headers, headers.dropFirst()) {
            let common = min(one.count, other.count)
            #expect(Array(one.prefix(common)) == Array(other.prefix(common)))
        }
    }
}

extension Node {
    var height: UInt64 { ledger.tip.header.height }
    var stateRoot: Digest { ledger.tip.header.stateRoot }
}
