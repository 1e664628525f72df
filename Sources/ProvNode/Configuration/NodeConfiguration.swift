import Foundation
import Logging
import ProvChain
import TOMLKit

/// A node's settings: one TOML file, every key of which a variable `PROV_…` overrides.
struct NodeConfiguration: Sendable {
    var host = "127.0.0.1"
    /// 0 lets the system choose.
    var port = 8_420
    var logLevel = "info"
    /// Bytes of attachments that the node keeps.
    var attachmentQuota = 10 << 30
    /// Bytes of free disk below which the node takes no statements.
    var spaceReserve = 64 << 20
    /// Scheme, host and port under which clients know this node, such as `https://node.example`; by default where
    /// it listens.
    var publicURL: String?
    /// A file whose first line is the passphrase of the keys.
    var passphraseFile: String?
    /// Where the node listens for other nodes, if its chain has several validators.
    var peerHost = "127.0.0.1"
    /// 0 lets the system choose.
    var peerPort = 8_421
    /// Where other validators' nodes listen for nodes, by member name.
    var peers: [String: PeerAddress] = [:]
    /// Where validators answer clients: scheme, host and port, by member name.
    var apis: [String: String] = [:]
    /// What this node is on its chain.
    var role = Role.validator
    /// Whom this node lets in besides the validators, by a name for people.
    var observers: [String: IdentityKey] = [:]
    /// Whether and with how much memory the node searches for look-alikes.
    var search = SearchSettings()

    enum Role: String, CaseIterable {
        case validator
        /// It follows the chain and has no vote.
        case observer
    }

    /// Observers that a node lets in at most.
    static let maximumObservers = 64

    /// The file that `provnode init` writes.
    ///
    /// - Parameters:
    ///   - peers: by member name, as ``PeerAddress`` writes them.
    ///   - apis: by member name.
    static func template(
        port: Int, peerPort: Int = 8_421, peers: [String: String] = [:], apis: [String: String] = [:],
        role: Role = .validator
    ) -> String {
        """
        # A ProvChain node. Each key can be overridden by a variable, such as PROV_PORT=9000.

        \(role == .observer ? "# It follows the chain and has no vote.\nrole = \"observer\"\n" : "")\
        # Where the HTTP API listens. Put a reverse proxy with TLS before it to serve others.
        host = "127.0.0.1"
        port = \(port)

        # The address that clients use, if a proxy stands before the node. Read tokens name it.
        # public_url = "https://node.example"

        # trace, debug, info, notice, warning, error or critical
        log_level = "info"

        # Bytes of attachments (manifests, metadata) to keep at most.
        attachment_quota = \(10 << 30)

        # Bytes of free disk below which no statements are taken. Reading goes on, and so do empty blocks.
        space_reserve = \(64 << 20)

        # A file whose first line is the passphrase of the keys in keys/. Instead of it, set PROV_PASSPHRASE.
        # passphrase_file = "/etc/provnode/passphrase"

        # Where this node listens for the other validators' nodes. A sole validator opens no such port.
        peer_host = "127.0.0.1"
        peer_port = \(peerPort)

        # Where the others listen, by member name as in the genesis.
        \(MemberTable.section("peers", peers, example: "node.museum.example:8421"))

        # Where validators answer clients, which turn to another one when theirs is silent.
        \(MemberTable.section("apis", apis, example: "https://node.museum.example"))

        \(role == .observer ? "" : observersTemplate)\
        \(SearchSettings.template)

        """
    }

    private static let observersTemplate = """
        # Who may follow the chain by this node without a vote: what `provnode observe` prints.
        # [observers]
        # "State Auditor" = "did:key:z6LS…"


        """

    /// Reads the file and the environment. An unknown key or a value of the wrong kind is an error that names it.
    init(file: String, environment: [String: String]) throws {
        if let data = FileManager.default.contents(atPath: file) {
            do {
                try read(try TOMLTable(string: String(decoding: data, as: UTF8.self)))
            } catch let error as ConfigurationError {
                throw HomeError.badFile(file, reason: error.phrase)
            } catch {
                throw HomeError.badFile(file, reason: Phrase(same: "\(error)"))
            }
        }
        try override(environment)
    }

