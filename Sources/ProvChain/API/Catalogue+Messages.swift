// What the command line says when it cannot do what it was asked to. Its notices are in
// `Catalogue+Notices.swift`, the names of fields in `Catalogue+Labels.swift`.

/// One thing that ProvChain says to people, in every language.
public protocol CatalogueEntry: CaseIterable, Sendable {
    var phrase: Phrase { get }
}

extension Catalogue {
    /// Why the command line did not do something. The raw values are part of its JSON output.
    public enum Failure: String, CatalogueEntry {
        // Wrong usage.
        case nodeMissing = "usage.node-missing"
        case badNode = "usage.bad-node"
        case chainMissing = "usage.chain-missing"
        case partyMissing = "usage.party-missing"
        case outputMissing = "usage.output-missing"
        case previousMissing = "usage.previous-missing"
        case passphraseNeeded = "usage.passphrase-needed"
        case badArgument = "usage.bad-argument"
        // Bad input.
        case fileMissing = "file.missing"
        case fileUnreadable = "file.unreadable"
        case fileNotWritten = "file.not-written"
        case fileExists = "file.exists"
        case fileTooLarge = "file.too-large"
        case fileChanged = "file.changed"
        case fileEmpty = "file.empty"
        case folderEmpty = "folder.empty"
        case folderLeft = "folder.link-leaves"
        case folderLink = "folder.link-to-folder"
        case notRegular = "file.not-regular"
        case badPath = "file.bad-path"
        case mainFileMissing = "folder.main-file-missing"
        case tooLong = "input.too-long"
        case tooMany = "input.too-many"
        case badContent = "input.bad-content"
        case badConfiguration = "configuration.bad-line"
        case keyMissing = "key.missing"
        case keyNotUsable = "key.not-usable"
        case wrongPassphrase = "key.wrong-passphrase"
        case emptyPassphrase = "key.empty-passphrase"
        case keyDamaged = "key.damaged"
        case notASigningKey = "key.not-for-signing"
        case outOfMemory = "key.out-of-memory"
        case wordCount = "key.words-count"
        case wordUnknown = "key.word-unknown"
        case wordsChecksum = "key.words-checksum"
        case wordsUnasked = "key.words-not-asked"
        case passphrasesDiffer = "key.passphrases-differ"
        case otherChain = "chain.not-the-pinned-one"
        // The honest answer is no.
        case notFound = "not-found"
        case searchOff = "search.off"
        case historyBroken = "history.does-not-verify"
        // The node.
        case unreachable = "node.unreachable"
        case timedOut = "node.timed-out"
        case connectionLost = "node.connection-lost"
        case receiptInvalid = "receipt.does-not-verify"
        case badAnswer = "node.bad-answer"
        case nodeFailed = "node.failed"
        case pending = "statement.pending"
        case gaveUp = "statement.gave-up"
        case internalError = "internal"
    }
}

