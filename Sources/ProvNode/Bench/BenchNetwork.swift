import Foundation
import ProvChain

/// Validators in processes of their own, in a temporary folder, with many enrolled accounts whose keys follow
/// from their numbers.
final class BenchNetwork {
    struct Validator {
        let home: NodeHome
        let port: Int
        let process: Process
    }

    let chain: Digest
    let accounts: [BenchAccount]
    private(set) var validators: [Validator] = []
    private let folder: String
    private let ports: [Int]

    private static let origin = "bench.example/network"
    /// A genesis holds some more; the members' own accounts are among them.
    private static let accountCount = 900

    init(validators count: Int) throws {
        folder = NSTemporaryDirectory() + "provnode-network-\(UUID().uuidString)"
        accounts = try (0..<Self.accountCount).map { number in
            let key = try SecretKey(algorithm: .es256k, secret: SHA256.hash(Array("account \(number)".utf8)).bytes)
            let party = PartyApplication.identifier(chain: Array(Self.origin.utf8), firstKey: key.publicKey.kid)
            return BenchAccount(party: party, key: key)
        }
        let keys = try (0..<count).map { _ in try MemberKeys() }
        let file = try GenesisFile.seal(
            try Self.genesis(keys, accounts), by: keys[0].registrar, nonce: SystemRandom.bytes(16))
        chain = file.genesis.chain
        ports = try FreePorts.choose(2 * count)
        let names = file.genesis.members.map(\.name)
        for place in 0..<count {
            let home = NodeHome("\(folder)/\(place + 1)")
            try keys[place].write(to: home, .plaintext)
            let peers = names.indices.filter { $0 != place }.map { (names[$0], "127.0.0.1:\(ports[2 * $0 + 1])") }
            let configuration = NodeConfiguration.template(
                port: ports[2 * place], peerPort: ports[2 * place + 1],
                peers: Dictionary(uniqueKeysWithValues: peers), apis: [:])
            try FileBytes.create(home.configuration, Array(configuration.utf8))
            try GenesisInstallation(home: home, file: file).install()
            validators.append(Validator(home: home, port: ports[2 * place], process: try Self.start(home)))
        }
    }

    deinit {
        for validator in validators where validator.process.isRunning {
            kill(validator.process.processIdentifier, SIGKILL)
        }
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// Accounts belong to the members in turn, so that each member has its share of the mempool.
    private static func genesis(_ keys: [MemberKeys], _ accounts: [BenchAccount]) throws -> Genesis {
        let founders = try keys.enumerated().map { place, keys in
            try keys.application(origin: origin, member: "Member \(place + 1)")
        }
        let base = try Genesis(founders: founders, time: WallClock.now() - 1_000, parameters: Parameters())
        let parties = accounts.enumerated().map { place, account in
            let message = ProofOfPossession.message(
                chain: Array(origin.utf8), party: account.party, purpose: .sign, key: account.key.publicKey)
            return Genesis.Party(
                member: UInt64(place % keys.count), kind: .person, roles: [],
                keys: [KeyEntry(purpose: .sign, key: account.key.publicKey, possession: account.key.sign(message))])
        }
        return try Genesis(
            origin: base.origin, time: base.time, parameters: base.parameters, members: base.members,
            parties: base.parties + parties, validators: base.validators)
    }

    private static func start(_ home: NodeHome) throws -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        process.arguments = ["run", "--home", home.path]
        process.environment = ProcessInfo.processInfo.environment.merging(["PROV_LOG_LEVEL": "error"]) { $1 }
        try process.run()
        return process
    }

    // MARK: Life

    /// Waits until every validator answers and is connected to all others.
    func waitUntilConnected() throws {
        for validator in validators { try waitUntilReady(validator, connected: validators.count) }
    }

    private func waitUntilReady(_ validator: Validator, connected count: Int) throws {
        try Self.wait("validator on port \(validator.port)") {
            guard let node: NodeView = try? Self.get(validator.port, "/api/v1/node") else { return false }
            return node.validators.count { $0.connected } >= count
        }
    }

    /// Stops a validator, removes all but its keys and its configuration, and starts it again.
    func wipe(_ place: Int) throws {
        let old = validators[place]
        stop(old.process)
        let kept = ["keys", "genesis.cbor", "provnode.toml", "format"]
        for name in try FileManager.default.contentsOfDirectory(atPath: old.home.path) where !kept.contains(name) {
            try FileManager.default.removeItem(atPath: old.home.path + "/" + name)
        }
        validators[place] = Validator(home: old.home, port: old.port, process: try Self.start(old.home))
    }

    func stopAll() {
        for validator in validators { stop(validator.process) }
    }

    private func stop(_ process: Process) {
        process.terminate()
        process.waitUntilExit()
    }

    // MARK: Looking

    /// Statements that are final at a validator.
    func statements(at place: Int) throws -> Int {
        let chain: ChainView = try Self.get(validators[place].port, "/api/v1/chain")
        // Every other leaf is a statement or the header of a block; block 0 has one of each.
        return Int(chain.size) - Int(chain.height) - 1
    }

    /// Seconds of processor time of all validators so far.
    func processorSeconds() -> Double {
        validators.reduce(0) { $0 + ProcessUsage.processorSeconds(of: $1.process.processIdentifier) }
    }

    func residentMebibytes() -> [Double] {
        validators.map { ProcessUsage.residentMebibytes(of: $0.process.processIdentifier) }
    }

    private static func get<T: Decodable>(_ port: Int, _ path: String) throws -> T {
        let answer = try LoopbackClient(port: port).request("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n", body: [])
        return try JSONDecoder().decode(T.self, from: Data(answer.body))
    }

    /// Asks every few milliseconds, for at most two minutes.
    static func wait(_ what: String, _ condition: () throws -> Bool) throws {
        let start = ContinuousClock.now
        while try !condition() {
            guard Stopwatch.seconds(since: start) < 120 else { throw BenchError.failed("gave up on \(what)") }
            usleep(5_000)
        }
    }
}
