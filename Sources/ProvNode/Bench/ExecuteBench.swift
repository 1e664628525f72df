import ProvChain

/// How fast prepared blocks go through everything that a block goes through: parsing, signatures, rules,
/// roots, the durable append to the log, and the flush of the state.
struct ExecuteBench {
    let preload: Int
    let blocks: Int

    static let statementsPerBlock = 2_000

    func run() async throws -> BenchReport {
        var report = BenchReport("execute")
        var chain = try BenchChain()
        defer { chain.remove() }
        let bar = ProgressBar(isShown: SystemTerminal.isErrorATerminal)
        try chain.preload(preload) { bar.show("loading assets", UInt64($0), UInt64(preload)) }
        let prepared = try prepare(&chain)
        bar.finish()
        var times = Times()
        let verifier = SignatureVerifier(workers: SystemCores.count)
        var rates: [Double] = []
        for block in prepared {
            let start = ContinuousClock.now
            try await replay(block, on: &chain, verifier, &times)
            rates.append(Double(Self.statementsPerBlock) / Stopwatch.seconds(since: start))
        }
        let note =
            "blocks of \(Self.statementsPerBlock): half registrations, a quarter offers, a quarter acceptances, "
            + "from \(BenchChain.accountCount) accounts, onto \(preload) assets"
        report.results = [.init("statements_per_second", rates, note: note)] + times.results(blocks: prepared.count)
        report.results.append(
            .init("records_written_per_statement", [times.recordsPerStatement], note: "state records, tree pages apart")
        )
        return report
    }

    private struct Prepared {
        let header: BlockHeader
        let encoded: [[UInt8]]
        let certificate: [UInt8]
    }

    /// Makes the blocks on a copy of the ledger: a value, so the original stays where it is.
    private func prepare(_ chain: inout BenchChain) throws -> [Prepared] {
        var builder = chain.ledger
        return try (0..<blocks).map { _ in
            let statements = try chain.signedStatements(Self.statementsPerBlock)
            let assembly = try builder.assemble(
                statements, now: builder.tip.header.time + 100, view: builder.tip.header.view + 1, proposer: 0,
                source: chain.state)
            precondition(assembly.refused.isEmpty && assembly.postponed.isEmpty, "\(assembly.refused.first as Any)")
            try builder.commit(assembly.block)
            let header = assembly.block.header
            let vote = Vote(
                chain: header.chain, epochRecord: header.epochRecord, epoch: header.epoch, view: header.view,
                kind: .finalize, signer: 0, parentView: 0, block: header.id)
            let certificate = FinalityCertificate(
                view: header.view, signers: [0], signatures: [chain.vote.sign(vote.message)])
            return Prepared(header: header, encoded: statements.map(\.encoded), certificate: certificate.cbor)
        }
    }

    private func replay(
        _ block: Prepared, on chain: inout BenchChain, _ verifier: SignatureVerifier, _ times: inout Times
    ) async throws {
        var start = ContinuousClock.now
        let statements = try block.encoded.map { bytes throws(Refusal) in try Statement(encoded: bytes) }
        let keys = Dictionary(uniqueKeysWithValues: chain.accounts.map { ($0.key.publicKey.kid, $0.key.publicKey) })
        let checks = statements.compactMap { statement in keys[statement.kid].map { statement.check(with: $0) } }
        times.parse += times.lap(&start)
        let verdicts = await verifier.verify(checks)
        precondition(verdicts.count == statements.count && verdicts.allSatisfy(\.self), "a bad signature")
        times.verify += times.lap(&start)
        let executed = try chain.ledger.execute(block.header, statements: statements, source: chain.state)
        times.execute += times.lap(&start)
        try chain.log.append([LogBlock(executed, certificate: block.certificate)])
        times.append += times.lap(&start)
        try chain.ledger.commit(executed)
        times.records += executed.execution.records.count
        times.statements += statements.count
        try chain.flush()
        times.flush += times.lap(&start)
    }

    /// Where the time goes, in seconds.
    private struct Times {
        var parse = 0.0, verify = 0.0, execute = 0.0, append = 0.0, flush = 0.0
        var records = 0, statements = 0

        var recordsPerStatement: Double { Double(records) / Double(max(statements, 1)) }

        func lap(_ start: inout ContinuousClock.Instant) -> Double {
            defer { start = .now }
            return Stopwatch.seconds(since: start)
        }

        func results(blocks: Int) -> [BenchReport.Result] {
            let parts = [
                ("parse", parse), ("verify", verify), ("execute and roots", execute), ("append to the log", append),
                ("flush of the state", flush),
            ]
            return parts.map { name, seconds in
                .init("ms_per_block", [seconds * 1_000 / Double(blocks)], note: name)
            }
        }
    }
}
