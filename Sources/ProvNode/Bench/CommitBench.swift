import Foundation
import ProvChain
import Synchronization

/// Statements handed to a single-validator node in this process, until each is final and durable.
///
/// At saturation a fixed number of clients submit as fast as they are answered. The other runs are an open
/// loop: statements are due at fixed times, whether or not the node keeps up, and latency counts from the
/// time at which a statement was due. So a pause of the node delays all that were due in it, on record.
struct CommitBench {
    /// Statements of a run at saturation.
    let count: Int
    let runs: Int
    /// Length of each run at a fixed rate.
    let seconds: Int
    /// Submit manifest and metadata beside each registration.
    let withAttachments: Bool

    /// Statements a second of the runs at a fixed rate.
    static let rates = [50, 200]
    /// Statements that wait for their answer at saturation: more than fit in a block.
    static let clients = 4_000
    /// The share of the saturated rate at which the third latency is measured: at saturation itself an open
    /// loop has no latency, only a queue that grows.
    static let loadFactor = 0.8
    /// Seconds for which a prepared statement may be applied: the longest that the default parameters allow,
    /// less a margin.
    static let lifetime: UInt64 = 3_500

    func run() async throws -> BenchReport {
        var report = BenchReport("commit")
        let bench = try BenchHome.temporary(time: WallClock.now() - 1_000)
        defer { bench.remove() }
        let limits = try Limit(bench, count: min(4_000, 10 * count))
        var measurement = CommitRun(bench, self)
        let figures = try await measurement.measure()
        let mix =
            "registrations from \(BenchHome.accountCount) accounts"
            + (withAttachments ? ", each with manifest and metadata" : ", without attachments")
        let saturated = "\(mix), \(Self.clients) clients in the same process"
        report.results = [
            .init(
                "committed_per_second", figures.rates,
                note: saturated + "; limit: verification alone, all cores", limit: limits.verifications),
            .init(
                "cpu_ms_per_statement", figures.processorMilliseconds,
                note: "node and load generator, at saturation; limit: one verification",
                limit: limits.verificationMilliseconds),
        ]
        report.results += figures.latencyResults(limit: limits.syncMilliseconds)
        report.results += [
            .init("resident_mib", [figures.residentMebibytes], note: "after all runs, with the prepared statements"),
            .init("peak_resident_mib", [figures.peakMebibytes], note: "the most in any run"),
        ]
        report.results += figures.diskResults()
        report.results += try BlockSplit(statements: min(2_000, count), blocks: 10).run()
        return report
    }

    /// What the machine could do at best, measured in the same run.
    private struct Limit {
        let verifications: Double
        let verificationMilliseconds: Double
        let syncMilliseconds: Double

        init(_ bench: BenchHome, count: Int) throws {
            let statements = try bench.registrations(
                0..<count, time: WallClock.now() / 1_000, lifetime: CommitBench.lifetime)
            let checks = statements.enumerated().map { place, statement in
                statement.check(with: bench.claimant(place).key.publicKey)
            }
            let single = checks.prefix(1_000)
            let one = Stopwatch.seconds { precondition(single.allSatisfy { $0.verify() }, "a bad signature") }
            let all = Stopwatch.seconds {
                precondition(
                    ParallelMap.run(checks.count) { checks[$0].verify() }.allSatisfy(\.self), "a bad signature")
            }
            verifications = Double(checks.count) / all
            verificationMilliseconds = one * 1_000 / Double(single.count)
            let file = try LogFile.open(bench.home.path + "/sync", .replace(mode: 0o600))
            let block = [UInt8](repeating: 1, count: 4_096)
            var times = Samples()
            for number in 0..<100 {
                times.add(
                    try Stopwatch.seconds {
                        try file.write(block, at: number * block.count)
                        try file.sync()
                    } * 1_000)
            }
            syncMilliseconds = times.percentile(50)
        }
    }
}

/// What the runs gave.
struct CommitFigures {
    struct Latency {
        let rate: Double
        let note: String
        var p50: [Double] = []
        var p99: [Double] = []
        var sent = 0
    }

    var rates: [Double] = []
    var processorMilliseconds: [Double] = []
    var latencies: [Latency] = []
    var residentMebibytes = 0.0
    var peakMebibytes = 0.0
    var statementBytes = 0.0
    var disk: [(part: String, bytes: Double)] = []

    func latencyResults(limit: Double) -> [BenchReport.Result] {
        latencies.flatMap { latency in
            let note =
                "\(latency.note), open loop, \(latency.sent) statements; limit: one append of 4 KiB with fdatasync"
            return [
                BenchReport.Result("latency_ms_p50", latency.p50, note: note, rate: latency.rate, limit: limit),
                BenchReport.Result("latency_ms_p99", latency.p99, note: note, rate: latency.rate, limit: limit),
            ]
        }
    }

    func diskResults() -> [BenchReport.Result] {
        let log = disk.filter { $0.part.hasPrefix("log") }.reduce(0) { $0 + $1.bytes }
        return [
            .init(
                "log_bytes_per_statement", [log],
                note: "log with headers, tree and certificates; limit: the statement itself", limit: statementBytes)
        ] + disk.map { .init("disk_bytes_per_statement", [$0.bytes], note: $0.part) }
    }
}
