import Foundation
import ProvChain
import Synchronization

/// Several validators in processes of their own on this machine, and the load generator beside them: everything
/// that a statement costs a consortium, over HTTP and over the connections between nodes.
///
/// At saturation clients hand in as fast as the nodes take it. The other runs are an open loop: statements are due
/// at fixed times, at the validators in turn, and latency counts from the time at which one was due until its
/// answer says that it is final.
struct NetworkBench {
    let validators: Int
    /// Statements of a run at saturation.
    let count: Int
    let runs: Int
    /// Length of each run at a fixed rate.
    let seconds: Int

    static let rates = [50, 200]
    /// Connections of the load generator.
    static let clients = 64

    func run() throws -> BenchReport {
        var report = BenchReport("network")
        let network = try BenchNetwork(validators: validators)
        try network.waitUntilConnected()
        var load = NetworkLoad(network)
        let limit = try load.verifications(2_000) / Double(validators)
        let setting = "\(validators) validators and the load generator on \(report.machine.cores) cores"
        _ = try load.saturate(min(count, 2_000))
        var (rates, cpu): ([Double], [Double]) = ([], [])
        for _ in 0..<runs {
            let before = network.processorSeconds() + ProcessUsage.processorSeconds()
            rates.append(Double(count) / (try load.saturate(count)))
            let spent = network.processorSeconds() + ProcessUsage.processorSeconds() - before
            cpu.append(spent * 1_000 / Double(count))
        }
        report.results = [
            .init(
                "committed_per_second", rates,
                note: "registrations, \(setting); limit: each validator verifies each signature, nothing else",
                limit: limit),
            .init(
                "cpu_ms_per_statement", cpu, note: "all processes; limit: one verification for each validator",
                limit: 1_000 * Double(report.machine.cores) / limit),
        ]
        for rate in Self.rates { report.results += try paced(&load, rate, setting) }
        report.results += try rest(network, load, setting)
        return report
    }

    private func paced(_ load: inout NetworkLoad, _ rate: Int, _ setting: String) throws -> [BenchReport.Result] {
        var (p50, p99): ([Double], [Double]) = ([], [])
        for _ in 0..<runs {
            var samples = try load.pace(Double(rate), count: rate * seconds)
            p50.append(samples.percentile(50))
            p99.append(samples.percentile(99))
        }
        let note = "open loop for \(seconds) s, default settings, \(setting)"
        return [
            .init("latency_ms_p50", p50, note: note, rate: Double(rate)),
            .init("latency_ms_p99", p99, note: note, rate: Double(rate)),
        ]
    }

    /// Memory, disk, and how fast a node that has nothing comes back.
    private func rest(_ network: BenchNetwork, _ load: NetworkLoad, _ setting: String) throws -> [BenchReport.Result] {
        let resident = network.residentMebibytes()
        let final = try network.statements(at: 0)
        var results: [BenchReport.Result] = [
            .init("resident_mib", resident, note: "median, least and most of the validators, after \(final) statements")
        ]
        let start = ContinuousClock.now
        try network.wipe(validators - 1)
        try BenchNetwork.wait("the empty node") {
            (try? network.statements(at: validators - 1)).map { $0 >= final } ?? false
        }
        results.append(
            .init(
                "catch_up_per_second", [Double(final) / Stopwatch.seconds(since: start)],
                note: "an empty node, its start included; the others idle"))
        network.stopAll()
        let home = network.validators[0].home
        try CommitRun.foldWriteAheadLogs(home)
        let disk = DiskUsage(home).perStatement(since: nil, final)
        let log = disk.filter { $0.part.hasPrefix("log") }.reduce(0) { $0 + $1.bytes }
        results.append(
            .init(
                "log_bytes_per_statement", [log], note: "one validator; limit: the statement itself",
                limit: load.statementBytes))
        return results + disk.map { .init("disk_bytes_per_statement", [$0.bytes], note: $0.part) }
    }
}

/// What sends the statements of a ``NetworkBench``: a thread for each connection, as thin as can be.
struct NetworkLoad {
    private let network: BenchNetwork
    private var next = 0
    private(set) var statementBytes = 0.0

    init(_ network: BenchNetwork) { self.network = network }

