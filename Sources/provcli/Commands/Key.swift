import ArgumentParser
import ProvChain

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Make, show, back up and restore signing keys. 管理密钥。",
        subcommands: [
            KeyNew.self, KeyShow.self, KeyList.self, KeyImport.self, KeyExport.self, KeyBackup.self, KeyRestore.self,
        ])
}

struct KeyNew: Command {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Make a key and write it to a file of its own. 生成密钥。",
        discussion: """
            The file is encrypted with a passphrase (PROV_PASSPHRASE, --passphrase-file, or asked for) and is never \
            overwritten without --force. The 24 backup words are shown once, on standard error.

            Examples:
              provcli key new
              provcli key new --alg eddsa --key studio.key
              provcli key new --unencrypted --key dev.key --json
            """)

    @OptionGroup var global: GlobalOptions
    @Option(help: "Algorithm: es256k or eddsa.") var alg = "es256k"
    @Flag(help: "Do not encrypt the key; for development only.") var unencrypted = false
    @Flag(help: "Replace the file if it exists.") var force = false

    func run(in context: Context) async throws {
        let path = context.keyPath
        let key = Context.makeKey(try SignatureAlgorithm(argument: alg))
        try context.write(key, to: path, unencrypted: unencrypted, force: force)
        context.showBackup(of: key)
        let (document, lines) = context.describe(key, path: path, isPlaintext: unencrypted)
        context.console.result(document, lines)
    }
}

struct KeyShow: Command {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show the public half of a key; needs no passphrase. 显示公钥。",
        discussion: """
            Examples:
              provcli key show
              provcli key show --key studio.key --json
            """)

    @OptionGroup var global: GlobalOptions

    func run(in context: Context) async throws {
        let path = context.keyPath
        let file = try context.keyFile(at: path)
        let (document, lines) = context.describe(file.key, path: path, isPlaintext: file.isPlaintext)
        context.console.result(document, lines)
    }
}

struct KeyList: Command {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the keys in the configuration's folder. 列出密钥。",
        discussion: """
            Examples:
              provcli key list
              provcli key list accounts
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "A folder; else keys/ in the configuration's folder.") var folder: String?

    func run(in context: Context) async throws {
        var documents: [JSONValue] = []
        var lines: [Console.Line] = []
        for path in context.keyPaths(in: folder ?? context.home + "/keys") {
            do {
                let file = try context.keyFile(at: path)
                let (document, described) = context.describe(file.key, path: path, isPlaintext: file.isPlaintext)
                documents.append(document)
                lines += (lines.isEmpty ? [] : [.init("")]) + described
            } catch {
                // One damaged file does not hide the others.
                context.console.report(error)
            }
        }
        context.console.result(.object(["keys": .array(documents)]), lines)
    }
}

struct KeyExport: Command {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write the public key, or an encrypted copy of the key file. 导出密钥。",
        discussion: """
            Formats: did (a did:key), cose (a COSE_Key), encrypted (the key under a passphrase of its own).

            Examples:
              provcli key export --format did
              provcli key export --format cose -o studio.cose
              provcli key export --format encrypted -o studio-copy.key
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case did, cose, encrypted }

    @OptionGroup var global: GlobalOptions
    @Option(help: "What to export.") var format: Format = .did
    @Option(name: .shortAndLong, help: "File to write; did and cose (hexadecimal) are printed without it.")
    var output: String?
    @Flag(help: "Replace the file if it exists.") var force = false

    func run(in context: Context) async throws {
        let path = context.keyPath
        let file = try context.keyFile(at: path)
        let (document, _) = context.describe(file.key, path: path, isPlaintext: file.isPlaintext)
        switch format {
        case .did:
            try finish(Array((file.key.did + "\n").utf8), file.key.did, document, context)
        case .cose:
            let cose: [UInt8]
            switch file.key {
            case .signature(let key): cose = key.cbor
            case .identity(let key): cose = key.cbor
            }
            try finish(cose, Hex.encode(cose), document.adding(["cose": .string(Hex.encode(cose))]), context)
        case .encrypted:
            guard let output else { throw ValidationError("--format encrypted needs -o FILE") }
            try context.write(
                try context.unlock(file, path), to: output, unencrypted: false, force: force)
            context.console.result(document.adding(["path": .string(output)]), [.init(.path, output)])
        }
    }

    private func finish(_ bytes: [UInt8], _ text: String, _ document: JSONValue, _ context: Context) throws {
        guard let output else {
            context.console.result(document, [.init(text)])
            return
        }
        try Disk.write(bytes, to: output, .open, replacing: force)
        context.console.result(document.adding(["path": .string(output)]), [.init(.path, output)])
    }
}