    private mutating func read(_ table: TOMLTable) throws {
        for key in table.keys {
            let value = table[key]
            switch key {
            case "host": host = try Self.need(value?.string, key, Self.textForm)
            case "port": port = try Self.port(value?.int, key)
            case "log_level": logLevel = try Self.level(value?.string)
            case "attachment_quota": attachmentQuota = try Self.bytes(value?.int, key)
            case "space_reserve": spaceReserve = try Self.bytes(value?.int, key)
            case "public_url": publicURL = try Self.publicURL(value?.string)
            case "passphrase_file": passphraseFile = try Self.need(value?.string, key, Phrase("a path", "一个路径"))
            case "peer_host": peerHost = try Self.need(value?.string, key, Self.textForm)
            case "peer_port": peerPort = try Self.port(value?.int, key)
            case "peers": peers = try Self.peers(value?.table)
            case "apis": apis = try Self.apis(value?.table)
            case "role": role = try Self.role(value?.string)
            case "observers": observers = try Self.observers(value?.table)
            case "search": search = try SearchSettings(value?.table)
            default: throw ConfigurationError.unknownKey(key)
            }
        }
    }

    private mutating func override(_ environment: [String: String]) throws {
        host = environment["PROV_HOST"] ?? host
        if let text = environment["PROV_PORT"] { port = try Self.port(Int(text), "PROV_PORT") }
        if let text = environment["PROV_LOG_LEVEL"] { logLevel = try Self.level(text) }
        if let text = environment["PROV_ATTACHMENT_QUOTA"] {
            attachmentQuota = try Self.bytes(Int(text), "PROV_ATTACHMENT_QUOTA")
        }
        if let text = environment["PROV_SPACE_RESERVE"] {
            spaceReserve = try Self.bytes(Int(text), "PROV_SPACE_RESERVE")
        }
        if let text = environment["PROV_PUBLIC_URL"] { publicURL = try Self.publicURL(text) }
        passphraseFile = environment["PROV_PASSPHRASE_FILE"] ?? passphraseFile
        peerHost = environment["PROV_PEER_HOST"] ?? peerHost
        if let text = environment["PROV_PEER_PORT"] { peerPort = try Self.port(Int(text), "PROV_PEER_PORT") }
        if let text = environment["PROV_PEERS"] { peers = try Self.peers(MemberTable.inline(text, "PROV_PEERS")) }
        if let text = environment["PROV_APIS"] { apis = try Self.apis(MemberTable.inline(text, "PROV_APIS")) }
        if let text = environment["PROV_ROLE"] { role = try Self.role(text) }
        if let text = environment["PROV_OBSERVERS"] {
            observers = try Self.observers(MemberTable.inline(text, "PROV_OBSERVERS"))
        }
        try search.override(environment)
    }

    private static func port(_ value: Int?, _ key: String) throws -> Int {
        guard let value, (0...65_535).contains(value) else {
            throw ConfigurationError.invalid(key: key, expected: Phrase("a number from 0 to 65535", " 0 至 65535 的数"))
        }
        return value
    }

    private static let originForm = Phrase(
        "like https://node.example, without a path", "形如 https://node.example 的地址，不带路径")
    private static let textForm = Phrase("a text such as \"127.0.0.1\"", "文本，例如 \"127.0.0.1\"")

    private static func publicURL(_ value: String?) throws -> String {
        try need(value.flatMap(origin), "public_url", originForm)
    }

    private static func peers(_ table: TOMLTable?) throws -> [String: PeerAddress] {
        try MemberTable.read(table, "peers", expected: PeerAddress.form) { PeerAddress($0) }
    }

    private static func apis(_ table: TOMLTable?) throws -> [String: String] {
        try MemberTable.read(table, "apis", expected: originForm, parse: origin)
    }

