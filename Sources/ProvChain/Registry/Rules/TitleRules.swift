/// Transfers of title: offered by a holder, effective only when the recipient accepts in time.
enum TitleRules {
    static func offer(_ payload: OfferTitle, _ context: RuleContext, _ transaction: inout Transaction) throws {
        let identifier = context.statement.derivedIdentifier
        try context.requireSubject(.offer(identifier))
        guard try !transaction.exists(.offer(identifier)) else {
            throw Refusal(.offerExists, ["offer": identifier.hex])
        }
        let titleURN = URN.title(work: payload.work, right: payload.right)
        guard let work = try transaction.read(WorkRecord.self, .work(payload.work)),
            let title = try transaction.read(TitleRecord.self, titleURN)
        else { throw Refusal(.unknownWork, ["work": payload.work.hex]) }
        guard try transaction.exists(.party(payload.recipient)) else {
            throw Refusal(.unknownRecipient, ["party": payload.recipient.hex])
        }
        guard payload.recipient != context.party else { throw Refusal(.selfTransfer) }
        try requireShare(payload.share, of: context.party, in: title)
        try requireOpen(payload.deadline, context)
        guard payload.deadline <= context.time / 1_000 + Limits.offerLifetimeSeconds else {
            throw Refusal(.deadlineTooFar, ["limit": "\(Limits.offerLifetimeSeconds)"])
        }
        try transaction.write(
            OfferRecord(offer: payload, offerer: context.party, status: .open), .offer(identifier))
        // Unchanged, but the offer belongs into their histories.
        try transaction.write(title, titleURN)
        try transaction.write(work, .work(payload.work))
    }

    static func accept(_ context: RuleContext, _ transaction: inout Transaction) throws {
        var (identifier, record) = try openOffer(context, &transaction)
        guard record.offer.recipient == context.party else {
            throw Refusal(.notRecipient, ["party": record.offer.recipient.hex])
        }
        try requireOpen(record.offer.deadline, context)
        let titleURN = URN.title(work: record.offer.work, right: record.offer.right)
        guard var title = try transaction.read(TitleRecord.self, titleURN) else {
            preconditionFailure("offer \(identifier) names a title that has no record")
        }
        try requireShare(record.offer.share, of: record.offerer, in: title)
        let becomesHolder = title.share(of: context.party) == 0
        let remainsHolder = title.share(of: record.offerer) > record.offer.share
        guard !becomesHolder || !remainsHolder || title.holders.count < Limits.titleHolders else {
            throw Refusal(.tooManyHolders, ["limit": "\(Limits.titleHolders)"])
        }
        title.move(record.offer.share, from: record.offerer, to: context.party)
        record.status = .accepted
        try transaction.write(record, .offer(identifier))
        try transaction.write(title, titleURN)
        try linkWork(record.offer.work, &transaction)
    }

    static func decline(_ context: RuleContext, _ transaction: inout Transaction) throws {
        var (identifier, record) = try openOffer(context, &transaction)
        guard record.offer.recipient == context.party else {
            throw Refusal(.notRecipient, ["party": record.offer.recipient.hex])
        }
        record.status = .declined
        try transaction.write(record, .offer(identifier))
        try linkWork(record.offer.work, &transaction)
    }

    static func cancel(_ context: RuleContext, _ transaction: inout Transaction) throws {
        var (identifier, record) = try openOffer(context, &transaction)
        guard record.offerer == context.party else {
            throw Refusal(.notOfferer, ["party": record.offerer.hex])
        }
        record.status = .cancelled
        try transaction.write(record, .offer(identifier))
        try linkWork(record.offer.work, &transaction)
    }

    private static func openOffer(
        _ context: RuleContext, _ transaction: inout Transaction
    ) throws -> (identifier: Digest, record: OfferRecord) {
        guard case .offer(let identifier) = context.statement.claims.subject,
            let record = try transaction.read(OfferRecord.self, .offer(identifier))
        else { throw Refusal(.unknownOffer, ["offer": context.statement.claims.subject.description]) }
        guard record.status == .open else {
            throw Refusal(.offerClosed, ["offer": identifier.hex, "status": record.status.name])
        }
        return (identifier, record)
    }

    private static func requireShare(_ needed: UInt64, of party: Digest, in title: TitleRecord) throws(Refusal) {
        let held = title.share(of: party)
        guard held >= needed else {
            throw Refusal(.insufficientShare, ["held": "\(held)", "needed": "\(needed)"])
        }
    }

    private static func requireOpen(_ deadline: UInt64, _ context: RuleContext) throws(Refusal) {
        guard context.time < deadline * 1_000 else {
            throw Refusal(.deadlinePassed, ["deadline": "\(deadline)", "time": "\(context.time / 1_000)"])
        }
    }

    /// The history of a work holds every statement about its title as well.
    private static func linkWork(_ identifier: Digest, _ transaction: inout Transaction) throws {
        guard let work = try transaction.read(WorkRecord.self, .work(identifier)) else {
            preconditionFailure("an offer names work \(identifier), which has no record")
        }
        try transaction.write(work, .work(identifier))
    }
}
