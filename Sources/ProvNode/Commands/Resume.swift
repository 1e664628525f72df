import ArgumentParser
import ProvChain

/// The operator's word after a divergence.
struct Resume: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Let a validator vote again that stopped because of a divergence.",
        discussion: """
            A node that finds a final block invalid stops voting, and does not begin again when it is started again. \
            Find out first what differs: compare `provnode --version` with the other members', and run \
            `provnode verify --deep`. Then stop the node, run this with the block that `provnode why` names, and start \
            it. If the block is still invalid there, the node stops voting again.

            EXAMPLES
              provnode resume --home /var/lib/provnode/node --block 4c5f…
            """)

    @Option(help: "The node's folder.") var home: String
    @Option(help: "The block on which the node diverged, 64 hexadecimal digits.") var block: String
    @Flag(help: "Print one JSON document.") var json = false

    func validate() throws {
        guard Digest(hex: block) != nil else { throw ValidationError("--block takes 64 hexadecimal digits.") }
    }

    func run() throws {
        let home = NodeHome(home)
        let genesis = try home.loadGenesis()
        let lock = try HomeLock(home)
        defer { withExtendedLifetime(lock) {} }
        var incidents = try Incidents.load(home, chain: genesis.genesis.chain)
        guard let digest = Digest(hex: block), incidents.settle(digest, time: WallClock.now()) else {
            let open = incidents.divergence.map {
                Phrase("it diverged on block \($0.block)", "它在区块 \($0.block) 上出现分歧")
            }
            let found = open ?? Phrase("it has not diverged", "它没有出现分歧")
            throw NodeCommandError(
                phrase: Phrase(
                    "this node did not stop voting because of block \(block): \(found.english)",
                    "本节点停止投票不是因为区块 \(block)：\(found.chinese)"), code: 65)
        }
        try incidents.write(to: home)
        if json {
            Output.json(["home": home.path, "block": block])
        } else {
            print("The node in \(home.path) votes again from its next start.\nNext: provnode run --home \(home.path)")
        }
    }
}
