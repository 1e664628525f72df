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
    /// Where a running node can be reached; removed when it stops.
    var running: String { path + "/node.json" }

    func key(_ name: String) -> String { keys + "/" + name + ".key" }

    func loadGenesis() throws -> GenesisFile {
        try HomeFormat.check(self)
        let bytes = try FileBytes.read(genesis, whatToDo: "run `provnode init --home \(path)` first")
        do {
            return try GenesisFile(cbor: bytes)
        } catch {
            throw HomeError.badFile(genesis, reason: error.description)
        }
    }
}

/// What can be wrong with a node's folder.
enum HomeError: Error, CustomStringConvertible {
    case missing(String, whatToDo: String)
    case badFile(String, reason: String)
    case exists(String)
    case passphraseNeeded(String)
    case notAValidator(String)
    case notAnAccount(String, member: String)
    case newerFormat(String, found: Int, known: Int)

    var description: String {
        switch self {
        case .missing(let file, let whatToDo): "\(file) does not exist; \(whatToDo)"
        case .badFile(let file, let reason): "\(file): \(reason)"
        case .exists(let file): "\(file) exists already; choose another --home, or remove it yourself"
        case .passphraseNeeded(let file):
            "\(file) is encrypted; give its passphrase in PROV_PASSPHRASE, or in a file named by passphrase_file"
        case .newerFormat(let file, let found, let known):
            "\(file) says that a newer provnode made this home (format \(found), provnode \(Software.version) knows "
                + "\(known)): install the release that made it"
        case .notAValidator(let file): "\(file) is not the key of a validator of this genesis"
        case .notAnAccount(let file, let member):
            "\(file) is not the key of an account of \"\(member)\" in this genesis; ask the founder for one that has it"
        }
    }
}

enum FileBytes {
    static func read(_ path: String, whatToDo: String) throws -> [UInt8] {
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
            throw HomeError.badFile(path, reason: String(cString: strerror(errno)))
        }
    }
}
