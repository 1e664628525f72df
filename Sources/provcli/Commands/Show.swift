import ArgumentParser
import ProvChain

struct Show: Command {
    static let configuration = CommandConfiguration(
        abstract: "Show what the registry says about one thing. 查询记录。",
        discussion: """
            Examples:
              provcli show urn:provchain:work:…
              provcli show urn:provchain:title:…:1 --json
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "URN of a work, version, title, offer, party, key, member, chain or component.") var urn: String

    func run(in context: Context) async throws {
        let urn = try ProvCLI.urn(urn)
        if case .statement(let id) = urn {
            try await context.printOutcome(try await context.node().statement(id))
        } else {
            try await context.show(urn)
        }
    }
}

extension Context {
    /// Prints a record with all of its fields.
    func show(_ urn: URN) async throws {
        let view = try await node().record(urn)
        var lines: [Console.Line] = [.init(.urn, view.urn), .init(.kind, view.kind)]
        if let metadata = view.metadata {
            lines.append(.init(.title, metadata.title))
            if let description = metadata.description { lines.append(.init(.description, description)) }
            if !metadata.authors.isEmpty {
                lines.append(.init(.authors, metadata.authors.joined(separator: ", ")))
            }
        }
        lines.append(.init(.height, "\(view.height)"))
        lines.append(.init(.time, Time.text(milliseconds: view.time)))
        lines.append(.init(.events, "\(view.historyCount)"))
        lines.append(.init(.history, view.historyHead))
        lines += Self.lines(of: view.record, indent: "")
        console.result(JSONValue(view), lines)
    }

    /// The fields of a record, one line each, nested ones indented.
    private static func lines(of value: JSONValue, indent: String) -> [Console.Line] {
        guard case .object(let members) = value else { return [.init(indent + text(value))] }
        return members.sorted { $0.key < $1.key }.flatMap { name, value -> [Console.Line] in
            switch value {
            case .object: [.init("\(indent)\(name):")] + lines(of: value, indent: indent + "  ")
            case .array(let items):
                [.init("\(indent)\(name):")] + items.flatMap { item in lines(of: item, indent: indent + "  - ") }
            case .null, .bool, .number, .string: [.init("\(indent)\(name): \(text(value))")]
            }
        }
    }

    private static func text(_ value: JSONValue) -> String {
        switch value {
        case .null: "-"
        case .bool(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let value): value
        case .array(let items): items.map(text).joined(separator: ", ")
        case .object(let members):
            members.sorted { $0.key < $1.key }.map { "\($0.key) \(text($0.value))" }.joined(separator: ", ")
        }
    }
}
