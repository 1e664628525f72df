import ArgumentParser
import Glibc
import ProvChain
import Synchronization

/// A command of provcli: what it does is ``run(in:)``; errors become messages and exit codes in one place.
protocol Command: AsyncParsableCommand {
    var global: GlobalOptions { get }

    func run(in context: Context) async throws
}

extension Command {
    func run() async throws {
        let home = Configuration.home
        var console = Console(json: global.json, language: Console.language(global.lang, configured: nil))
        do {
            let configuration = try Configuration.load(from: home)
            console = Console(
                json: global.json, language: Console.language(global.lang, configured: configuration.language))
            let context = Context(global: global, console: console, home: home, configuration: configuration)
            try await context.withClient { try await run(in: context) }
        } catch let error as ValidationError {
            throw error
        } catch {
            let error = CLIError(error)
            console.report(error)
            throw ExitCode(error.status.rawValue)
        }
    }
}

/// Everything a command works with: its options, the configuration, the terminal and the node.
final class Context: Sendable {
    let global: GlobalSettings
    let console: Console
    let home: String
    let configuration: Configuration
    let transport = Transport()
    /// What is learned of the validators' nodes while the command runs.
    let validators = Mutex(ValidatorNodes())

    /// The options that are looked at after parsing, as plain values.
    struct GlobalSettings: Sendable {
        let node: String?
        let key: String?
        let passphraseFile: String?
        let wait: WaitFor
    }

    init(global: GlobalOptions, console: Console, home: String, configuration: Configuration) {
        self.global = GlobalSettings(
            node: global.node, key: global.key, passphraseFile: global.passphraseFile, wait: global.wait)
        self.console = console
        self.home = home
        self.configuration = configuration
    }

    /// Runs the command and closes connections afterwards.
    fileprivate func withClient(_ body: () async throws -> Void) async throws {
        do {
            try await body()
        } catch {
            await transport.close()
            throw error
        }
        await transport.close()
    }

    private var nodeAddress: String? { global.node ?? Environment["PROV_NODE"] ?? configuration.node }

    /// Whether there is a node to ask.
    var hasNode: Bool { nodeAddress != nil }

    /// The node's address: option, environment, configuration; or the one that answered in its place.
    func node() throws(CLIError) -> NodeClient {
        if let substitute = validators.withLock({ $0.substitute }) { return substitute }
        guard let address = nodeAddress else { throw .failed(.nodeMissing) }
        return try NodeClient(address, transport)
    }

    /// Where the key is: option, environment, configuration, the default file.
    var keyPath: String { global.key ?? Environment["PROV_KEY"] ?? configuration.key ?? defaultKeyPath }

    var defaultKeyPath: String { home + "/keys/default.key" }

    /// The chain that the user named or pinned, if any.
    func expectedChain(_ option: String?) throws(CLIError) -> Digest? {
        guard let text = option ?? configuration.chain else { return nil }
        return try ProvCLI.chain(text)
    }

    /// The node's view of its chain, which must be the pinned one.
    func chain(_ option: String? = nil) async throws -> (view: ChainView, id: Digest) {
        let (node, view) = try await reachableChain()
        guard let id = Digest(hex: view.chain) else {
            throw CLIError.failed(.badAnswer, ["node": node.address, "reason": "chain \(view.chain)"])
        }
        if let expected = try expectedChain(option), expected != id {
            throw CLIError.failed(.otherChain, ["found": id.hex, "expected": expected.hex])
        }
        return (view, id)
    }
}

/// The process's environment; an empty variable counts as absent.
enum Environment {
    static subscript(name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        let text = String(cString: value)
        return text.isEmpty ? nil : text
    }
}
