import Foundation
import ProvChain

/// The five keys of a member: four of its validator, and that of its account, the registrar.
struct MemberKeys: Sendable {
    let identity: IdentitySecret
    let vote: SecretKey
    let log: SecretKey
    let cosign: SecretKey
    let registrar: SecretKey

    static let registrarName = "registrar"

    /// New keys of the system's randomness.
    init() throws {
        func key(_ algorithm: SignatureAlgorithm) throws -> SecretKey {
            try SecretKey(algorithm: algorithm, secret: SystemRandom.bytes(32))
        }
        identity = try IdentitySecret(secret: SystemRandom.bytes(32))
        vote = try key(.edDSA)
        log = try key(.edDSA)
        cosign = try key(.edDSA)
        registrar = try key(.es256k)
    }

    /// All that sign, by the name of their file.
    var signing: [(name: String, key: SecretKey)] {
        [("vote", vote), ("log", log), ("cosign", cosign), (Self.registrarName, registrar)]
    }

    func application(origin: String, member: String) throws(GenesisError) -> MemberApplication {
        try MemberApplication(
            origin: origin, name: member,
            secrets: .init(identity: identity, vote: vote, log: log, cosign: cosign, account: registrar))
    }

    /// Makes the folder of the keys and writes a file for each. Files that exist are refused, never replaced.
    func write(to home: NodeHome, _ protection: KeyProtection) throws {
        try FileManager.default.createDirectory(
            atPath: home.keys, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        for (name, key) in signing {
            try FileBytes.create(home.key(name), try KeyFile.seal(key, protection.fresh()), isSecret: true)
        }
        try FileBytes.create(
            home.key("identity"), try KeyFile.seal(identity, protection.fresh()), isSecret: true)
    }
}

/// How the keys of a home are protected on the disk.
enum KeyProtection: Sendable {
    case passphrase([UInt8])
    /// For development.
    case plaintext

    /// The passphrase of the environment, or none if that was asked for.
    static func chosen(unencrypted: Bool) throws -> KeyProtection {
        if unencrypted { return .plaintext }
        guard let passphrase = try environmentPassphrase() else {
            throw NodeCommandError(
                phrase: Phrase(
                    "give a passphrase for the keys in PROV_PASSPHRASE or PROV_PASSPHRASE_FILE, or, for "
                        + "development only, --unencrypted-keys",
                    "请在 PROV_PASSPHRASE 或 PROV_PASSPHRASE_FILE 中提供密钥口令；仅供开发时可用 --unencrypted-keys"), code: 64)
        }
        return .passphrase(passphrase)
    }

    static func environmentPassphrase() throws -> [UInt8]? {
        let environment = ProcessInfo.processInfo.environment
        return try NodeConfiguration(file: "", environment: environment).passphrase(environment: environment)
    }

    /// With a salt and a nonce of their own for each key.
    func fresh() -> KeyFile.Protection {
        switch self {
        case .passphrase(let passphrase):
            .passphrase(passphrase, salt: SystemRandom.bytes(16), nonce: SystemRandom.bytes(24))
        case .plaintext: .plaintext
        }
    }

    var sentence: String {
        switch self {
        case .passphrase: "The keys are encrypted."
        case .plaintext: "The keys are NOT encrypted: for development only."
        }
    }
}
