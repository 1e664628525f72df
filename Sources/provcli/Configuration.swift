import ProvChain

/// What `provcli init` remembers: lines of `name = "value"`, a subset of TOML, in `~/.provchain/config.toml`.
struct Configuration: Sendable {
    var node: String?
    var language: Language?
    var key: String?
    /// The chain that was pinned, 64 hexadecimal digits: no other one is signed for.
    var chain: String?
    var party: String?
    /// A genesis file to check proofs against.
    var genesis: String?

    static let maximumBytes = 65_536

    /// PROV_HOME, or `.provchain` in the home directory.
    static var home: String { Environment["PROV_HOME"] ?? (Environment["HOME"] ?? ".") + "/.provchain" }

    static func path(in home: String) -> String { home + "/config.toml" }

    /// The configuration in `home`; an absent file is an empty one.
    static func load(from home: String) throws(CLIError) -> Configuration {
        let path = path(in: home)
        var configuration = Configuration()
        guard Disk.exists(path) else { return configuration }
        let text = String(decoding: try Disk.read(path, limit: maximumBytes), as: UTF8.self)
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = trim(line)
            if line.isEmpty || line.hasPrefix("#") { continue }
            guard let (name, value) = parse(line), configuration.set(name, value) else {
                throw .failed(.badConfiguration, ["path": path, "line": "\(index + 1)"])
            }
        }
        return configuration
    }

    /// The text of the file, every key with its comment.
    var text: String {
        func line(_ comment: String, _ name: String, _ value: String?) -> String {
            "# \(comment)\n" + (value.map { "\(name) = \(Self.quote($0))" } ?? "# \(name) = \"\"") + "\n"
        }
        return line("Address of a node (--node, PROV_NODE).", "node", node)
            + line("Language of messages, en or zh (--lang).", "lang", language?.rawValue)
            + line("Key file that signs (--key, PROV_KEY).", "key", key)
            + line("The one chain that is accepted (--chain).", "chain", chain)
            + line("The party that signs offline (--party).", "party", party)
            + line("Genesis file against which proofs are checked (--genesis).", "genesis", genesis)
    }

    private mutating func set(_ name: String, _ value: String) -> Bool {
        switch name {
        case "node": node = value
        case "lang":
            guard let language = Language(rawValue: value) else { return false }
            self.language = language
        case "key": key = value
        case "chain": chain = value
        case "party": party = value
        case "genesis": genesis = value
        default: return false
        }
        return true
    }

    private static func trim(_ text: Substring) -> Substring {
        var text = text
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return text
    }

    private static func parse(_ line: Substring) -> (name: String, value: String)? {
        guard let equals = line.firstIndex(of: "=") else { return nil }
        let quoted = trim(line[line.index(after: equals)...])
        guard quoted.count >= 2, quoted.first == "\"", quoted.last == "\"" else { return nil }
        var value = ""
        var isEscaped = false
        for character in quoted.dropFirst().dropLast() {
            if isEscaped {
                guard character == "\\" || character == "\"" else { return nil }
                value.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                return nil
            } else {
                value.append(character)
            }
        }
        return isEscaped ? nil : (String(trim(line[..<equals])), value)
    }

    private static func quote(_ value: String) -> String {
        var text = "\""
        for character in value {
            if character == "\\" || character == "\"" { text.append("\\") }
            text.append(character)
        }
        return text + "\""
    }
}
