import ArgumentParser
import Foundation
import ProvChain

/// A node without a vote: it follows a chain that others make, and answers for it.
struct Observe: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make the home of an observer: a node that follows a chain and has no vote.",
        discussion: """
            Makes one key, by which validators know the observer, and a configuration. Compare the genesis' hash with \
            what a member told you on another way. An observer is let in by each validator that has its key in \
            [observers] of its configuration; one of them is enough.

            EXAMPLES
              PROV_PASSPHRASE=… provnode observe --home /var/lib/provnode/observer --genesis genesis.cbor \\
                  --name "State Auditor"
              provnode observe --home /tmp/observer --genesis genesis.cbor --name "Me" --unencrypted-keys
            """)

    @Option(help: "The folder to make.") var home: String
    @Option(help: "The chain's genesis file, from a member.") var genesis: String
    @Option(help: "What the validators are to call it.") var name: String
    @Option(help: "The port of the HTTP API; 0 lets the system choose.") var port = 8_420
    @Flag(name: .long, help: "Leave the key unencrypted. For development only.") var unencryptedKeys = false
    @Flag(help: "Print one JSON document.") var json = false

    func validate() throws {
        try FoundingOptions.check(port: port, "--port")
        guard !name.isEmpty, name.utf8.count <= Limits.nameBytes else {
            throw ValidationError("--name takes 1 to \(Limits.nameBytes) bytes.")
        }
    }

    func run() throws {
        let home = NodeHome(home)
        for file in [home.genesis, home.keys] where FileManager.default.fileExists(atPath: file) {
            throw HomeError.exists(file)
        }
        let bytes = try FileBytes.read(genesis, whatToDo: Phrase("ask a member for it", "请向成员索取"))
        let file: GenesisFile
        do {
            file = try GenesisFile(cbor: bytes)
        } catch {
            throw HomeError.badFile(genesis, reason: Phrase(of: error))
        }
        let protection = try KeyProtection.chosen(unencrypted: unencryptedKeys)
        let identity = try IdentitySecret(secret: SystemRandom.bytes(IdentityKey.byteCount))
        try FileManager.default.createDirectory(
            atPath: home.keys, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        try FileBytes.create(home.key("identity"), try KeyFile.seal(identity, protection.fresh()), isSecret: true)
        if !FileManager.default.fileExists(atPath: home.configuration) {
            let template = NodeConfiguration.template(port: port, role: .observer)
            try FileBytes.create(home.configuration, Array(template.utf8))
        }
        try HomeFormat.note(in: home)
        try FileBytes.create(home.genesis, file.cbor)
        report(home, file, identity.publicKey, protection)
    }

    private func report(_ home: NodeHome, _ file: GenesisFile, _ key: IdentityKey, _ protection: KeyProtection) {
        let names = file.genesis.members.map(\.name)
        let hash = SHA256.hash(file.cbor)
        if json {
            Output.json([
                "home": home.path, "chain": file.genesis.chain.hex, "sha256": hash.hex, "name": name,
                "identity": key.did,
            ])
            return
        }
        print(
            """
            An observer is ready in \(home.path)
              chain      \(file.genesis.chain)
              SHA-256    \(hash), of the genesis
              identity   \(key.did)
            \(protection.sentence)
            Next: each validator that is to let it in puts this into its configuration, and starts again:
                  [observers]
                  \(MemberTable.quoted(name)) = \(MemberTable.quoted(key.did))
                  Say in \(home.configuration) where they listen:
                  [peers]
            \(names.map { "      \(MemberTable.quoted($0)) = \"HOST:8421\"" }.joined(separator: "\n"))
                  Then: provnode run --home \(home.path)
            """)
    }
}
