import Foundation
import Logging
import ProvChain

/// The home of a node with many enrolled accounts, whose keys follow from their numbers: everybody can make
/// the same one again, and nobody should trust it.
///
/// It is a home like any other, so `provnode run`, `verify` and `status` work on it.
struct BenchHome {
    let home: NodeHome
    let file: GenesisFile
    let accounts: [BenchAccount]
    /// Kept, because it is the hash of the whole genesis, and every statement names it.
    let chain: Digest

    /// As many parties as a genesis may hold, rounded.
    static let accountCount = 1_000
    /// November 2023: long enough ago for a registry of many blocks to end before now.
    static let pastTime: UInt64 = 1_700_000_000_000

    init(home: NodeHome, file: GenesisFile, accounts: [BenchAccount]) {
        self.home = home
        self.file = file
        self.accounts = accounts
        chain = file.genesis.chain
    }

    /// Makes the home in a folder that holds none yet.
    ///
    /// - Parameter time: of block 0, in milliseconds since 1970.
    static func make(at path: String, time: UInt64) throws -> BenchHome {
        let home = NodeHome(path)
        guard !FileManager.default.fileExists(atPath: home.genesis) else { throw HomeError.exists(home.genesis) }
        try FileManager.default.createDirectory(atPath: home.keys, withIntermediateDirectories: true)
        let accounts = try makeAccounts()
        let file = try GenesisFile.seal(
            try genesis(accounts, time: time), by: accounts[0].key, nonce: [UInt8](repeating: 0, count: 16))
        for purpose in ["vote", "log", "cosign"] {
            try FileBytes.create(home.key(purpose), try KeyFile.seal(validatorKey(purpose), .plaintext), isSecret: true)
        }
        try FileBytes.create(home.key("registrar"), try KeyFile.seal(accounts[0].key, .plaintext), isSecret: true)
        try FileBytes.create(home.genesis, file.cbor)
        return BenchHome(home: home, file: file, accounts: accounts)
    }

    /// A home in the system's temporary folder; its owner calls ``remove()``.
    static func temporary(time: UInt64) throws -> BenchHome {
        try make(at: NSTemporaryDirectory() + "provnode-bench-\(UUID().uuidString)", time: time)
    }

    func remove() { try? FileManager.default.removeItem(atPath: home.path) }

    func validatorKeys() throws -> ValidatorKeys {
        try ValidatorKeys(home: home, genesis: file.genesis, passphrase: nil)
    }

    /// The node of this home, recovered and not yet running.
    ///
    /// - Parameter settings: variables of the environment, such as `PROV_SEARCH`, that count more than the process's.
    func open(_ settings: [String: String] = [:]) throws -> Node { try Self.open(home, settings) }

    static func open(_ home: NodeHome, _ settings: [String: String] = [:]) throws -> Node {
        // As `provnode run` does.
        ProcessMemory.bound()
        let environment = ProcessInfo.processInfo.environment.merging(settings) { $1 }
        let genesis = try home.loadGenesis()
        let settings = try NodeConfiguration(file: home.configuration, environment: environment)
        let keys = try ValidatorKeys(
            home: home, genesis: genesis.genesis, passphrase: try settings.passphrase(environment: environment))
        return try NodeOpening(
            home: home, genesis: genesis, keys: keys, settings: settings,
            logger: Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() })
        ).open()
    }

    // MARK: Keys and genesis

    private static let origin = "bench.example/log"

    private static func validatorKey(_ purpose: String) throws -> SecretKey {
        try SecretKey(algorithm: .edDSA, secret: SHA256.hash(Array(purpose.utf8)).bytes)
    }

    private static func makeAccounts() throws -> [BenchAccount] {
        try (0..<accountCount).map { number in
            let key = try SecretKey(algorithm: .es256k, secret: SHA256.hash(Array("account \(number)".utf8)).bytes)
            let party = PartyApplication.identifier(chain: Array(origin.utf8), firstKey: key.publicKey.kid)
            return BenchAccount(party: party, key: key)
        }
    }

    private static func entry(_ key: SecretKey, _ purpose: KeyPurpose, _ holder: Digest) -> KeyEntry {
        let message = ProofOfPossession.message(
            chain: Array(origin.utf8), party: holder, purpose: purpose, key: key.publicKey)
        return KeyEntry(purpose: purpose, key: key.publicKey, possession: key.sign(message))
    }

    private static func genesis(_ accounts: [BenchAccount], time: UInt64) throws -> Genesis {
        let member = Genesis.memberIdentifier(origin: origin, name: "Bench")
        return try Genesis(
            origin: origin, time: time, parameters: Parameters(), members: [.init(name: "Bench")],
            parties: accounts.enumerated().map { place, account in
                .init(
                    member: 0, kind: .person, roles: place == 0 ? [.administrator, .registrar] : [],
                    keys: [entry(account.key, .sign, account.party)])
            },
            validators: [
                .init(
                    member: 0, identity: try IdentitySecret(secret: SHA256.hash([1]).bytes).publicKey,
                    vote: entry(try validatorKey("vote"), .vote, member),
                    log: entry(try validatorKey("log"), .log, member),
                    cosign: entry(try validatorKey("cosign"), .cosign, member))
            ])
    }
}

/// Somebody enrolled in the genesis.
struct BenchAccount: Sendable {
    let party: Digest
    let key: SecretKey
}
