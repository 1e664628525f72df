import ArgumentParser
import ProvChain

struct GenesisCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "genesis", abstract: "The file that every proof rests on. 创世文件。", subcommands: [GenesisFetch.self])
}

struct GenesisFetch: Command {
    static let configuration = CommandConfiguration(
        commandName: "fetch", abstract: "Download the genesis file of the node's chain. 下载创世文件。",
        discussion: """
            Compare the chain's id with what a member published somewhere else before you rely on it.

            Example:
              provcli genesis fetch -o genesis.cbor
            """)

    @OptionGroup var global: GlobalOptions
    @Option(name: .shortAndLong, help: "File to write.") var output: String
    @Flag(help: "Replace the file if it exists.") var force = false

    func run(in context: Context) async throws {
        let node = try context.node()
        let bytes = try await node.genesisFile()
        let file: GenesisFile
        do throws(CBORError) {
            file = try GenesisFile(cbor: bytes)
        } catch {
            throw node.badAnswer("genesis: \(error)")
        }
        let chain = file.genesis.chain
        if let expected = try context.expectedChain(nil), expected != chain {
            throw CLIError.failed(.otherChain, ["found": chain.hex, "expected": expected.hex])
        }
        try Disk.write(bytes, to: output, .open, replacing: force)
        context.console.notice(.genesisWarning, ["chain": chain.hex])
        context.console.result(
            .object([
                "chain": .string(chain.hex), "origin": .string(file.genesis.origin), "path": .string(output),
                "time": JSONValue(file.genesis.time),
            ]),
            [
                .init(.chain, chain.hex), .init(.origin, file.genesis.origin),
                .init(.time, Time.text(milliseconds: file.genesis.time)), .init(.path, output),
            ])
    }
}

struct Version: Command {
    static let configuration = CommandConfiguration(
        abstract: "Print the version of provcli. 显示版本。", discussion: "Example:\n  provcli version --json")

    @OptionGroup var global: GlobalOptions

    func run(in context: Context) async throws {
        let protocolVersion = Genesis.knownProtocolVersion
        context.console.result(
            .object([
                "version": .string(ProvCLI.softwareVersion), "protocolVersion": JSONValue(protocolVersion),
            ]),
            [.init(.software, "provcli \(ProvCLI.softwareVersion)"), .init(.version, "\(protocolVersion)")])
    }
}