    private static func role(_ value: String?) throws -> Role {
        guard let role = value.flatMap(Role.init) else {
            throw ConfigurationError.invalid(
                key: "role", expected: Phrase("\"validator\" or \"observer\"", " \"validator\" 或 \"observer\""))
        }
        return role
    }

    private static func observers(_ table: TOMLTable?) throws -> [String: IdentityKey] {
        let form = Phrase("a did:key as `provnode observe` prints it", " `provnode observe` 输出的 did:key")
        let found = try MemberTable.read(table, "observers", expected: form) { try? IdentityKey(did: $0) }
        guard found.count <= maximumObservers, Set(found.values).count == found.count else {
            throw ConfigurationError.invalid(
                key: "observers",
                expected: Phrase(
                    "a table of at most \(maximumObservers) names, each with a key of its own",
                    "最多 \(maximumObservers) 个名称的表，每个名称各有一个密钥"))
        }
        return found
    }

    /// A scheme, a host and perhaps a port, as tokens name a node: without a path.
    private static func origin(_ value: String) -> String? {
        guard let scheme = ["http://", "https://"].first(where: { value.hasPrefix($0) }),
            value.utf8.count > scheme.utf8.count, value.utf8.count <= ReadToken.audienceBytes,
            value.dropFirst(scheme.count).allSatisfy({ $0 != "/" && $0 != "?" && $0 != "#" && !$0.isWhitespace })
        else { return nil }
        return value.lowercased()
    }

    private static func level(_ value: String?) throws -> String {
        let levels = ["trace", "debug", "info", "notice", "warning", "error", "critical"]
        guard let value, levels.contains(value) else {
            throw ConfigurationError.invalid(key: "log_level", expected: Phrase(same: levels.joined(separator: ", ")))
        }
        return value
    }

    private static func bytes(_ value: Int?, _ key: String) throws -> Int {
        guard let value, value >= 0 else {
            throw ConfigurationError.invalid(key: key, expected: Phrase("a number of bytes, 0 or more", "不小于 0 的字节数"))
        }
        return value
    }

    private static func need<T>(_ value: T?, _ key: String, _ expected: Phrase) throws -> T {
        guard let value else { throw ConfigurationError.invalid(key: key, expected: expected) }
        return value
    }

    /// Logs to standard error, from the configured level on.
    var logger: Logger {
        var logger = Logger(label: "provnode", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = Logger.Level(rawValue: logLevel) ?? .info
        return logger
    }

    /// The passphrase of the keys, or `nil` if none was given.
    func passphrase(environment: [String: String]) throws -> [UInt8]? {
        if let text = environment["PROV_PASSPHRASE"] { return Array(text.utf8) }
        guard let passphraseFile else { return nil }
        let bytes = try FileBytes.read(
            passphraseFile, whatToDo: Phrase("it is named by passphrase_file", "它由 passphrase_file 指定"))
        return Array(bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") })
    }
}

enum ConfigurationError: Spoken {
    case unknownKey(String)
    case invalid(key: String, expected: Phrase)
    case unknownMember(String, table: String, members: [String])

    var phrase: Phrase {
        switch self {
        case .unknownKey(let key):
            Phrase(
                "unknown key \"\(key)\"; known are \(Self.known), and the tables \(Self.tables)",
                "未知的键“\(key)”；可用的键为 \(Self.known)，以及表 \(Self.tables)")
        case .invalid(let key, let expected):
            Phrase(
                "\(key) must be \(expected.english)",
                "\(key) 应为\(expected.chinese)")
        case .unknownMember(let name, let table, let members):
            Phrase(
                "[\(table)] in the configuration names \"\(name)\", which is not a member of this chain; members are "
                    + members.map { "\"\($0)\"" }.joined(separator: ", "),
                "配置中的 [\(table)] 提到“\(name)”，它不是本链的成员；成员有 "
                    + members.map { "“\($0)”" }.joined(separator: "、"))
        }
    }

    private static let known =
        "host, port, public_url, log_level, attachment_quota, space_reserve, passphrase_file, peer_host, peer_port, role"
    private static let tables = "peers, apis, observers, search"
}
