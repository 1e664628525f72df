import Foundation
import ProvChain

/// What a registry that is already large costs: opening it, asking it, the memory and the disk it takes.
///
/// The node of the home is opened in this process and asked through the functions that HTTP calls, one
/// question after the other, about works taken at random places. It makes no block.
struct LookupsBench {
    let home: NodeHome
    /// Questions of each kind in a run.
    let count: Int
    let runs: Int

    private typealias Question = @Sendable (Node, IndexSample.Row) async throws -> Bool

    /// Every kind of question, and whether it was answered with what was asked for.
    private static let questions: [(name: String, ask: Question)] = [
        ("statement by id", { node, row in try await node.statement(row.statement) != nil }),
        ("record of a work", { node, row in try await node.record(.work(row.work)) != nil }),
        (
            "history of a work",
            { node, row in
                try await node.history(.work(row.work), from: 1, limit: 100, asOf: nil)?.events.isEmpty == false
            }
        ),
        (
            "claims by the hash of a file or mesh",
            { node, row in
                guard let claimed = row.claimed else { return false }
                return try await node.lookup(claimed, limit: 10, after: nil).count > 0
            }
        ),
        (
            "claims by the root of a manifest",
            { node, row in try await node.lookup(row.component, limit: 10, after: nil).count > 0 }
        ),
        (
            "hash that nobody claimed",
            { node, row in try await node.lookup(SHA256.hash(row.component.bytes), limit: 10, after: nil).count == 0 }
        ),
        (
            "works by owner, 100 newest",
            { node, row in try await node.works(of: row.claimant, limit: 100, after: nil).works.isEmpty == false }
        ),
        ("full text, the title's first word", { node, row in try await search(node, words(row).prefix(1)) }),
        ("full text, two words", { node, row in try await search(node, words(row).prefix(2)) }),
        ("full text, all words", { node, row in try await search(node, words(row)[...]) }),
        (
            "full text, three letters",
            { node, row in try await search(node, words(row).prefix(1).map { String($0.prefix(3)) }[...]) }
        ),
        ("receipt", { node, row in try await node.receipt(row.statement) != nil }),
    ]

    private static func words(_ row: IndexSample.Row) -> [String] {
        row.title.split(whereSeparator: { " .".contains($0) }).map(String.init)
    }

    private static func search(_ node: Node, _ words: ArraySlice<String>) async throws -> Bool {
        let words = words.joined(separator: " ")
        return try await node.search(words, limit: NodeLimits.searchResults, after: nil).works.isEmpty == false
    }

    func run() async throws -> BenchReport {
        var report = BenchReport("lookups")
        ProcessMemory.bound()
        let before = ProcessUsage.residentMebibytes()
        let start = ContinuousClock.now
        let node = try BenchHome.open(home)
        let opening = Stopwatch.seconds(since: start)
        let opened = ProcessUsage.residentMebibytes()
        var sample = try IndexSample(node.index, count: count * runs, seed: 1)
        let claims = try await sample.chooseClaims(node)
        let scale = "\(sample.works) works"
        report.results = [
            .init("startup_seconds", [opening], note: "\(scale); open, recover, before the first answer"),
            .init(
                "resident_mib", [opened],
                note: "\(scale); after the start, of which \(Int(before)) MiB before it"),
            .init("claims_per_work", [claims], note: "hashes that a statement claims, its manifest's root included"),
        ]
        for (name, ask) in Self.questions {
            let (p50, p99) = try await measure(node, sample, name, ask)
            let note = "\(name); \(scale), \(count) questions, one at a time"
            report.results.append(.init("latency_ms_p50", p50, note: note))
            report.results.append(.init("latency_ms_p99", p99, note: note))
        }
        // A node that runs does this every few seconds.
        ProcessMemory.giveBack()
        report.results.append(
            .init(
                "resident_mib", [ProcessUsage.residentMebibytes()],
                note: "\(scale); after \(Self.questions.count * count * runs) questions, what is free given back"))
        let disk = DiskUsage(home)
        report.results += disk.perStatement(since: nil, Int(sample.works)).map {
            .init("disk_bytes_per_asset", [$0.bytes], note: "\($0.part); \(scale)")
        }
        try await node.close()
        return report
    }

    private func measure(
        _ node: Node, _ sample: IndexSample, _ name: String, _ ask: Question
    ) async throws -> (p50: [Double], p99: [Double]) {
        var (p50, p99): ([Double], [Double]) = ([], [])
        for run in 0..<runs {
            var times = Samples()
            for row in sample.rows[(run * count)..<((run + 1) * count)] {
                let start = ContinuousClock.now
                let isAnswered = try await ask(node, row)
                times.add(Stopwatch.seconds(since: start) * 1_000)
                guard isAnswered else { throw BenchError.failed("\(name): no answer for leaf \(row.leaf)") }
            }
            p50.append(times.percentile(50))
            p99.append(times.percentile(99))
        }
        return (p50, p99)
    }
}
