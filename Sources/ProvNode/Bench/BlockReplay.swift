import Dispatch
import ProvChain

/// Puts prepared blocks onto a chain, in three stages side by side: signatures on the signature core, the
/// ledger and the log on the calling thread, flushes of the state on a thread of their own.
struct BlockReplay {
    private var chain: BenchChain
    private let verifier: SignatureVerifier
    private let keys: [Digest: PublicKey]
    private let flushQueue = BlockingQueue("bench.flush")
    private var flushing: Task<Double, any Error>?
    private var records = 0
    private var statements = 0
    private(set) var times = Times()

    init(_ chain: BenchChain, verifier: SignatureVerifier) {
        self.chain = chain
        self.verifier = verifier
        keys = Dictionary(uniqueKeysWithValues: chain.accounts.map { ($0.key.publicKey.kid, $0.key.publicKey) })
    }

    var recordsPerStatement: Double { Double(records) / Double(max(statements, 1)) }

    /// Seconds of processor time by stage.
    struct Times {
        var execute = 0.0, append = 0.0, commit = 0.0, flush = 0.0, verify = 0.0

        func results(statements: Int) -> [BenchReport.Result] {
            let parts = [
                ("parse and verify", verify), ("execute and roots", execute), ("append to the log", append),
                ("commit", commit), ("flush of the state", flush),
            ]
            return parts.map { name, seconds in
                .init("cpu_ms_per_statement", [seconds * 1_000 / Double(statements)], note: name)
            }
        }
    }

    /// Replays the blocks; returns when the last one is flushed.
    mutating func run(_ blocks: [PreparedBlock], lookahead: Int) async throws {
        var ahead: [Task<([Statement], cpu: Double), any Error>] = []
        for place in blocks.indices {
            while ahead.count <= lookahead, place + ahead.count < blocks.count {
                ahead.append(check(blocks[place + ahead.count]))
            }
            let (statements, cpu) = try await ahead.removeFirst().value
            times.verify += cpu
            try apply(blocks[place], statements)
            try await flushIfDue()
        }
        try await finishFlush()
        beginFlush()
        try await finishFlush()
    }

    /// Parses and verifies a block's statements on the threads of the signature core.
    private func check(_ block: PreparedBlock) -> Task<([Statement], cpu: Double), any Error> {
        let (pool, keys, encoded) = (verifier.pool, keys, block.encoded)
        return Task {
            let parts = (encoded.count + Self.statementsPerTurn - 1) / Self.statementsPerTurn
            let checked = await pool.map(count: parts) { part -> ([Statement], Double) in
                let start = ProcessUsage.threadSeconds()
                let first = part * Self.statementsPerTurn
                let statements = encoded[first..<min(first + Self.statementsPerTurn, encoded.count)].compactMap {
                    bytes -> Statement? in
                    guard let statement = try? Statement(encoded: bytes), let key = keys[statement.kid],
                        statement.check(with: key).verify()
                    else { return nil }
                    return statement
                }
                return (statements, ProcessUsage.threadSeconds() - start)
            }
            let statements = checked.flatMap(\.0)
            precondition(statements.count == encoded.count, "a bad signature")
            return (statements, checked.reduce(0) { $0 + $1.1 })
        }
    }

    /// Asking for a thread's time costs about as much as a hundredth of a signature.
    private static let statementsPerTurn = 20

    private mutating func apply(_ block: PreparedBlock, _ statements: [Statement]) throws {
        let start = ProcessUsage.threadSeconds()
        let executed = try chain.ledger.execute(block.header, statements: statements, source: chain.state)
        let executedAt = ProcessUsage.threadSeconds()
        try chain.log.append([LogBlock(executed, certificate: block.certificate)])
        let appendedAt = ProcessUsage.threadSeconds()
        try chain.ledger.commit(executed)
        times.execute += executedAt - start
        times.append += appendedAt - executedAt
        times.commit += ProcessUsage.threadSeconds() - appendedAt
        records += executed.execution.records.count
        self.statements += statements.count
    }

    // MARK: Flushing

    private mutating func flushIfDue() async throws {
        // As a node that takes new blocks does.
        guard chain.ledger.unflushedRecords >= FlushState.maximumRecords else { return }
        try await finishFlush()
        beginFlush()
    }

    private mutating func beginFlush() {
        let (state, flush, settlement) = (chain.state, chain.ledger.beginFlush(), chain.log.beginSettling())
        let queue = flushQueue
        flushing = Task {
            try await queue.run {
                let start = ProcessUsage.threadSeconds()
                try state.write(flush)
                try settlement?.run()
                return ProcessUsage.threadSeconds() - start
            }
        }
        isSettling = settlement != nil
    }

    private var isSettling = false

    /// Waits for the flush under way, if any.
    private mutating func finishFlush() async throws {
        guard let flushing else { return }
        times.flush += try await flushing.value
        if isSettling { chain.log.finishSettling(nil) }
        chain.ledger.confirmFlush()
        self.flushing = nil
    }
}
