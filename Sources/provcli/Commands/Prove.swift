import ArgumentParser
import ProvChain

struct Prove: Command {
    static let configuration = CommandConfiguration(
        abstract: "Fetch everything that proves a record, as one file. 获取证明包。",
        discussion: """
            The bundle is checked before it is written; anyone can check it again offline with provcli check.

            Examples:
              provcli prove urn:provchain:work:… -o chair.provbundle
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "URN of the thing.") var urn: String
    @Option(name: .shortAndLong, help: "File to write.") var output: String
    @Option(help: "Genesis file to check against; else the configured one.") var genesis: String?
    @Flag(help: "Replace the file if it exists.") var force = false

    func run(in context: Context) async throws {
        let urn = try ProvCLI.urn(urn)
        let node = try context.node()
        let bytes = try await node.bundle(urn)
        let (genesis, isPinned) = try await context.genesisFile(genesis)
        guard let bundle = try? Bundle(cbor: bytes), bundle.subject == urn else {
            throw node.badAnswer("bundle of \(urn)")
        }
        let report = bundle.check(against: genesis)
        if report.verified {
            try Disk.write(bytes, to: output, .open, replacing: force)
            context.console.notice(.fileWritten, ["path": output])
        }
        try context.print(
            report, bundle,
            extra: [
                "path": report.verified ? .string(output) : .null, "size": .number(Int64(bytes.count)),
                "genesisPinned": .bool(isPinned),
            ])
    }
}

struct Check: Command {
    static let configuration = CommandConfiguration(
        abstract: "Check a bundle offline, with nothing but the genesis file. 离线验证证明包。",
        discussion: """
            Prints every check with what was found. Exit code 1 if any fails. --file compares a file at hand with \
            those registered.

            Examples:
              provcli check chair.provbundle --genesis genesis.cbor
              provcli check chair.provbundle --file chair.glb --genesis genesis.cbor --json
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The bundle.") var bundle: String
    @Option(help: "A file that should be one of those registered.") var file: String?
    @Option(help: "Genesis file; else the configured one.") var genesis: String?

    func run(in context: Context) async throws {
        guard let path = genesis ?? context.configuration.genesis else {
            throw ValidationError("--genesis FILE is needed: it is what the proof rests on")
        }
        let genesis = try context.readGenesis(path)
        let bytes = try Disk.read(bundle, limit: NodeClient.bundleLimit)
        let parsed: Bundle
        do throws(CBORError) {
            parsed = try Bundle(cbor: bytes)
        } catch {
            throw CLIError.failed(
                .badContent, ["path": bundle, "expected": Bundle.format, "reason": error.description])
        }
        let atHand = try file.map { path throws(CLIError) in
            try Asset.fingerprint(path, console: context.console)
        }
        try context.print(parsed.check(against: genesis, file: atHand), parsed, extra: [:])
    }
}

extension Context {
    /// Every check, and exit code 1 unless all of them hold.
    func print(_ report: BundleReport, _ bundle: Bundle, extra: [String: JSONValue]) throws(CLIError) {
        let checks = report.checks.map { check in
            JSONValue.object([
                "name": .string(check.name.rawValue), "ok": .bool(check.ok),
                "detail": .string(check.detail.text(in: console.language)),
            ])
        }
        let document: [String: JSONValue] = [
            "verified": .bool(report.verified), "checks": .array(checks),
            "urn": .string(bundle.subject.description), "chain": .string(bundle.chain.hex),
            "height": JSONValue(bundle.header.height), "time": JSONValue(bundle.header.time),
        ]
        let width = BundleReport.Name.allCases.map(\.rawValue.count).max() ?? 0
        let verdict: Catalogue.Notice = report.verified ? .bundleVerified : .bundleNotVerified
        let lines: [Console.Line] = report.checks.map { check in
            let name = check.name.rawValue
            let padding = String(repeating: " ", count: width - name.count + 2)
            return .init("\(check.ok ? "✓" : "✗") \(name)\(padding)\(check.detail.text(in: console.language))")
        }
        console.result(
            JSONValue.object(document).adding(extra), lines + [.init(verdict.phrase.text(in: console.language))])
        if !report.verified { throw .answered(.no) }
    }
}
