import ArgumentParser
import Foundation
import ProvChain

/// The last step of a consortium: the genesis comes into each member's home.
struct Join: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put the genesis of a new chain into a home made by `provnode apply`.",
        discussion: """
            Refuses a genesis of which this home's keys are not a validator, or that gives its account to another \
            member. Compare chain and hash with what the other members see.

            EXAMPLES
              provnode join --home /var/lib/provnode/node --genesis genesis.cbor
            """)

    @Option(help: "The folder that `provnode apply` made.") var home: String
    @Option(help: "The genesis file, made by `provnode found`.") var genesis: String
    @Flag(help: "Print one JSON document.") var json = false

    func run() throws {
        let home = NodeHome(home)
        try HomeFormat.check(home)
        guard !FileManager.default.fileExists(atPath: home.genesis) else { throw HomeError.exists(home.genesis) }
        let bytes = try FileBytes.read(genesis, whatToDo: Phrase("ask the founder for it", "请向创建者索取"))
        let file: GenesisFile
        do {
            file = try GenesisFile(cbor: bytes)
        } catch {
            throw HomeError.badFile(genesis, reason: Phrase(of: error))
        }
        let installation = try GenesisInstallation(home: home, file: file)
        try installation.install()
        let others = file.genesis.members.map(\.name).filter { $0 != installation.member.name }
        let table = others.map { "      \(MemberTable.quoted($0)) = \"HOST:8421\"" }.joined(separator: "\n")
        GenesisReport(file: file, path: home.genesis).print(
            json: json, title: "\"\(installation.member.name)\" is a validator of the chain in \(home.path)",
            next: """
                Next: say in \(home.configuration) where the other nodes listen, and open peer_port for them:
                      [peers]
                \(others.isEmpty ? "      (there is no other member)" : table)
                      Then: provnode run --home \(home.path)
                """)
    }
}