struct KeyBackup: Command {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Show the backup words of a key, or write an encrypted backup. 备份密钥。",
        discussion: """
            The words are the key: whoever has them can sign as you.

            Examples:
              provcli key backup
              provcli key backup -o studio-backup.key
            """)

    @OptionGroup var global: GlobalOptions
    @Option(name: .shortAndLong, help: "Write an encrypted copy instead of showing words.") var output: String?
    @Flag(help: "Replace the file if it exists.") var force = false

    func run(in context: Context) async throws {
        let path = context.keyPath
        let file = try context.keyFile(at: path)
        let key = try context.unlock(file, path)
        let (document, lines) = context.describe(key, path: path, isPlaintext: file.isPlaintext)
        if let output {
            try context.write(key, to: output, unencrypted: false, force: force)
            context.console.result(
                document.adding(["path": .string(output), "encrypted": .bool(true)]),
                lines.dropLast() + [.init(.path, output)])
            return
        }
        let words = Context.words(of: key)
        context.console.notice(.backupWarning)
        context.console.result(
            document.adding(["words": .string(words.phrase)]), lines + [.init(.words, words.phrase)])
    }
}

struct KeyImport: Command {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Make a key file from 24 words or from 64 hexadecimal digits. 导入密钥。",
        discussion: """
            Reads a file, or the standard input with -. Words and digits do not say the algorithm: give --alg, and \
            compare the did:key that is printed.

            Examples:
              provcli key import secret.hex --alg eddsa --key studio.key
              provcli key import - --key studio.key < words.txt
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "File with the words or the digits; - for the standard input.") var file: String
    @Option(help: "Algorithm: es256k or eddsa.") var alg = "es256k"
    @Flag(help: "Do not encrypt the key; for development only.") var unencrypted = false
    @Flag(help: "Replace the key file if it exists.") var force = false

    func run(in context: Context) async throws {
        let algorithm = try SignatureAlgorithm(argument: alg)
        let text = String(decoding: try Disk.read(file, limit: Context.maximumKeyFileBytes), as: UTF8.self)
        let key = try Context.key(fromText: text, algorithm, path: file)
        let path = context.keyPath
        try context.write(key, to: path, unencrypted: unencrypted, force: force)
        let (document, lines) = context.describe(key, path: path, isPlaintext: unencrypted)
        context.console.result(document, lines)
    }
}

struct KeyRestore: Command {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Restore a key from its words or from an encrypted backup. 恢复密钥。",
        discussion: """
            Without a file, the words are asked for at the terminal. The passphrase of an encrypted backup stays the \
            passphrase of the restored key.

            Examples:
              provcli key restore --key studio.key
              provcli key restore words.txt --alg eddsa --key studio.key
              provcli key restore studio-backup.key --key studio.key
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "An encrypted backup, or a file with the words; - for the standard input.") var file: String?
    @Option(help: "Algorithm of a key restored from words: es256k or eddsa.") var alg = "es256k"
    @Flag(help: "Do not encrypt the key; for development only.") var unencrypted = false
    @Flag(help: "Replace the key file if it exists.") var force = false

    func run(in context: Context) async throws {
        let path = context.keyPath
        let bytes: [UInt8]
        if let file {
            bytes = try Disk.read(file, limit: Context.maximumKeyFileBytes)
        } else {
            let question = Catalogue.Notice.askWords.phrase.text(in: context.console.language)
            guard let answer = Prompt.secret(question) else {
                throw CLIError.failed(.wordsUnasked)
            }
            bytes = answer
        }
        let key: SecretKey
        let isPlaintext: Bool
        if let backup = try? KeyFile(cbor: bytes) {
            // Opened first, so that a damaged backup never becomes a key file.
            key = try context.unlock(backup, file ?? path)
            try Disk.makeFolders(for: path)
            try Disk.write(bytes, to: path, .secret, replacing: force)
            isPlaintext = backup.isPlaintext
        } else {
            let text = String(decoding: bytes, as: UTF8.self)
            key = try Context.key(fromText: text, try SignatureAlgorithm(argument: alg), path: file ?? "")
            try context.write(key, to: path, unencrypted: unencrypted, force: force)
            isPlaintext = unencrypted
        }
        let (document, lines) = context.describe(key, path: path, isPlaintext: isPlaintext)
        context.console.result(document, lines)
    }
}

extension Context {
    /// The key that words or hexadecimal digits stand for.
    static func key(
        fromText text: String, _ algorithm: SignatureAlgorithm, path: String
    ) throws(CLIError) -> SecretKey {
        let parts = text.split(whereSeparator: \.isWhitespace)
        let secret: [UInt8]
        if parts.count == 1, let bytes = Hex.decode(String(parts[0])) {
            secret = bytes
        } else {
            do throws(MnemonicError) {
                secret = try Mnemonic(phrase: text).entropy
            } catch {
                throw CLIError(error)
            }
        }
        do throws(KeyError) {
            return try SecretKey(algorithm: algorithm, secret: secret)
        } catch {
            throw .failed(.keyNotUsable, ["path": path, "reason": error.description])
        }
    }
}