    /// Signature checks a second on all cores.
    mutating func verifications(_ count: Int) throws -> Double {
        let first = next
        let statements = try prepare(count)
        let checks = statements.enumerated().map { place, statement in
            statement.check(with: network.accounts[(first + place) % network.accounts.count].key.publicKey)
        }
        let seconds = Stopwatch.seconds {
            precondition(ParallelMap.run(checks.count) { checks[$0].verify() }.allSatisfy(\.self), "a bad signature")
        }
        return Double(count) / seconds
    }

    private mutating func prepare(_ count: Int) throws -> [Statement] {
        let (first, accounts, chain, time) = (next, network.accounts, network.chain, WallClock.now() / 1_000)
        next += count
        let statements = ParallelMap.run(count) { place in
            Result { () throws(Refusal) in
                let work = BenchWork(number: first + place)
                return try work.registration(
                    by: accounts[work.number % accounts.count], chain: chain, time: time,
                    lifetime: CommitBench.lifetime)
            }
        }
        let made = try statements.map { try $0.get() }
        statementBytes = Double(made.reduce(0) { $0 + $1.encoded.count }) / Double(count)
        return made
    }

    /// Hands in as fast as it is taken; seconds until all are final at the last validator.
    mutating func saturate(_ count: Int) throws -> Double {
        let before = try network.statements(at: 0)
        let bodies = try prepare(count).map(\.encoded)
        let start = ContinuousClock.now
        try send(bodies, wait: false, due: nil)
        let last = network.validators.count - 1
        try BenchNetwork.wait("\(count) statements") { try network.statements(at: last) >= before + count }
        return Stopwatch.seconds(since: start)
    }

    /// Milliseconds from when each statement was due until it was final.
    mutating func pace(_ rate: Double, count: Int) throws -> Samples {
        let bodies = try prepare(count).map(\.encoded)
        let start = ContinuousClock.now + .milliseconds(50)
        return Samples(
            try send(bodies, wait: true) { start + .nanoseconds(Int64(Double($0) / rate * 1e9)) })
    }

    @discardableResult
    private func send(
        _ bodies: [[UInt8]], wait: Bool, due: (@Sendable (Int) -> ContinuousClock.Instant)?
    ) throws -> [Double] {
        let ports = network.validators.map(\.port)
        let cursor = Atomic<Int>(0)
        let failure = Mutex<(any Error)?>(nil)
        let times = Mutex([Double](repeating: 0, count: bodies.count))
        let threads = (0..<NetworkBench.clients).map { number in
            BenchThread {
                do {
                    let client = try LoopbackClient(port: ports[number % ports.count])
                    while true {
                        let place = cursor.add(1, ordering: .relaxed).oldValue
                        guard place < bodies.count, failure.withLock({ $0 == nil }) else { return }
                        let moment = due?(place) ?? .now
                        let early = -Stopwatch.seconds(since: moment)
                        if early > 0 { usleep(UInt32(early * 1e6)) }
                        try Self.post(bodies[place], wait: wait, to: client)
                        let spent = Stopwatch.seconds(since: moment) * 1_000
                        times.withLock { $0[place] = spent }
                    }
                } catch {
                    failure.withLock { $0 = $0 ?? error }
                }
            }
        }
        for thread in threads { thread.start() }
        for thread in threads { thread.wait() }
        if let error = failure.withLock({ $0 }) { throw error }
        return times.withLock { $0 }
    }

    /// A full mempool is asked again.
    private static func post(_ body: [UInt8], wait: Bool, to client: LoopbackClient) throws {
        let head =
            "POST /api/v1/statements?wait=\(wait ? "final" : "submitted") HTTP/1.1\r\nHost: localhost\r\nContent-Type: \(MediaType.cose)\r\n"
            + "Content-Length: \(body.count)\r\n\r\n"
        while true {
            let answer = try client.request(head, body: body)
            switch answer.status {
            case 200: return
            case 202 where !wait: return
            case 429, 503: usleep(20_000)
            default:
                throw BenchError.failed(
                    "a statement was answered \(answer.status): \(String(decoding: answer.body, as: UTF8.self))")
            }
        }
    }
}

/// A thread that somebody waits for.
private final class BenchThread: Sendable {
    private let work: @Sendable () -> Void
    private let done = DispatchGroup()

    init(_ work: @escaping @Sendable () -> Void) { self.work = work }

    func start() {
        done.enter()
        Thread.detachNewThread { [self] in
            work()
            done.leave()
        }
    }

    func wait() { done.wait() }
}
