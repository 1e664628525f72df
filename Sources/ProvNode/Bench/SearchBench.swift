import Dispatch
import Foundation
import Logging
import ProvChain

/// Look-alikes among many prints, asked as anybody asks: a node that searches, works that were registered with it,
/// their manifests on its disk.
///
/// Each print has seven others within 60 in as many other works, so an answer has eight works with their titles. All
/// prints are made by formula.
struct SearchBench {
    /// Prints in all manifests together; rounded down to whole manifests.
    let prints: Int
    /// Questions of a run.
    let count: Int
    let runs: Int

    private static let printsPerWork = 250
    private static let variants = 8
    private static let submissionsAtATime = 64

    private var works: Int { max(prints / Self.printsPerWork, Self.variants) }
    private var total: Int { works * Self.printsPerWork }

    func run() async throws -> BenchReport {
        var report = BenchReport("search")
        let bench = try BenchHome.temporary(time: BenchHome.pastTime)
        defer { bench.remove() }
        let budget = max(SearchSettings.leastBudget, total * 200)
        let node = try bench.open(["PROV_SEARCH": "on", "PROV_SEARCH_BUDGET": "\(budget)"])
        let running = Task { try await node.run() }
        let shapes = try Self.shapes(total / Self.variants)
        let started = ContinuousClock.now
        try await register(bench, node, shapes)
        let first = try await node.similar(to: shapes[0], limit: 1)
        guard first.searched == UInt64(total), first.complete else {
            throw BenchError.failed("\(first.searched) of \(total) prints were taken in")
        }
        report.results = [
            .init(
                "register_seconds", [Stopwatch.seconds(since: started)],
                note: "\(works) works with \(Self.printsPerWork) prints each, until all can be found")
        ]
        report.results += try await ask(node, shapes)
        report.results += try await served(node, shapes)
        report.results.append(
            .init(
                "resident_mib", [ProcessUsage.residentMebibytes()], note: "of the process, rows of the search included")
        )
        running.cancel()
        _ = await running.result
        try await node.close()
        return report
    }

    // MARK: The works

    /// Prints that resemble no other and no primitive.
    private static func shapes(_ count: Int) throws -> [ShapePrint] {
        let width = ShapePrint.byteCount
        // Small bytes, as prints have them: so distances are like those between real models.
        let noise = HashingBench.noise(count * width).map { $0 >> 2 }
        return try (0..<count).map { place in
            guard let print = ShapePrint(noise[(place * width)..<((place + 1) * width)]) else {
                throw BenchError.failed("no print of \(width) bytes")
            }
            return print
        }
    }

    /// The prints of one work. Numbers run through all shapes, then through their next variants.
    private func manifestPrints(_ work: Int, _ shapes: [ShapePrint]) -> [Manifest.Print] {
        (0..<Self.printsPerWork).map { place in
            let number = work * Self.printsPerWork + place
            var bytes = shapes[number % shapes.count].bytes
            let variant = min(number / shapes.count, Self.variants - 1)
            bytes[variant] += UInt8(4 * variant)
            return Manifest.Print(algorithm: Manifest.partAlgorithm, leaf: nil, bytes: bytes)
        }
    }

    private func register(_ bench: BenchHome, _ node: Node, _ shapes: [ShapePrint]) async throws {
        let time = WallClock.now() / 1_000
        for start in stride(from: 0, to: works, by: Self.submissionsAtATime) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in start..<min(start + Self.submissionsAtATime, works) {
                    group.addTask {
                        let work = BenchWork(number: number, prints: manifestPrints(number, shapes))
                        let statement = try work.registration(
                            by: bench.claimant(number), chain: bench.chain, time: time, lifetime: 3_000)
                        let view = try await node.submit(
                            Submission(statement: statement.encoded, attachments: work.attachments), wait: true)
                        guard view.status == .final else { throw BenchError.notFinal(view.statement) }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    // MARK: Asking

    /// A shape for each question, taken from all over.
    private func wanted(_ run: Int, _ shapes: [ShapePrint]) -> [ShapePrint] {
        (0..<count).map { shapes[(run * count + $0) &* 7_919 % shapes.count] }
    }

    private func ask(_ node: Node, _ shapes: [ShapePrint]) async throws -> [BenchReport.Result] {
        guard let search = node.lookAlikes?.search else { preconditionFailure("the node was told to search") }
        var (p50, p99, alone): ([Double], [Double], [Double]) = ([], [], [])
        for run in 0..<runs {
            var (answers, comparisons) = (Samples(), Samples())
            for print in wanted(run, shapes) {
                let start = ContinuousClock.now
                let view = try await node.similar(to: print, limit: 100)
                answers.add(Stopwatch.seconds(since: start) * 1e3)
                guard view.similar.first?.distance == 0, view.similar.count >= Self.variants else {
                    throw BenchError.failed("\(view.similar.count) look-alikes of \(Self.variants)")
                }
                comparisons.add(Stopwatch.seconds { _ = search.nearest(to: print) } * 1e3)
            }
            p50.append(answers.percentile(50))
            p99.append(answers.percentile(99))
            alone.append(comparisons.percentile(50))
        }
        let note = "all within 120 of \(total) prints, with work and title; internal API, one at a time"
        var medians = Samples(alone)
        let limit = medians.percentile(50)
        return [
            .init("search_ms_p50", p50, note: note, limit: limit), .init("search_ms_p99", p99, note: note),
            .init("comparison_ms", alone, note: "comparing with every print alone, one thread"),
        ]
    }

    private func served(_ node: Node, _ shapes: [ShapePrint]) async throws -> [BenchReport.Result] {
        let (ports, port) = AsyncStream<Int>.makeStream()
        let service = HTTPService(
            node: node, host: "127.0.0.1", port: 0,
            logger: Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() }),
            onBound: { _, bound in port.yield(bound) })
        let serving = Task { try await service.run() }
        var iterator = ports.makeAsyncIterator()
        guard let bound = await iterator.next() else { throw BenchError.failed("the HTTP server did not start") }
        var (p50, p99): ([Double], [Double]) = ([], [])
        for run in 0..<runs {
            let wanted = wanted(run, shapes)
            // A thread of its own: the client blocks.
            var times = try await withCheckedThrowingContinuation { (done: CheckedContinuation<Samples, any Error>) in
                DispatchQueue.global().async { done.resume(with: Result { try Self.fetch(wanted, port: bound) }) }
            }
            p50.append(times.percentile(50))
            p99.append(times.percentile(99))
        }
        serving.cancel()
        _ = await serving.result
        let note = "the same over HTTP on loopback, one connection, client on the same processors"
        return [.init("http_search_ms_p50", p50, note: note), .init("http_search_ms_p99", p99, note: note)]
    }

    private static func fetch(_ wanted: [ShapePrint], port: Int) throws -> Samples {
        let client = try LoopbackClient(port: port)
        var times = Samples()
        for print in wanted {
            let start = ContinuousClock.now
            let answer = try client.get("/api/v1/similar/print/\(print.hex)?limit=100")
            times.add(Stopwatch.seconds(since: start) * 1e3)
            guard answer.status == 200 else { throw BenchError.failed("status \(answer.status)") }
        }
        return times
    }
}
