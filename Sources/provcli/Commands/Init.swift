import ArgumentParser
import ProvChain

/// The first run: node, language, key and backup.
struct Init: Command {
    static let configuration = CommandConfiguration(
        abstract: "First run: choose a node and a language, make a key, write its backup. 初始化。",
        discussion: """
            Asks at a terminal; without one, takes the options and their defaults. The backup words are shown once, \
            on standard error.

            Examples:
              provcli init
              provcli init --node https://node.example.org --lang zh
              PROV_PASSPHRASE=… provcli init --node http://127.0.0.1:8420 --json
              PROV_HOME=/tmp/dev provcli init --node http://127.0.0.1:8420 --unencrypted
            """)

    @OptionGroup var global: GlobalOptions
    @Option(help: "Algorithm of the key: es256k or eddsa.") var alg = "es256k"
    @Flag(help: "Do not encrypt the key; for development only.") var unencrypted = false
    @Flag(help: "Replace the configuration and the key if they exist.") var force = false

    private static let defaultNode = "http://127.0.0.1:8420"

    func run(in context: Context) async throws {
        var settings = context.configuration
        settings.node = chosenNode(context)
        settings.language = try chosenLanguage(context)
        let algorithm = try SignatureAlgorithm(argument: alg)
        settings.key = context.global.key ?? settings.key ?? context.defaultKeyPath
        let keyPath = settings.key ?? context.defaultKeyPath
        let node = try NodeClient(settings.node ?? Self.defaultNode, context.transport)
        try await pin(node, &settings, context)
        let (document, lines) = try prepareKey(algorithm, keyPath, context)
        let path = Configuration.path(in: context.home)
        try Disk.makeFolders(for: path)
        try Disk.write(Array(settings.text.utf8), to: path, .secret, replacing: true)
        context.console.notice(.configurationWritten, ["path": path])
        context.console.notice(.nextStep)
        let members: [String: JSONValue] = [
            "node": .string(node.address), "lang": .string(settings.language?.rawValue ?? ""),
            "configuration": .string(path), "chain": settings.chain.map { .string($0) } ?? .null,
        ]
        context.console.result(document.adding(members), lines)
    }

    private func chosenNode(_ context: Context) -> String {
        let fallback = context.configuration.node ?? Environment["PROV_NODE"] ?? Self.defaultNode
        if let node = context.global.node { return node }
        guard Console.isInteractive, !context.console.json else { return fallback }
        let question = Catalogue.Notice.askNode.phrase.text(in: context.console.language, ["default": fallback])
        return Prompt.line(question, fallback: fallback)
    }

    private func chosenLanguage(_ context: Context) throws -> Language {
        let fallback = context.console.language
        guard global.lang == nil, Console.isInteractive, !context.console.json else { return fallback }
        let question = Catalogue.Notice.askLanguage.phrase.text(in: fallback, ["default": fallback.rawValue])
        let answer = Prompt.line(question, fallback: fallback.rawValue)
        guard let language = Language(rawValue: answer) else { throw ProvCLI.bad(answer, "en, zh") }
        return language
    }

    /// Remembers the node's chain, and its genesis file as what proofs are checked against.
    private func pin(_ node: NodeClient, _ settings: inout Configuration, _ context: Context) async throws {
        let view: ChainView
        do {
            view = try await node.chain()
        } catch let error as CLIError where error.status == .unreachable {
            context.console.message(error.message(in: context.console.language))
            context.console.notice(.nodeNotReached, ["node": node.address])
            return
        }
        if let pinned = settings.chain, !force {
            guard pinned == view.chain else {
                throw CLIError.failed(.otherChain, ["found": view.chain, "expected": pinned])
            }
        }
        settings.chain = view.chain
        if let bytes = try? await node.genesisFile(), let file = try? GenesisFile(cbor: bytes),
            file.genesis.chain.hex == view.chain
        {
            let path = context.home + "/genesis.cbor"
            try Disk.makeFolders(for: path)
            try Disk.write(bytes, to: path, .open, replacing: true)
            settings.genesis = path
        }
        context.console.notice(.chainPinned, ["chain": view.chain])
    }

    private func prepareKey(
        _ algorithm: SignatureAlgorithm, _ path: String, _ context: Context
    ) throws -> (JSONValue, [Console.Line]) {
        if Disk.exists(path), !force {
            let file = try context.keyFile(at: path)
            context.console.notice(.keyKept, ["path": path])
            return context.describe(file.key, path: path, isPlaintext: file.isPlaintext)
        }
        let key = Context.makeKey(algorithm)
        try context.write(key, to: path, unencrypted: unencrypted, force: force)
        context.showBackup(of: key)
        return context.describe(key, path: path, isPlaintext: unencrypted)
    }
}
