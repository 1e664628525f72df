import ArgumentParser
import ProvChain

struct PartyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "party", abstract: "Apply for enrolment, enrol, look up parties, change keys. 主体登记。",
        subcommands: [PartyApply.self, PartyEnrol.self, PartyShow.self, PartyRotateKey.self])
}

struct PartyApply: Command {
    static let configuration = CommandConfiguration(
        commandName: "apply", abstract: "Write a signed application for a registrar. 生成登记申请。",
        discussion: """
            The application proves that you hold the key. It has no personal data.

            Examples:
              provcli party apply -o application.cbor
              provcli party apply --kind organisation -o studio.cbor --key studio.key
              provcli party apply --chain urn:provchain:chain:… -o application.cbor     (without a node)
            """)

    @OptionGroup var global: GlobalOptions
    @Option(help: "person, organisation or agent.") var kind = "person"
    @Option(help: "Id of the chain; else the pinned one or the node's.") var chain: String?
    @Option(name: .shortAndLong, help: "File to write.") var output: String
    @Flag(help: "Replace the file if it exists.") var force = false

    func run(in context: Context) async throws {
        let kind = try ProvCLI.word(kind, of: PartyKind.self)
        let chain: Digest
        if let expected = try context.expectedChain(self.chain) {
            chain = expected
        } else {
            chain = try await context.chain().id
        }
        let key = try context.unlockKey(at: context.keyPath)
        let application = try SignedApplication.make(kind: kind, key: key, chain: chain)
        try Disk.write(application.encoded, to: output, .open, replacing: force)
        context.console.notice(.applicationWritten, ["path": output])
        let party = URN.party(application.party).description
        context.console.result(
            .object([
                "party": .string(party), "chain": .string(chain.hex), "path": .string(output),
                "kid": .string(key.publicKey.kid.hex), "did": .string(key.publicKey.did),
            ]),
            [.init(.party, party), .init(.chain, chain.hex), .init(.path, output)])
    }
}

struct PartyEnrol: Command {
    static let configuration = CommandConfiguration(
        commandName: "enrol", abstract: "Enrol a party from its application; for registrars. 登记主体。",
        discussion: """
            Examples:
              provcli party enrol application.cbor --key registrar.key
              provcli party enrol application.cbor --real-name-level 2 --key registrar.key
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var making: StatementOptions
    @Argument(help: "The signed application.") var application: String
    @Option(help: "How well the identity was checked: 0 not at all, up to 3.") var realNameLevel: UInt64 = 0

    func validate() throws {
        guard realNameLevel <= EnrolParty.maximumRealNameLevel else {
            throw ValidationError("--real-name-level is 0 to \(EnrolParty.maximumRealNameLevel)")
        }
    }

    func run(in context: Context) async throws {
        let bytes = try Disk.read(application, limit: Limits.applicationBytes)
        let signed: SignedApplication
        do throws(Refusal) {
            signed = try SignedApplication(encoded: bytes)
        } catch {
            // Nobody refused anything yet: it is the file that is not good.
            throw CLIError.failed(
                .badContent,
                [
                    "path": application, "expected": "signed application",
                    "reason": error.parameters["reason"]
                        ?? Catalogue.sentence(for: error, in: context.console.language),
                ])
        }
        let signer = try await context.signer(making)
        guard signed.chain == signer.chain else {
            throw Refusal(.wrongApplicationChain, ["found": signed.chain.hex, "expected": signer.chain.hex])
        }
        let statement = try signer.sign(
            .enrolParty(EnrolParty(application: bytes, realNameLevel: realNameLevel))
        ) { _ in .party(signed.party) }
        try await context.deliver(
            statement, making, extra: ["party": .string(URN.party(signed.party).description)])
    }
}

struct PartyShow: Command {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show a party; without a name, the one of your key. 查询主体。",
        discussion: """
            Examples:
              provcli party show
              provcli party show urn:provchain:party:…
            """)

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The party's URN or id.") var party: String?

    func run(in context: Context) async throws {
        let id: Digest
        if let party {
            id = try ProvCLI.party(party)
        } else {
            guard case .signature(let key) = try context.keyFile(at: context.keyPath).key else {
                throw CLIError.failed(.partyMissing)
            }
            guard let record = try await context.node().stored(KeyRecord.self, .key(key.kid)),
                case .party(let party) = record.holder
            else { throw CLIError.failed(.notFound, ["what": URN.key(key.kid).description]) }
            id = party
        }
        try await context.show(.party(id))
    }
}
