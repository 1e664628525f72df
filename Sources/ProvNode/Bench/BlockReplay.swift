import Dispatch
import ProvChain
import Synchronization

/// Puts prepared blocks onto a chain, in four stages side by side: signatures on the signature core, execution on the
/// calling thread, the log on a thread of its own, and flushes of the state on another.
///
/// The ledger runs ahead of the log by a few blocks, as that of a node does that executes on blocks which are not
/// final: nobody reads it but the next block's execution, and a flush begins only when every block in it is durable.
struct BlockReplay {
    private var ledger: Ledger
    private let state: StateDatabase
    private let log: ReplayLog
    private let verifier: SignatureVerifier
    private let keys: [Digest: PublicKey]
    private let flushQueue = BlockingQueue("bench.flush")
    private var flushing: Task<Void, any Error>?
    private var records = 0
    private var statements = 0
    private var stages = Times()

    init(_ chain: BenchChain, verifier: SignatureVerifier) {
        ledger = chain.ledger
        state = chain.state
        log = ReplayLog(chain.log)
        self.verifier = verifier
        keys = Dictionary(uniqueKeysWithValues: chain.accounts.map { ($0.key.publicKey.kid, $0.key.publicKey) })
    }

    var recordsPerStatement: Double { Double(records) / Double(max(statements, 1)) }

    var times: Times {
        var times = stages
        times.append = log.seconds
        return times
    }

    /// Seconds of processor time by stage.
    struct Times {
        var execute = 0.0, append = 0.0, commit = 0.0, verify = 0.0

        /// - Parameter total: of the process.
        func results(statements: Int, total: Double) -> [BenchReport.Result] {
            let parts = [
                ("parse and verify", verify), ("execute and roots", execute), ("append to the log", append),
                ("commit in memory", commit),
                ("the rest: flush of the state, and what lies between", total - verify - execute - append - commit),
            ]
            return parts.map { name, seconds in
                .init("cpu_ms_per_statement", [seconds * 1_000 / Double(statements)], note: name)
            }
        }
    }

    /// Replays the blocks; returns when the last one is flushed.
    mutating func run(_ blocks: [PreparedBlock], lookahead: Int) async throws {
        var ahead: [Task<([Statement], cpu: Double), any Error>] = []
        var appended: [Task<Void, any Error>] = []
        for place in blocks.indices {
            while ahead.count <= lookahead, place + ahead.count < blocks.count {
                ahead.append(check(blocks[place + ahead.count]))
            }
            let (statements, cpu) = try await ahead.removeFirst().value
            stages.verify += cpu
            // Blocks that wait for the disk are in memory.
            if appended.count > Self.blocksBehind { try await appended.removeFirst().value }
            appended.append(log.append(try execute(blocks[place], statements)))
            try await flushIfDue()
        }
        for append in appended { try await append.value }
        try await finishFlush()
        beginFlush()
        try await finishFlush()
    }

    /// Blocks by which the log may be behind the ledger.
    private static let blocksBehind = 8

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

    /// The block as it goes into the log.
    private mutating func execute(_ block: PreparedBlock, _ statements: [Statement]) throws -> LogBlock {
        let start = ProcessUsage.threadSeconds()
        let executed = try ledger.execute(block.header, statements: statements, source: state)
        let executedAt = ProcessUsage.threadSeconds()
        try ledger.commit(executed)
        stages.execute += executedAt - start
        stages.commit += ProcessUsage.threadSeconds() - executedAt
        records += executed.execution.records.count
        self.statements += statements.count
        return LogBlock(executed, certificate: block.certificate)
    }

    // MARK: Flushing

    private mutating func flushIfDue() async throws {
        // As a node that takes new blocks does.
        guard ledger.unflushedRecords >= FlushState.maximumRecords else { return }
        try await finishFlush()
        beginFlush()
    }

    private mutating func beginFlush() {
        let (state, log, queue, flush) = (state, log, flushQueue, ledger.beginFlush())
        flushing = Task {
            // The log's thread works in order: the blocks of the flush come before this in it.
            let settlement = try await log.beginSettling()
            try await queue.run {
                try state.write(flush)
                try settlement?.run()
            }
            if settlement != nil { try await log.finishSettling() }
        }
    }

    /// Waits for the flush under way, if any.
    private mutating func finishFlush() async throws {
        guard let flushing else { return }
        try await flushing.value
        ledger.confirmFlush()
        self.flushing = nil
    }
}

/// The log on a thread of its own, in the order in which it is asked.
private final class ReplayLog: Sendable {
    private let queue = DispatchQueue(label: "bench.log")
    private let work: Mutex<Work>

    private struct Work: @unchecked Sendable {
        // Safe to send: used inside the lock only.
        let log: LogStore
        var seconds = 0.0
    }

    init(_ log: LogStore) { work = Mutex(Work(log: log)) }

    /// Seconds of processor time that appending took.
    var seconds: Double { work.withLock { $0.seconds } }

    func append(_ block: LogBlock) -> Task<Void, any Error> {
        // The place in the order is taken now, not when the task begins.
        let (stream, continuation) = AsyncThrowingStream<Void, any Error>.makeStream()
        queue.async { [self] in
            do {
                try work.withLock { work in
                    let start = ProcessUsage.threadSeconds()
                    try work.log.append([block])
                    work.seconds += ProcessUsage.threadSeconds() - start
                }
                continuation.finish()
            } catch {
                continuation.finish(throwing: error)
            }
        }
        return Task { for try await _ in stream {} }
    }

    func beginSettling() async throws -> LogSettlement? { try await run { $0.beginSettling() } }

    func finishSettling() async throws { try await run { $0.finishSettling(nil) } }

    private func run<T: Sendable>(_ body: @escaping @Sendable (LogStore) throws -> T) async throws -> T {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { [self] in
                continuation.resume(with: Result { try work.withLock { try body($0.log) } })
            }
        }
    }
}
