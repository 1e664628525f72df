import ArgumentParser
import ProvChain

struct TitleCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "title", abstract: "Transfer title in shares, with the consent of both sides. 权属转让。",
        subcommands: [TitleOffer.self, TitleAccept.self, TitleDecline.self, TitleCancel.self, TitleShow.self])
}

struct TitleOffer: Command {
    static let configuration = CommandConfiguration(
        commandName: "offer", abstract: "Offer a share of title; nothing moves until it is accepted. 发出要约。",
        discussion: """
            Examples:
              provcli title offer urn:provchain:work:… --to urn:provchain:party:… --share 100%
              provcli title offer urn:provchain:work:… --to urn:provchain:party:… --share 2500 --days 7
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var making: StatementOptions
    @Argument(help: "The work's URN.") var work: String
    @Option(help: "The recipient's URN or id.") var to: String
    @Option(help: "Share: basis points (1 to 10000), or per cent such as 12.5%.") var share: String
    @Option(help: "Days for which the offer stays open, 1 to 366.") var days: UInt64 = 30
    @Option(help: "File with the terms between the parties; only its hash is recorded.") var terms: String?

    private static let secondsPerDay: UInt64 = 86_400

    func validate() throws {
        guard (1...Limits.offerLifetimeSeconds / Self.secondsPerDay).contains(days) else {
            throw ValidationError("--days is 1 to \(Limits.offerLifetimeSeconds / Self.secondsPerDay)")
        }
    }

    func run(in context: Context) async throws {
        let work = try ProvCLI.work(work)
        let recipient = try ProvCLI.party(to)
        let share = try ProvCLI.share(share)
        let terms = try terms.map { path throws(CLIError) in
            try Asset.fingerprint(path, console: context.console).sha256
        }
        let signer = try await context.signer(making)
        let offer = OfferTitle(
            work: work, right: .copyright, recipient: recipient, share: share,
            deadline: Time.now + days * Self.secondsPerDay, terms: terms)
        let statement = try signer.sign(.offerTitle(offer)) { .offer($0) }
        try await context.deliver(
            statement, making,
            extra: [
                "offer": .string(statement.claims.subject.description), "share": JSONValue(share),
                "deadline": JSONValue(offer.deadline), "work": .string(URN.work(work).description),
            ])
    }
}

/// The three answers to an offer differ in one word.
protocol OfferAnswer: Command {
    var making: StatementOptions { get }
    var offer: String { get }
    static var payload: Payload { get }
}

extension OfferAnswer {
    func run(in context: Context) async throws {
        let offer = URN.offer(try ProvCLI.offer(offer))
        let signer = try await context.signer(making)
        let statement = try signer.sign(Self.payload) { _ in offer }
        try await context.deliver(statement, making, extra: ["offer": .string(offer.description)])
    }
}

struct TitleAccept: OfferAnswer {
    static let configuration = CommandConfiguration(
        commandName: "accept", abstract: "Accept an offer made to you; the share moves. 接受要约。",
        discussion: "Example:\n  provcli title accept urn:provchain:offer:…")
    static let payload = Payload.acceptTitle(AnswerOffer())

    @OptionGroup var global: GlobalOptions
    @OptionGroup var making: StatementOptions
    @Argument(help: "The offer's URN.") var offer: String
}

struct TitleDecline: OfferAnswer {
    static let configuration = CommandConfiguration(
        commandName: "decline", abstract: "Decline an offer made to you. 拒绝要约。",
        discussion: "Example:\n  provcli title decline urn:provchain:offer:…")
    static let payload = Payload.declineTitle(AnswerOffer())

    @OptionGroup var global: GlobalOptions
    @OptionGroup var making: StatementOptions
    @Argument(help: "The offer's URN.") var offer: String
}

struct TitleCancel: OfferAnswer {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Cancel an offer that you made. 撤回要约。",
        discussion: "Example:\n  provcli title cancel urn:provchain:offer:…")
    static let payload = Payload.cancelTitle(AnswerOffer())

    @OptionGroup var global: GlobalOptions
    @OptionGroup var making: StatementOptions
    @Argument(help: "The offer's URN.") var offer: String
}

struct TitleShow: Command {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show who holds title in a work. 查询权属。",
        discussion: "Example:\n  provcli title show urn:provchain:work:…")

    @OptionGroup var global: GlobalOptions
    @Argument(help: "The work's URN.") var work: String

    func run(in context: Context) async throws {
        let work = try ProvCLI.work(work)
        let urn = URN.title(work: work, right: .copyright)
        let node = try context.node()
        let view = try await node.record(urn)
        guard let bytes = Hex.decode(view.cbor), let stored = try? StoredRecord(cbor: bytes),
            let title = try? TitleRecord(cbor: stored.body)
        else { throw node.badAnswer("record \(urn)") }
        let holders = title.holders.map { holder in
            JSONValue.object([
                "party": .string(URN.party(holder.party).description), "share": JSONValue(holder.share),
            ])
        }
        context.console.result(
            .object([
                "work": .string(URN.work(work).description), "urn": .string(urn.description),
                "height": JSONValue(view.height), "time": JSONValue(view.time), "holders": .array(holders),
                "cbor": .string(view.cbor),
            ]),
            [.init(.work, URN.work(work).description), .init(.height, "\(view.height)")]
                + title.holders.map { .init("\(Self.percent($0.share))  \(URN.party($0.party))") })
    }

    /// Basis points as per cent with two decimals.
    private static func percent(_ share: UInt64) -> String {
        let fraction = "\(share % 100)"
        return "\(share / 100)." + (fraction.count == 1 ? "0" : "") + fraction + "%"
    }
}
