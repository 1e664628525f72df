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
        try FoundingOptions.check(origin: origin)
        try FoundingOptions.check(port: port, "--port")
        try FoundingOptions.check(member: member)
    }

    func run() throws {
        let home = NodeHome(home)
        guard !FileManager.default.fileExists(atPath: home.genesis) else { throw HomeError.exists(home.genesis) }
        let protection = try KeyProtection.chosen(unencrypted: unencryptedKeys)
        let founding = try Founding(origin: origin, member: member, time: WallClock.now())
        try founding.keys[0].write(to: home, protection)
        if !FileManager.default.fileExists(atPath: home.configuration) {
            try FileBytes.create(home.configuration, Array(NodeConfiguration.template(port: port).utf8))
        }
        try HomeFormat.note(in: home)
        // Last, because its presence means that the home is complete.
        try FileBytes.create(home.genesis, founding.file.cbor)
        report(home, founding, protection)
    }

    private func report(_ home: NodeHome, _ founding: Founding, _ protection: KeyProtection) {
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
            \(protection.sentence)
            Next: provnode run --home \(home.path)
            """)
    }
}