extension Catalogue.Failure {
    public var phrase: Phrase {
        switch self {
        case .nodeMissing:
            Phrase(
                "No node is named. Give --node URL, set PROV_NODE, or run provcli init.",
                "未指定节点。请使用 --node URL、设置 PROV_NODE，或运行 provcli init。")
        case .badNode:
            Phrase(
                "{node} is not the address of a node: http:// or https://, a host, and perhaps a port from 1 to 65535.",
                "{node} 不是有效的节点地址；地址由 http:// 或 https://、主机名和可选端口（1 至 65535）组成。")
        case .chainMissing:
            Phrase(
                "Offline, the chain must be named. Give --chain ID, or run provcli init while the node is reachable.",
                "离线时必须指定链。请使用 --chain ID，或在节点可达时运行 provcli init。")
        case .partyMissing:
            Phrase(
                "Name the party: --party URN, or party in the configuration.",
                "请指定主体：使用 --party URN，或在配置中填写 party。")
        case .outputMissing:
            Phrase("--offline needs a file to write: -o FILE.", "--offline 需要输出文件：-o FILE。")
        case .previousMissing:
            Phrase(
                "Offline, the number of the latest version must be given: --previous N.",
                "离线时必须给出最新版本号：--previous N。")
        case .searchOff:
            Phrase(
                "The node does not search for look-alikes, so there is no similarity report.",
                "该节点不提供相似检索，无法生成相似度报告。")
        case .passphraseNeeded:
            Phrase(
                "A passphrase is needed. Set PROV_PASSPHRASE, give --passphrase-file FILE, or run in a terminal.",
                "需要口令。请设置 PROV_PASSPHRASE、使用 --passphrase-file FILE，或在终端中运行。")
        case .badArgument:
            Phrase("\"{value}\" is not valid here; expected: {expected}.", "“{value}”无效；应为：{expected}。")
        case .fileMissing:
            Phrase("There is no file {path}.", "文件 {path} 不存在。")
        case .fileUnreadable:
            Phrase("{path} cannot be read: {reason}.", "无法读取 {path}：{reason}。")
        case .fileNotWritten:
            Phrase("{path} cannot be written: {reason}.", "无法写入 {path}：{reason}。")
        case .fileExists:
            Phrase(
                "{path} exists already and is left as it is. Name another file, or give --force to replace it.",
                "{path} 已存在，未作改动。请换用其他文件名，或用 --force 覆盖。")
        case .fileTooLarge:
            Phrase(
                "{path} has {size} bytes; at most {limit} are allowed here.",
                "{path} 共 {size} 字节，此处上限为 {limit} 字节。")
        case .fileChanged:
            Phrase(
                "{path} changed while it was being read. Close the program that writes it, and try again.",
                "{path} 在读取过程中发生了变化。请关闭正在写入它的程序后重试。")
        case .fileEmpty:
            Phrase("{path} is empty; there is nothing to register.", "{path} 是空文件，没有可登记的内容。")
        case .folderEmpty:
            Phrase("The folder {path} has no files.", "文件夹 {path} 中没有文件。")
        case .folderLeft:
            Phrase(
                "The link {path} leads out of the folder. Copy the file into the folder, or remove the link.",
                "链接 {path} 指向文件夹之外。请把文件复制到文件夹内，或删除该链接。")
        case .folderLink:
            Phrase(
                "{path} is a link to a folder, whose files would count twice. Remove the link.",
                "{path} 是指向文件夹的链接，其中的文件会被重复计算。请删除该链接。")
        case .notRegular:
            Phrase("{path} is neither a file nor a folder.", "{path} 既不是文件也不是文件夹。")
        case .badPath:
            Phrase(
                "The path {path} cannot be written in a manifest: it must be UTF-8 without backslashes, "
                    + "and at most {limit} bytes. Rename the file.",
                "路径 {path} 无法写入清单：路径须为不含反斜杠的 UTF-8，且不超过 {limit} 字节。请重命名该文件。")
        case .mainFileMissing:
            Phrase("The folder has no file {path} to be the main file.", "文件夹中没有名为 {path} 的主文件。")
        case .tooLong:
            Phrase(
                "The {field} has {size} bytes; at most {limit} are allowed.",
                "{field} 共 {size} 字节，上限为 {limit} 字节。")
        case .tooMany:
            Phrase("{count} {what} were given; at most {limit} are allowed.", "{what} 共 {count} 个，上限为 {limit} 个。")
        case .badContent:
            Phrase("{path} is not a valid {expected}: {reason}.", "{path} 不是有效的 {expected}：{reason}。")
        case .badConfiguration:
            Phrase(
                "Line {line} of {path} is not understood. Lines look like: node = \"https://…\".",
                "{path} 第 {line} 行无法识别。正确写法如：node = \"https://…\"。")
        case .keyMissing:
            Phrase(
                "There is no key file {path}. Make one with provcli key new, or name one with --key FILE.",
                "密钥文件 {path} 不存在。请用 provcli key new 生成，或用 --key FILE 指定。")
        case .keyNotUsable:
            Phrase("The key in {path} cannot be used: {reason}.", "无法使用 {path} 中的密钥：{reason}。")
        case .wrongPassphrase:
            Phrase(
                "The passphrase of {path} is wrong, or the file was damaged.", "{path} 的口令错误，或文件已损坏。")
        case .emptyPassphrase:
            Phrase("The passphrase is empty. Nothing was written.", "口令为空，未写入任何内容。")
        case .keyDamaged:
            Phrase(
                "The secret in {path} does not belong to its public key. Restore the key from its backup.",
                "{path} 中的私钥与公钥不符。请从备份恢复密钥。")
        case .notASigningKey:
            Phrase("{path} holds a transport key, which signs nothing.", "{path} 中是传输密钥，不能用于签名。")
        case .outOfMemory:
            Phrase(
                "Unlocking the key needs {needed} MiB of memory, which are not there.",
                "解锁密钥需要 {needed} MiB 内存，当前内存不足。")
        case .wordCount:
            Phrase("A backup has {expected} words; found {found}.", "备份应有 {expected} 个单词，实际为 {found} 个。")
        case .wordUnknown:
            Phrase(
                "Word {position}, \"{word}\", is not in the list. {suggestion}",
                "第 {position} 个单词“{word}”不在词表中。{suggestion}")
        case .wordsChecksum:
            Phrase(
                "Every word is in the list, but they do not belong together. Check their order, and each word.",
                "每个单词都在词表中，但组合不正确。请检查顺序和每个单词。")
        case .wordsUnasked:
            Phrase(
                "There is no terminal to ask for the words at. Name a file with them.",
                "没有可供输入单词的终端。请指定包含单词的文件。")
        case .passphrasesDiffer:
            Phrase("The two passphrases differ. Nothing was written.", "两次输入的口令不一致，未写入任何内容。")
        case .otherChain:
            Phrase(
                "The node is on chain {found}; you expect chain {expected}. Nothing was signed. "
                    + "Check the address of the node.",
                "节点所在的链为 {found}，而您预期的链为 {expected}。未签署任何内容。请检查节点地址。")
        case .notFound:
            Phrase("{what} was not found.", "未找到 {what}。")
        case .historyBroken:
            Phrase(
                "The history of {urn} does not verify: {reason}. Do not rely on this node.",
                "{urn} 的历史未通过验证：{reason}。请勿信赖该节点。")
        case .unreachable:
            Phrase("The node {node} cannot be reached: {reason}.", "无法连接节点 {node}：{reason}。")
        case .connectionLost:
            Phrase("The connection to {node} was lost: {reason}.", "与节点 {node} 的连接中断：{reason}。")
        case .receiptInvalid:
            Phrase(
                "The receipt of statement {statement} does not verify: {reason}. Nothing was written.",
                "声明 {statement} 的回执未通过验证：{reason}。未写入任何内容。")
        case .timedOut:
            Phrase("The node {node} did not answer in {seconds} seconds.", "节点 {node} 在 {seconds} 秒内没有应答。")
        case .badAnswer:
            Phrase(
                "The answer of {node} is not understood: {reason}. Is this the address of a ProvChain node?",
                "无法理解 {node} 的应答：{reason}。该地址是 ProvChain 节点吗？")
        case .nodeFailed:
            Phrase(
                "The node {node} failed with HTTP status {status}: {reason}", "节点 {node} 返回 HTTP 状态 {status}：{reason}")
        case .pending:
            Phrase(
                "Statement {statement} was taken but is not final yet. Ask with: provcli status {statement}",
                "声明 {statement} 已被接收，但尚未最终确认。请稍后查询：provcli status {statement}")
        case .gaveUp:
            Phrase(
                "Whether statement {statement} was applied is not known: {reason} It can no longer be applied after "
                    + "{expiry}. Ask with: provcli status {statement}; if it is not found after that, run the command again.",
                "尚不能确定声明 {statement} 是否已执行：{reason} 在 {expiry} 之后它将不会再被执行。"
                    + "请查询：provcli status {statement}；若届时仍未找到，请重新运行命令。")
        case .internalError:
            Phrase("Something went wrong inside provcli: {reason}", "provcli 内部发生错误：{reason}")
        }
    }
}
