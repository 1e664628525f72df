public import ArgumentParser
public import ProvChain

/// How long to wait for a statement.
enum WaitFor: String, ExpressibleByArgument, CaseIterable {
    case submitted, final
}

extension Language: ExpressibleByArgument {}

/// What every command takes.
struct GlobalOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Address of a node (PROV_NODE). 节点地址。", valueName: "url"))
    var node: String?

    @Option(help: ArgumentHelp("Key file that signs (PROV_KEY). 密钥文件。", valueName: "file"))
    var key: String?

    @Option(
        help: ArgumentHelp(
            "File whose first line is the passphrase of the key; else PROV_PASSPHRASE, else it is asked for. 口令文件。",
            valueName: "file"))
    var passphraseFile: String?

    @Flag(help: "One JSON document on standard output; messages on standard error. 输出 JSON。")
    var json = false

    @Option(help: "When a command that sends a statement ends. 何时结束等待。")
    var wait: WaitFor = .final

    @Option(help: "Language of messages: en or zh; else from the configuration or the locale. 语言。")
    var lang: Language?
}

/// What every command takes that makes a statement.
struct StatementOptions: ParsableArguments {
    @Flag(help: "Sign without a node and write the statement to a file, for provcli submit. 离线签名。")
    var offline = false

    @Option(name: .shortAndLong, help: ArgumentHelp("Where --offline writes the statement. 输出文件。", valueName: "file"))
    var output: String?

    @Option(help: ArgumentHelp("Id of the chain that the statement is for. 链标识。", valueName: "id"))
    var chain: String?

    @Option(help: ArgumentHelp("The party that signs, by URN or id; else found by the key. 签署主体。", valueName: "urn"))
    var party: String?

    @Flag(help: "Replace the output file if it exists. 覆盖已有文件。")
    var force = false
}
