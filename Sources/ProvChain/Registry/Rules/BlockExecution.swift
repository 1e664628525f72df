/// The execution of one block: statements go in one after the other, each applies in full or is refused.
///
/// Deterministic: integers, the block's own time and height, no iteration over unordered containers.
public struct BlockExecution: Sendable {
    public let chain: Digest
    public let height: UInt64
    /// Milliseconds since 1970.
    public let time: UInt64
    public let parameters: Parameters
    /// Records as this block leaves them, with their hashes, once it is complete.
    public private(set) var records = ChangedRecords(expecting: 0)
    public private(set) var applied: [AppliedStatement] = []
    private var appliedIdentifiers: Set<Digest> = []
    public private(set) var cost: UInt64 = 0
    public private(set) var bytes: UInt64 = 0

    /// - Parameter expecting: about how many statements there will be; memory is taken for them at once.
    public init(chain: Digest, height: UInt64, time: UInt64, parameters: Parameters, expecting: Int = 0) {
        self.chain = chain
        self.height = height
        self.time = time
        self.parameters = parameters
        let count = min(expecting, Int(clamping: parameters.maximumBlockStatements))
        applied.reserveCapacity(count)
        appliedIdentifiers.reserveCapacity(count)
    }

    public enum Outcome: Sendable {
        case applied
        case refused(Refusal)
        /// The statement may be good, but this block has no room for it.
        case full
    }

    /// Judges one statement whose signature was verified under the key that its `kid` names.
    ///
    /// - Parameters:
    ///   - records: those of this block so far, over those before it.
    ///   - recent: statements applied before this block.
    ///   - issuers: what was decoded before.
    /// - Throws: only if the storage fails.
    mutating func apply(
        _ statement: Statement, in records: BlockRecords<some RecordSource>, recent: RecentStatements,
        issuers: inout IssuerMemory
    ) throws -> Outcome {
        let statementCost = Cost.of(statement.payload)
        guard statementCost <= parameters.maximumStatementCost else {
            return .refused(
                Refusal(.tooCostly, ["cost": "\(statementCost)", "limit": "\(parameters.maximumStatementCost)"]))
        }
        guard UInt64(applied.count) < parameters.maximumBlockStatements,
            cost + statementCost <= parameters.maximumBlockCost,
            bytes + UInt64(statement.encoded.count) <= parameters.maximumBlockBytes
        else { return .full }
        let touched: [Transaction.Entry]
        do {
            try checkClaims(statement, recent: recent)
            touched = try execute(statement, in: records, issuers: &issuers)
        } catch let refusal as Refusal {
            return .refused(refusal)
        }
        commit(statement, touched) { records.set($0, $1) }
        cost += statementCost
        return .applied
    }

    /// Takes the records that the block's statements changed.
    mutating func take(_ working: BlockRecords<some RecordSource>) {
        records = working.take()
        records.computeHashes()
    }

    /// True if this block applied a statement with this id.
    public func hasApplied(_ statement: Digest) -> Bool { appliedIdentifiers.contains(statement) }

    /// Applies the statement that opens a chain, with the records of its genesis.
    mutating func open(with statement: Statement, records: [(URN, any Record)]) throws {
        var transaction = Transaction(source: NoRecords())
        for (urn, record) in records { try transaction.write(record, urn) }
        var changed = ChangedRecords(expecting: records.count)
        commit(statement, transaction.touched) { changed.set($0, $1) }
        changed.computeHashes()
        self.records = changed
    }

    private func checkClaims(_ statement: Statement, recent: RecentStatements) throws(Refusal) {
        let claims = statement.claims
        guard claims.chain == chain else {
            throw Refusal(.wrongChain, ["found": claims.chain.hex, "expected": chain.hex])
        }
        guard time < claims.expiry * 1_000 else {
            throw Refusal(.expired, ["expiry": "\(claims.expiry)", "time": "\(time / 1_000)"])
        }
        guard claims.expiry * 1_000 <= time + parameters.maximumLifetimeSeconds * 1_000 else {
            throw Refusal(
                .lifetimeTooLong,
                [
                    "expiry": "\(claims.expiry)", "time": "\(time / 1_000)",
                    "limit": "\(parameters.maximumLifetimeSeconds)",
                ])
        }
        guard !recent.contains(statement.id), !appliedIdentifiers.contains(statement.id) else {
            throw Refusal(.replayed, ["statement": statement.id.hex])
        }
    }

    /// What the statement would change.
    private func execute(
        _ statement: Statement, in records: BlockRecords<some RecordSource>, issuers: inout IssuerMemory
    ) throws -> [Transaction.Entry] {
        var transaction = Transaction(source: records)
        let issuer = try Authority.issuer(of: statement, height: height, in: &transaction, memory: &issuers)
        let context = RuleContext(statement: statement, issuer: issuer, chain: chain, height: height, time: time)
        switch statement.payload {
        case .openChain: throw Refusal(.notAllowedHere, ["type": StatementType.openChain.rawValue])
        case .enrolParty(let payload): try PartyRules.enrol(payload, context, &transaction)
        case .rotateKey(let payload): try PartyRules.rotate(payload, context, &transaction)
        case .registerWork(let payload): try WorkRules.register(payload, context, &transaction)
        case .addVersion(let payload): try WorkRules.addVersion(payload, context, &transaction)
        case .offerTitle(let payload): try TitleRules.offer(payload, context, &transaction)
        case .acceptTitle: try TitleRules.accept(context, &transaction)
        case .declineTitle: try TitleRules.decline(context, &transaction)
        case .cancelTitle: try TitleRules.cancel(context, &transaction)
        }
        return transaction.touched
    }

    private mutating func commit(
        _ statement: Statement, _ touched: [Transaction.Entry], _ change: (StoredRecord, Digest) -> Void
    ) {
        let position = UInt64(applied.count)
        var effects: [AppliedStatement.Effect] = []
        effects.reserveCapacity(touched.count)
        for entry in touched {
            guard let body = entry.body else { preconditionFailure("\(entry.urn) was touched and not written") }
            let link = HistoryLink(
                statement: statement.id, height: height, position: position, time: time,
                bodyHash: SHA256.hash(body))
            let history = (entry.before?.history ?? .empty).appending(link)
            let record = StoredRecord(body: body, history: history)
            change(record, entry.key)
            effects.append(AppliedStatement.Effect(urn: entry.urn, key: entry.key, record: record, link: link))
        }
        applied.append(AppliedStatement(statement: statement, position: position, effects: effects))
        appliedIdentifiers.insert(statement.id)
        bytes += UInt64(statement.encoded.count)
    }
}

/// A statement that took effect, and every record that it touched.
public struct AppliedStatement: Sendable {
    public let statement: Statement
    /// Its place within its block.
    public let position: UInt64
    public let effects: [Effect]

    public struct Effect: Sendable {
        public let urn: URN
        public let key: Digest
        /// The record after the statement.
        public let record: StoredRecord
        public let link: HistoryLink
    }
}

/// What the rules of one statement need to know besides the records.
struct RuleContext {
    let statement: Statement
    let issuer: PartyRecord
    let chain: Digest
    let height: UInt64
    /// Block time, milliseconds.
    let time: UInt64

    var party: Digest { statement.claims.issuer }

    /// Refuses a statement whose subject is not what its type and content make it.
    func requireSubject(_ expected: URN) throws(Refusal) {
        guard statement.claims.subject == expected else {
            throw Refusal(
                .wrongSubject, ["expected": expected.description, "found": statement.claims.subject.description])
        }
    }
}
