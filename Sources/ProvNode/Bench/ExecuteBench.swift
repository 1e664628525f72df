import Foundation
import ProvChain

/// How fast prepared blocks go through everything that a block goes through: parsing, signatures, rules,
/// roots, the durable append to the log, and the flush of the state, until the last flush is written.
///
/// Signatures are checked on the threads of the signature core, the log and the flushes are written on threads of
/// their own, all while the next blocks are executed (``BlockReplay``).
struct ExecuteBench {
    let preload: Int
    /// Blocks in a run.
    let blocks: Int
    let runs: Int

    static let statementsPerBlock = 2_000
    /// Blocks whose signatures are checked ahead of execution.
    private static let lookahead = 4

    func run() async throws -> BenchReport {
        var report = BenchReport("execute")
        var chain = try BenchChain()
        defer { chain.remove() }
        let bar = ProgressBar(isShown: SystemTerminal.isErrorATerminal)
        try chain.preload(preload) { bar.show("loading assets", UInt64($0), UInt64(preload)) }
        let prepared = try prepare(&chain) { bar.show("signing blocks", UInt64($0), UInt64(blocks * runs)) }
        bar.finish()
        let before = ProcessUsage.residentMebibytes()
        try chain.reopenState()
        var replay = BlockReplay(chain, verifier: SignatureVerifier(workers: SystemCores.count, .patient))
        var (rates, cpu, limits): ([Double], [Double], [Double]) = ([], [], [])
        var total = 0.0
        for number in 0..<runs {
            // Beside each run, because the speed of a machine that others use too changes within minutes.
            limits.append(try VerifyBench.limit(count: 10_000))
            let part = Array(prepared[number * blocks..<(number + 1) * blocks])
            let statements = Double(part.count * Self.statementsPerBlock)
            let (start, used) = (ContinuousClock.now, ProcessUsage.processorSeconds())
            try await replay.run(part, lookahead: Self.lookahead)
            rates.append(statements / Stopwatch.seconds(since: start))
            let spent = ProcessUsage.processorSeconds() - used
            cpu.append(spent * 1_000 / statements)
            total += spent
        }
        let note =
            "\(runs) runs of \(blocks) blocks of \(Self.statementsPerBlock): half registrations, a quarter offers of "
            + "\(preload > 0 ? "older" : "just registered") works, a quarter acceptances, from "
            + "\(BenchChain.accountCount) accounts, onto \(preload) assets; limit: the signatures alone, before each run"
        report.results =
            [
                .init("statements_per_second", rates, note: note, limit: limits.sorted()[runs / 2]),
                .init("cpu_ms_per_statement", cpu, note: "all threads, user and system"),
            ]
            + replay.times.results(statements: prepared.count * Self.statementsPerBlock, total: total)
        report.results += [
            .init(
                "records_written_per_statement", [replay.recordsPerStatement], note: "each a leaf and a record"),
            .init("resident_mib", [before], note: "before replay: the chain, and the prepared blocks in memory"),
            .init(
                "disk_bytes_per_asset", [chain.stateBytes / Double(max(1, chain.registered))],
                note: "the state database, all its records, over all assets"),
        ]
        return report
    }

    /// Makes the blocks on a copy of the ledger: a value, so the original stays where it is.
    private func prepare(_ chain: inout BenchChain, progress: (Int) -> Void) throws -> [PreparedBlock] {
        var builder = chain.ledger
        return try (0..<blocks * runs).map { number in
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
            progress(number + 1)
            return PreparedBlock(
                header: header, encoded: statements.map(\.encoded), certificate: certificate.cbor)
        }
    }
}

/// A block as it comes from the network or from the log.
struct PreparedBlock: Sendable {
    let header: BlockHeader
    let encoded: [[UInt8]]
    let certificate: [UInt8]
}
