import ArgumentParser
import Foundation
import ProvChain

/// A chain of its own: one member, one validator, one registrar.
struct Init: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make the home of a node, with keys and the genesis of a new chain.",
        discussion: """
            Makes four validator keys (identity, vote, log, cosign), a registrar's account, a genesis with this \
            one member, and a commented configuration file.

            EXAMPLES
              PROV_PASSPHRASE=… provnode init --home /var/lib/provnode --member "City Museum" \\
                  --origin museum.example/provchain
              provnode init --home /tmp/node --unencrypted-keys      (for development)
            """)

    @Option(help: "The folder to make.") var home: String
    @Option(help: "The log's origin, a URL without scheme: the chain's name for good.")
    var origin = "localhost/provchain"
    @Option(help: "The name of the member organisation.") var member = "First member"
    @Option(help: "The port of the HTTP API; 0 lets the system choose.") var port = 8_420
    @Flag(name: .long, help: "Leave the keys unencrypted. For development only.") var unencryptedKeys = false
    @Flag(help: "Print one JSON document.") var json = false

    func validate() throws {
        guard Genesis.isOrigin(origin) else {
            throw ValidationError("--origin takes printable ASCII without spaces or +, at most 200 characters.")
        }
        guard (0...65_535).contains(port) else { throw ValidationError("--port takes 0 to 65535.") }
        guard !member.isEmpty, member.utf8.count <= Limits.nameBytes else {
            throw ValidationError("--member takes 1 to \(Limits.nameBytes) bytes.")
        }
    }

    func run() throws {
        let home = NodeHome(home)
        guard !FileManager.default.fileExists(atPath: home.genesis) else { throw HomeError.exists(home.genesis) }
        let passphrase = try passphrase()
        try FileManager.default.createDirectory(
            atPath: home.keys, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let founding = try Founding(origin: origin, member: member, time: WallClock.now())
        for (name, key) in founding.accountKeys {
            try FileBytes.create(
                home.key(name), try KeyFile.seal(key, protection(passphrase)), isSecret: true)
        }
        try FileBytes.create(
            home.key("identity"), try KeyFile.seal(founding.identity, protection(passphrase)), isSecret: true)
        if !FileManager.default.fileExists(atPath: home.configuration) {
            try FileBytes.create(home.configuration, Array(NodeConfiguration.template(port: port).utf8))
        }
        try HomeFormat.note(in: home)
        // Last, because its presence means that the home is complete.
        try FileBytes.create(home.genesis, founding.file.cbor)
        report(home, founding)
    }

    private func passphrase() throws -> [UInt8]? {
        if unencryptedKeys { return nil }
        let settings = try NodeConfiguration(file: "", environment: ProcessInfo.processInfo.environment)
        guard let given = try settings.passphrase(environment: ProcessInfo.processInfo.environment) else {
            throw NodeCommandError(
                description: "give a passphrase for the keys in PROV_PASSPHRASE or PROV_PASSPHRASE_FILE, or, for "
                    + "development only, --unencrypted-keys", code: 64)
        }
        return given
    }

    private func protection(_ passphrase: [UInt8]?) -> KeyFile.Protection {
        passphrase.map {
            .passphrase($0, salt: SystemRandom.bytes(16), nonce: SystemRandom.bytes(24))
        } ?? .plaintext
    }

    private func report(_ home: NodeHome, _ founding: Founding) {
        let genesis = founding.file.genesis
        let registrar = URN.party(genesis.partyIdentifier(genesis.parties[0])).description
        if json {
            Output.json([
                "home": home.path, "chain": genesis.chain.hex, "origin": genesis.origin,
                "genesis": home.genesis, "registrar": registrar, "registrarKey": home.key("registrar"),
            ])
            return
        }
        print(
            """
            A new chain is ready in \(home.path)
              chain      \(genesis.chain)
              origin     \(genesis.origin)
              registrar  \(registrar)
                         key \(home.key("registrar"))
            \(unencryptedKeys ? "The keys are NOT encrypted: for development only." : "The keys are encrypted.")
            Next: provnode run --home \(home.path)
            """)
    }
}

/// The keys and the genesis of a new chain with one member.
struct Founding {
    let file: GenesisFile
    let identity: IdentitySecret
    let accountKeys: [(name: String, key: SecretKey)]

    init(origin: String, member: String, time: UInt64, parameters: Parameters = Parameters()) throws {
        let vote = try Self.newKey(.edDSA)
        let log = try Self.newKey(.edDSA)
        let cosign = try Self.newKey(.edDSA)
        let registrar = try Self.newKey(.es256k)
        identity = try IdentitySecret(secret: SystemRandom.bytes(32))
        accountKeys = [("vote", vote), ("log", log), ("cosign", cosign), ("registrar", registrar)]
        let chain = Array(origin.utf8)
        let memberID = Genesis.memberIdentifier(origin: origin, name: member)
        let registrarID = PartyApplication.identifier(chain: chain, firstKey: registrar.publicKey.kid)
        func entry(_ key: SecretKey, _ purpose: KeyPurpose, _ holder: Digest) -> KeyEntry {
            let message = ProofOfPossession.message(
                chain: chain, party: holder, purpose: purpose, key: key.publicKey)
            return KeyEntry(purpose: purpose, key: key.publicKey, possession: key.sign(message))
        }
        let genesis = try Genesis(
            origin: origin, time: time, parameters: parameters, members: [Genesis.Member(name: member)],
            parties: [
                Genesis.Party(
                    member: 0, kind: .organisation, roles: [.administrator, .registrar],
                    keys: [entry(registrar, .sign, registrarID)])
            ],
            validators: [
                Genesis.ValidatorEntry(
                    member: 0, identity: identity.publicKey, vote: entry(vote, .vote, memberID),
                    log: entry(log, .log, memberID), cosign: entry(cosign, .cosign, memberID))
            ])
        file = try GenesisFile.seal(genesis, by: registrar, nonce: SystemRandom.bytes(16))
    }

    private static func newKey(_ algorithm: SignatureAlgorithm) throws -> SecretKey {
        try SecretKey(algorithm: algorithm, secret: SystemRandom.bytes(32))
    }
}
