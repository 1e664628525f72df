import Foundation
import ProvChain

/// The folder of one node, and what each file in it is.
struct NodeHome: Sendable {
    let path: String

    static let stateDatabaseName = "state.sqlite"
    static let indexDatabaseName = "index.sqlite"

    /// - Parameter path: absolute, or relative to the working directory; `~` is expanded.
    init(_ path: String) {
        let expanded = NSString(string: path).expandingTildeInPath
        self.path = URL(fileURLWithPath: expanded).standardizedFileURL.path
    }

    /// The genesis file, the same for all members.
    var genesis: String { path + "/genesis.cbor" }
    var configuration: String { path + "/provnode.toml" }
    var keys: String { path + "/keys" }
    var stateDatabase: String { path + "/" + Self.stateDatabaseName }
    var indexDatabase: String { path + "/" + Self.indexDatabaseName }
    var attachments: String { path + "/attachments" }
    /// Prints and codes to search among; made again from the index and the attachments.
    var search: String { path + "/search" }
    /// Who read restricted attachments.
    var accessLog: String { path + "/access" }
    /// The validator's own votes, in a chain of several.
    var journal: String { path + "/journal" }
    /// What a node saw of the chain's troubles; only if there were any.
    var incidents: String { path + "/incidents" }
    /// Where a running node can be reached; removed when it stops.
    var running: String { path + "/node.json" }

    func key(_ name: String) -> String { keys + "/" + name + ".key" }

    func loadGenesis() throws -> GenesisFile {
        try HomeFormat.check(self)
        let bytes = try FileBytes.read(
            genesis, whatToDo: Phrase("run `provnode init --home \(path)` first", "请先运行 `provnode init --home \(path)`")
        )
        do {
            return try GenesisFile(cbor: bytes)
        } catch {
            throw HomeError.badFile(genesis, reason: Phrase(of: error))
        }
    }
}

/// What can be wrong with a node's folder.
enum HomeError: Spoken {
    case missing(String, whatToDo: Phrase)
    case badFile(String, reason: Phrase)
    case exists(String)
    case passphraseNeeded(String)
    case notAValidator(String)
    case notAnObserver(String)
    case notAnAccount(String, member: String)
    case newerFormat(String, found: Int, known: Int)

    var phrase: Phrase {
        switch self {
        case .missing(let file, let whatToDo):
            Phrase(
                "\(file) does not exist; \(whatToDo.english)",
                "\(file) 不存在；\(whatToDo.chinese)")
        case .badFile(let file, let reason):
            Phrase(
                "\(file): \(reason.english)",
                "\(file)：\(reason.chinese)")
        case .exists(let file):
            Phrase(
                "\(file) exists already; choose another --home, or remove it yourself",
                "\(file) 已存在；请换用其他 --home，或自行将其移除")
        case .passphraseNeeded(let file):
            Phrase(
                "\(file) is encrypted; give its passphrase in PROV_PASSPHRASE, or in a file named by passphrase_file",
                "\(file) 已加密；请在 PROV_PASSPHRASE 或 passphrase_file 所指的文件中提供口令")
        case .newerFormat(let file, let found, let known):
            Phrase(
                "\(file) says that a newer provnode made this home (format \(found), provnode \(Software.version) knows "
                    + "\(known)): install the release that made it",
                "\(file) 表明此目录由更新版本的 provnode 创建（格式 \(found)，provnode \(Software.version) 支持 \(known)）：请安装创建它的版本")
        case .notAnObserver(let file):
            Phrase(
                "\(file) is the key of a validator of this genesis: its home is no observer's; remove role from the "
                    + "configuration, or make a home with `provnode observe`",
                "\(file) 是此创世文件中某个验证者的密钥：其目录不属于观察者；请从配置中移除 role，或用 `provnode observe` 新建目录")
        case .notAValidator(let file):
            Phrase(
                "\(file) is not the key of a validator of this genesis",
                "\(file) 不是此创世文件中任何验证者的密钥")
        case .notAnAccount(let file, let member):
            Phrase(
                "\(file) is not the key of an account of \"\(member)\" in this genesis; ask the founder for one that has it",
                "\(file) 不是此创世文件中“\(member)”的账户密钥；请向创建者索取包含它的创世文件")
        }
    }
}

enum FileBytes {
    static func read(_ path: String, whatToDo: Phrase) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw HomeError.missing(path, whatToDo: whatToDo)
        }
        return [UInt8](data)
    }

    /// Writes a file that must not exist yet, readable by its owner alone if `isSecret`.
    static func create(_ path: String, _ bytes: [UInt8], isSecret: Bool = false) throws {
        guard !FileManager.default.fileExists(atPath: path) else { throw HomeError.exists(path) }
        let attributes: [FileAttributeKey: Any] = [.posixPermissions: isSecret ? 0o600 : 0o644]
        guard FileManager.default.createFile(atPath: path, contents: Data(bytes), attributes: attributes) else {
            throw HomeError.badFile(path, reason: Phrase(same: String(cString: strerror(errno))))
        }
    }
}
