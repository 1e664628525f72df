import GRDB
import ProvChain
import Synchronization

/// The runs of ``CommitBench`` on one node.
struct CommitRun {
    private let bench: BenchHome
    private let plan: CommitBench
    /// The number of the next work to be registered.
    private var next = 0

    init(_ bench: BenchHome, _ plan: CommitBench) {
        self.bench = bench
        self.plan = plan
    }

    mutating func measure() async throws -> CommitFigures {
        var figures = CommitFigures()
        let node = try bench.open()
        let running = Task { try await node.run() }
        let before = DiskUsage(bench.home)
        // The first blocks fill caches and grow the process.
        _ = try await saturate(node, count: min(plan.count, 4_000))
        for _ in 0..<plan.runs {
            let cpu = ProcessUsage.processorSeconds()
            let (seconds, bytes) = try await saturate(node, count: plan.count)
            figures.rates.append(Double(plan.count) / seconds)
            figures.processorMilliseconds.append(
                (ProcessUsage.processorSeconds() - cpu) * 1_000 / Double(plan.count))
            figures.statementBytes = Double(bytes) / Double(plan.count)
        }
        let top = figures.rates.sorted()[figures.rates.count / 2]
        for rate in CommitBench.rates { figures.latencies.append(try await pace(node, Double(rate), "")) }
        let loaded = (top * CommitBench.loadFactor).rounded()
        figures.latencies.append(
            try await pace(node, loaded, "\(Int(CommitBench.loadFactor * 100))% of saturation, "))
        figures.residentMebibytes = ProcessUsage.residentMebibytes()
        figures.peakMebibytes = ProcessUsage.peakMebibytes()
        running.cancel()
        _ = await running.result
        try await node.close()
        try Self.foldWriteAheadLogs(bench.home)
        figures.disk = DiskUsage(bench.home).perStatement(since: before, next)
        return figures
    }

    /// Moves what SQLite keeps beside its databases into them, so that bytes are counted once.
    static func foldWriteAheadLogs(_ home: NodeHome) throws {
        for path in [home.stateDatabase, home.indexDatabase] {
            try DatabaseQueue(path: path).writeWithoutTransaction { db in
                try db.execute(sql: "PRAGMA wal_checkpoint(TRUNCATE)")
            }
        }
    }

    // MARK: Saturation

    private mutating func prepare(_ count: Int) throws -> [Submission] {
        let numbers = next..<(next + count)
        next += count
        let statements = try bench.registrations(
            numbers, time: WallClock.now() / 1_000, lifetime: CommitBench.lifetime)
        return zip(numbers, statements).map { number, statement in
            Submission(
                statement: statement.encoded,
                attachments: plan.withAttachments ? BenchWork(number: number).attachments : [])
        }
    }

    /// Seconds until `count` statements are final, with the bytes of the statements.
    private mutating func saturate(_ node: Node, count: Int) async throws -> (seconds: Double, bytes: Int) {
        let submissions = try prepare(count)
        let start = ContinuousClock.now
        try await Self.submitAll(submissions, to: node)
        let seconds = Stopwatch.seconds(since: start)
        return (seconds, submissions.reduce(0) { $0 + $1.statement.count })
    }

    private static func submitAll(_ submissions: [Submission], to node: Node) async throws {
        let queue = SubmissionQueue(submissions)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<min(CommitBench.clients, submissions.count) {
                group.addTask {
                    while let submission = queue.next() {
                        let view = try await node.submit(submission, wait: true)
                        guard view.status == .final else { throw BenchError.notFinal(view.statement) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    // MARK: Open loop

    private mutating func pace(_ node: Node, _ rate: Double, _ prefix: String) async throws -> CommitFigures.Latency {
        let count = max(100, Int(rate) * plan.seconds)
        var latency = CommitFigures.Latency(rate: rate, note: "\(prefix)\(Int(rate)) a second")
        latency.sent = count
        for _ in 0..<plan.runs {
            var samples = try await Self.pace(try prepare(count), rate, node)
            latency.p50.append(samples.percentile(50))
            latency.p99.append(samples.percentile(99))
        }
        return latency
    }

    /// The milliseconds from when each statement was due until its answer.
    private static func pace(_ submissions: [Submission], _ rate: Double, _ node: Node) async throws -> Samples {
        let start = ContinuousClock.now + .milliseconds(10)
        return try await withThrowingTaskGroup(of: Double.self) { group in
            for (number, submission) in submissions.enumerated() {
                let due = start + .nanoseconds(Int64(Double(number) / rate * 1e9))
                if ContinuousClock.now < due { try await Task.sleep(until: due, clock: .continuous) }
                group.addTask {
                    let view = try await node.submit(submission, wait: true)
                    guard view.status == .final else { throw BenchError.notFinal(view.statement) }
                    return Stopwatch.seconds(since: due) * 1_000
                }
            }
            var samples = Samples()
            for try await milliseconds in group { samples.add(milliseconds) }
            return samples
        }
    }
}

/// Statements that clients take one by one.
private final class SubmissionQueue: Sendable {
    private let submissions: [Submission]
    private let cursor = Atomic<Int>(0)

    init(_ submissions: [Submission]) { self.submissions = submissions }

    func next() -> Submission? {
        let place = cursor.add(1, ordering: .relaxed).oldValue
        return place < submissions.count ? submissions[place] : nil
    }
}

/// Why a benchmark gives no figure.
enum BenchError: Error, CustomStringConvertible {
    case notFinal(String)
    case failed(String)

    var description: String {
        switch self {
        case .notFinal(let statement):
            "statement \(statement) was not final within \(NodeLimits.finalWaitSeconds) s: send fewer at once"
        case .failed(let reason): reason
        }
    }
}
