import FoundationEssentials
import Glibc
import ProvChain

/// The two streams: results on standard output, everything else on standard error.
struct Console: Sendable {
    let json: Bool
    let language: Language

    /// The option, else the configuration, else the locale as POSIX ranks its variables.
    static func language(_ option: Language?, configured: Language?) -> Language {
        if let language = option ?? configured { return language }
        return Language(
            locale: Environment["LC_ALL"] ?? Environment["LC_MESSAGES"] ?? Environment["LANG"] ?? "en")
    }

    static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1 }

    /// One result: a document for programs, or lines for people.
    func result(_ document: JSONValue, _ lines: [Line]) {
        if json {
            print(json: document)
            return
        }
        let width = lines.compactMap { $0.label?.phrase.text(in: language) }.map(Self.width).max() ?? 0
        for line in lines {
            guard let label = line.label?.phrase.text(in: language) else {
                Self.write(Self.printable(line.value), to: STDOUT_FILENO)
                continue
            }
            let padding = String(repeating: " ", count: width - Self.width(label) + 2)
            Self.write(label + padding + Self.printable(line.value), to: STDOUT_FILENO)
        }
    }

    func print(json document: JSONValue) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(document) else {
            preconditionFailure("a JSON value did not encode")
        }
        Self.write(String(decoding: data, as: UTF8.self), to: STDOUT_FILENO)
    }

    /// A message for people, also while JSON is printed.
    func notice(_ notice: Catalogue.Notice, _ values: [String: String] = [:]) {
        message(notice.phrase.text(in: language, values))
    }

    func message(_ text: String) { Self.write(Self.printable(text), to: STDERR_FILENO) }

    func report(_ error: CLIError) {
        if case .answered = error { return }
        message("provcli: " + error.message(in: language))
        if json { print(json: error.document(in: language)) }
    }

    func text(_ label: Catalogue.Label) -> String { label.phrase.text(in: language) }

    /// What a node or a file says may not move the cursor or reorder what is on the screen.
    static func printable(_ text: String) -> String {
        var scalars = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x0a: scalars.append(scalar)
            case 0...0x1f, 0x7f...0x9f, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069: scalars.append("\u{fffd}")
            default: scalars.append(scalar)
            }
        }
        return String(scalars)
    }

    static func write(_ text: String, terminator: String = "\n", to descriptor: Int32) {
        let bytes = Array((text + terminator).utf8)
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress! + offset, bytes.count - offset)
            }
            if count < 0, errno == EINTR { continue }
            // A closed pipe: nobody reads any more.
            if count <= 0 { return }
            offset += count
        }
    }

    /// Columns on a terminal: Chinese characters take two.
    private static func width(_ text: String) -> Int {
        text.unicodeScalars.reduce(0) { $0 + ($1.value >= 0x2e80 ? 2 : 1) }
    }

    /// One line of a result.
    struct Line {
        let label: Catalogue.Label?
        let value: String

        init(_ label: Catalogue.Label, _ value: String) {
            self.label = label
            self.value = value
        }

        init(_ value: String) {
            label = nil
            self.value = value
        }
    }
}

extension JSONValue {
    /// The same document as a tree, to which a command may add members.
    init(_ value: some Encodable) {
        let encoder = JSONEncoder()
        guard let data = try? encoder.encode(value), let tree = try? JSONDecoder().decode(JSONValue.self, from: data)
        else { preconditionFailure("\(type(of: value)) did not encode") }
        self = tree
    }

    /// An object with further members, which win.
    func adding(_ members: [String: JSONValue]) -> JSONValue {
        guard case .object(let own) = self else { return .object(members) }
        return .object(own.merging(members) { $1 })
    }

    init(_ number: UInt64) { self = .number(Int64(clamping: number)) }
}
