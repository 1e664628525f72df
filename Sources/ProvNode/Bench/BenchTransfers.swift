import ProvChain

/// A work whose title went from hand to hand, through a running node.
struct BenchTransfers {
    private let bench: BenchHome
    private let node: Node
    private let handovers: Int

    struct Report {
        /// A work that was only registered.
        let plain: URN
        /// The title that was transferred.
        let title: URN
        let verificationMilliseconds: Double
    }

    init(_ bench: BenchHome, _ node: Node, handovers: Int) {
        self.bench = bench
        self.node = node
        self.handovers = handovers
    }

    func run() async throws -> Report {
        let time = WallClock.now() / 1_000
        // Numbers that no preloaded registry has.
        let numbers = 900_000_000..<900_000_002
        let works = try numbers.map { number in
            let account = bench.claimant(number)
            let statement = try BenchWork(number: number).registration(
                by: account, chain: bench.chain, time: time, lifetime: 3_000)
            return (account, statement)
        }
        for (number, (_, statement)) in zip(numbers, works) {
            try await submit(statement, BenchWork(number: number).attachments)
        }
        let work = works[1].1.derivedIdentifier
        var holder = works[1].0
        for step in 0..<handovers {
            let next = bench.accounts[(step * 7 + 1) % bench.accounts.count]
            if next.party == holder.party { continue }
            try await transfer(work, from: holder, to: next, step, time)
            holder = next
        }
        let checks = works.map { account, statement in statement.check(with: account.key.publicKey) }
        let repeats = 500
        let seconds = Stopwatch.seconds {
            for step in 0..<repeats { precondition(checks[step % checks.count].verify(), "a bad signature") }
        }
        return Report(
            plain: .work(works[0].1.derivedIdentifier), title: .title(work: work, right: .copyright),
            verificationMilliseconds: seconds * 1_000 / Double(repeats))
    }

    private func transfer(
        _ work: Digest, from holder: BenchAccount, to next: BenchAccount, _ step: Int, _ time: UInt64
    ) async throws {
        let offer = try draft(
            .offerTitle(
                OfferTitle(
                    work: work, right: .copyright, recipient: next.party, share: Limits.wholeTitle,
                    deadline: time + 3_600)), by: holder, "offer \(step)", time, subject: { .offer($0) })
        let answer = try draft(
            .acceptTitle(AnswerOffer()), by: next, "accept \(step)", time,
            subject: { _ in .offer(offer.derivedIdentifier) })
        try await submit(offer, [])
        try await submit(answer, [])
    }

    private func draft(
        _ payload: Payload, by account: BenchAccount, _ name: String, _ time: UInt64, subject: (Digest) -> URN
    ) throws -> Statement {
        let nonce = Array(SHA256.hash(Array(name.utf8)).bytes.prefix(16))
        let derived = Statement.derivedIdentifier(chain: bench.chain, issuer: account.party, nonce: nonce)
        return try StatementDraft(
            claims: .init(
                issuer: account.party, subject: subject(derived), chain: bench.chain, expiry: time + 3_000,
                issuedAt: time, nonce: nonce),
            payload: payload
        ).signed(by: account.key)
    }

    private func submit(_ statement: Statement, _ attachments: [[UInt8]]) async throws {
        let view = try await node.submit(
            Submission(statement: statement.encoded, attachments: attachments), wait: true)
        guard view.status == .final else { throw BenchError.notFinal(view.statement) }
    }
}
