import Glibc

/// What a benchmark prints: medians of several runs with their spread, beside the physical limit measured in
/// the same run where there is one.
struct BenchReport: Encodable {
    struct Result: Encodable {
        let metric: String
        /// What was measured, and with what.
        let note: String
        /// Requests a second that were sent, where that is what was chosen.
        let rate: Double?
        let median: Double
        let min: Double
        let max: Double
        let limit: Double?
        let ratio: Double?

        /// - Parameters:
        ///   - runs: one figure a run, at least one.
        ///   - rate: requests a second that were sent.
        ///   - limit: the median of the physical limit.
        init(_ metric: String, _ runs: [Double], note: String, rate: Double? = nil, limit: Double? = nil) {
            precondition(!runs.isEmpty, "a figure without a run")
            let sorted = runs.sorted()
            self.metric = metric
            self.note = note
            self.rate = rate
            median = sorted[sorted.count / 2]
            min = sorted[0]
            max = sorted[sorted.count - 1]
            self.limit = limit
            ratio = limit.map { sorted[sorted.count / 2] / $0 }
        }
    }

    let bench: String
    let machine: Machine
    var results: [Result] = []

    init(_ bench: String) {
        self.bench = bench
        machine = Machine()
    }

    struct Machine: Encodable {
        let cores: Int
        let build: String
        /// The load average when the benchmark began: what else ran.
        let loadBefore: Double

        init() {
            cores = SystemCores.count
            #if DEBUG
                build = "debug"
            #else
                build = "release"
            #endif
            var load = [0.0]
            getloadavg(&load, 1)
            loadBefore = load[0]
        }
    }

    /// The figures as a table for people.
    var table: String {
        var lines = ["\(bench), \(machine.build) build, \(machine.cores) cores, load before \(machine.loadBefore)"]
        if machine.build == "debug" { lines.append("A debug build says nothing about speed: build with -c release.") }
        for result in results {
            let ratio = result.ratio.map { " = \(Self.short($0)) of \(Self.short(result.limit ?? 0))" } ?? ""
            let spread = "\(Self.short(result.min)) to \(Self.short(result.max))"
            lines.append("  \(result.metric): \(Self.short(result.median)) (\(spread))\(ratio)   \(result.note)")
        }
        return lines.joined(separator: "\n")
    }

    private static func short(_ value: Double) -> String {
        let scaled = (value * 1_000).rounded() / 1_000
        return value >= 1_000 ? "\(Int(value))" : "\(scaled)"
    }
}

/// Time that passes whatever the wall clock does.
enum Stopwatch {
    /// Seconds that `work` took.
    static func seconds(_ work: () throws -> Void) rethrows -> Double {
        let start = ContinuousClock.now
        try work()
        return seconds(since: start)
    }

    static func seconds(since start: ContinuousClock.Instant) -> Double {
        let parts = start.duration(to: .now).components
        return Double(parts.seconds) + Double(parts.attoseconds) * 1e-18
    }
}
