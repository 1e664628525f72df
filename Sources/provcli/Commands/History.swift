import ArgumentParser
import ProvChain

struct HistoryCommand: Command {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "Every statement about one thing, proven complete. 查询完整历史。",
        discussion: """
            All events are fetched and their hash chain is computed again. It must lead to the head in a record that \
            a bundle proves against the genesis: then "complete" is true, and nothing can have been left out. A \
            date alone means its last moment, in UTC.

            Examples:
              provcli history urn:provchain:work:…
              provcli history urn:provchain:work:… --as-of 2026-01-31
              provcli history urn:provchain:party:… --as-of height:1200 --json
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "URN of the thing.") var urn: String
    @Option(help: ArgumentHelp("RFC 3339 time, date, or height:N.", valueName: "time")) var asOf: String?
    @Option(help: "Genesis file to check against; else the configured one.") var genesis: String?

    func run(in context: Context) async throws {
        let urn = try ProvCLI.urn(urn)
        let cut = try asOf.map { text throws(CLIError) in try Cut(text) }
        let proven = try await context.provenHistory(of: urn, genesis: genesis)
        let events = try await context.events(of: urn, until: proven.history)
        try proven.checkWhoSaidWhat(events, of: urn)
        let chosen = events.filter { cut?.includes($0) ?? true }
        if let reason = proven.weakness {
            context.console.notice(.historyNotProven, ["reason": reason])
        }
        context.console.result(
            .object([
                "urn": .string(urn.description), "events": .array(chosen.map { JSONValue($0) }),
                "complete": .bool(proven.weakness == nil), "asOf": asOf.map { .string($0) } ?? .null,
                "count": JSONValue(UInt64(chosen.count)), "total": JSONValue(proven.history.count),
                "head": .string(proven.history.head.hex), "height": proven.height.map { JSONValue($0) } ?? .null,
                "genesisPinned": .bool(proven.isGenesisPinned),
            ]),
            chosen.map {
                .init("\($0.number)  \(Time.text(milliseconds: $0.time))  \($0.height)  \($0.type)  \($0.statement)")
            })
        guard proven.weakness == nil else { return }
        let count = "\(proven.history.count)"
        if let asOf {
            context.console.notice(.historyCut, ["shown": "\(chosen.count)", "count": count, "time": asOf])
        } else {
            context.console.notice(.historyComplete, ["count": count])
        }
    }

    /// The moment up to which events are wanted.
    private enum Cut {
        case time(UInt64)
        case height(UInt64)

        init(_ text: String) throws(CLIError) {
            if text.hasPrefix("height:"), let height = UInt64(text.dropFirst("height:".count)) {
                self = .height(height)
            } else if let time = Time.parse(text) {
                self = .time(time)
            } else {
                throw ProvCLI.bad(text, "2026-01-31, 2026-01-31T12:00:00Z, height:N")
            }
        }

        func includes(_ event: HistoryView.Event) -> Bool {
            switch self {
            case .time(let time): event.time <= time
            case .height(let height): event.height <= height
            }
        }
    }
}

/// How long a history is and where it ends, and what is known about that.
struct ProvenHistory {
    let history: History
    /// The block that proves it.
    let height: UInt64?
    let isGenesisPinned: Bool
    /// Why this is not proven; `nil` if it is.
    let weakness: String?
    /// The statements of the bundle, by id.
    let statements: [String: Statement]

    /// Type and issuer of an event are not part of the hash chain: they must be those of the proven statement.
    func checkWhoSaidWhat(_ events: [HistoryView.Event], of urn: URN) throws(CLIError) {
        guard weakness == nil else { return }
        for event in events {
            guard let statement = statements[event.statement], statement.payload.type.rawValue == event.type,
                URN.party(statement.claims.issuer).description == event.issuer
            else {
                throw .failed(
                    .historyBroken,
                    ["urn": urn.description, "reason": "event \(event.number): type or issuer is not the statement's"])
            }
        }
    }
}

extension Context {
    /// The head of a history from a bundle that verifies.
    func provenHistory(of urn: URN, genesis path: String?) async throws -> ProvenHistory {
        let node = try node()
        let record = try await node.record(urn)
        guard let head = Digest(hex: record.historyHead) else { throw node.badAnswer("historyHead") }
        let claimed = History(count: record.historyCount, head: head)
        let bytes: [UInt8]
        do {
            bytes = try await node.bundle(urn)
        } catch let error as CLIError {
            let reason = error.message(in: console.language)
            return ProvenHistory(
                history: claimed, height: nil, isGenesisPinned: false, weakness: reason, statements: [:])
        }
        let (genesis, isPinned) = try await genesisFile(path)
        guard let bundle = try? Bundle(cbor: bytes), bundle.subject == urn else {
            throw node.badAnswer("bundle of \(urn)")
        }
        let report = bundle.check(against: genesis)
        if let failure = report.failure {
            throw CLIError.failed(
                .historyBroken, ["urn": urn.description, "reason": "\(failure.name.rawValue): \(failure.detail)"])
        }
        guard let stored = bundle.records.first(where: { $0.urn == urn })?.record else {
            throw CLIError.failed(.notFound, ["what": urn.description])
        }
        // A bundle that verifies holds nothing but well-formed statements.
        let statements = bundle.statements.compactMap { try? Statement(encoded: $0.encoded) }
        return ProvenHistory(
            history: stored.history, height: bundle.header.height, isGenesisPinned: isPinned, weakness: nil,
            statements: Dictionary(statements.map { ($0.id.hex, $0) }) { first, _ in first })
    }

    /// All events up to `history`, whose hash chain leads there.
    func events(of urn: URN, until history: History) async throws -> [HistoryView.Event] {
        let node = try node()
        func broken(_ reason: String) -> CLIError {
            .failed(.historyBroken, ["urn": urn.description, "reason": reason])
        }
        var events: [HistoryView.Event] = []
        var reached = History.empty
        while reached.count < history.count {
            let page = try await node.history(urn, from: reached.count + 1)
            guard !page.events.isEmpty else {
                throw broken("\(reached.count) of \(history.count) events were given")
            }
            for event in page.events where reached.count < history.count {
                guard event.number == reached.count + 1, let statement = Digest(hex: event.statement),
                    let body = Hex.decode(event.body), SHA256.hash(body).hex == event.bodyHash
                else { throw broken("event \(event.number) is not well formed") }
                reached = reached.appending(
                    HistoryLink(
                        statement: statement, height: event.height, position: event.position, time: event.time,
                        bodyHash: SHA256.hash(body)))
                events.append(event)
            }
        }
        guard reached == history else {
            throw broken("\(reached.count) events lead to \(reached.head), not to \(history.head)")
        }
        return events
    }

    /// The genesis that proofs are checked against: the named or configured file, else the node's own, which
    /// counts as pinned only if it is that of the pinned chain.
    func genesisFile(_ path: String?) async throws -> (file: GenesisFile, isPinned: Bool) {
        if let path = path ?? configuration.genesis { return (try readGenesis(path), true) }
        let node = try node()
        guard let file = try? GenesisFile(cbor: try await node.genesisFile()) else {
            throw node.badAnswer("genesis")
        }
        guard let expected = try expectedChain(nil) else {
            console.notice(.genesisFromNode)
            return (file, false)
        }
        guard file.genesis.chain == expected else {
            throw CLIError.failed(.otherChain, ["found": file.genesis.chain.hex, "expected": expected.hex])
        }
        return (file, true)
    }

    private static var maximumGenesisBytes: Int { 16 << 20 }

    func readGenesis(_ path: String) throws(CLIError) -> GenesisFile {
        let bytes = try Disk.read(path, limit: Self.maximumGenesisBytes)
        do throws(CBORError) {
            return try GenesisFile(cbor: bytes)
        } catch {
            throw .failed(
                .badContent, ["path": path, "expected": "provchain genesis", "reason": error.description])
        }
    }
}
