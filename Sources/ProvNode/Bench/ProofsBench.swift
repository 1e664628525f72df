import Dispatch
import Logging
import ProvChain

/// Receipts as a node serves them, and bundles as anybody checks them.
///
/// A receipt is found by its statement's id in the index, gets its path from the log's tiles and the
/// signature that all receipts of the block share. For "one core", all threads of the process are confined
/// to one processor, clients included.
struct ProofsBench {
    /// Works in the registry before.
    let preload: Int
    /// Receipts of a run.
    let count: Int
    let runs: Int

    /// Transfers of title in the history of the longest bundle.
    static let handovers = 100
    private static let connections = 8

    func run() async throws -> BenchReport {
        var report = BenchReport("proofs")
        let bench = try BenchHome.temporary(time: BenchHome.pastTime)
        defer { bench.remove() }
        _ = try RegistryMaker(bench: bench, works: preload).run { _, _, _ in }
        let node = try bench.open()
        let running = Task { try await node.run() }
        let transfers = try await BenchTransfers(bench, node, handovers: Self.handovers).run()
        let sample = try IndexSample(node.index, count: min(count, preload), seed: 2).rows
        report.results += try await receipts(node, sample)
        report.results += try await served(node, sample)
        report.results += try split(node, sample)
        report.results += try await bundles(node, bench, transfers)
        running.cancel()
        _ = await running.result
        try await node.close()
        return report
    }

    // MARK: Receipts

    private func receipts(_ node: Node, _ sample: [IndexSample.Row]) async throws -> [BenchReport.Result] {
        var (one, all, cpu): ([Double], [Double], [Double]) = ([], [], [])
        for _ in 0..<runs {
            ProcessUsage.confine(toOneCore: true)
            let before = ProcessUsage.processorSeconds()
            one.append(Double(sample.count) / (try await Self.ask(node, sample, clients: 4)))
            cpu.append((ProcessUsage.processorSeconds() - before) * 1e6 / Double(sample.count))
            ProcessUsage.confine(toOneCore: false)
            all.append(Double(sample.count) / (try await Self.ask(node, sample, clients: 8)))
        }
        let limit = Self.hashedPaths(leaves: node.reader.size)
        let note = "random works of \(preload), internal API; limit: hashing such a path once from its leaf, one core"
        return [
            .init("receipts_per_second", one, note: "one core, \(note)", limit: limit),
            .init("receipts_per_second", all, note: "\(SystemCores.count) cores, \(note)", limit: limit),
            .init("cpu_us_per_receipt", cpu, note: "one core"),
        ]
    }

    /// Seconds for all receipts by some clients at once.
    private static func ask(_ node: Node, _ sample: [IndexSample.Row], clients: Int) async throws -> Double {
        let start = ContinuousClock.now
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<clients {
                group.addTask {
                    for place in stride(from: client, to: sample.count, by: clients) {
                        guard try await node.receipt(sample[place].statement) != nil else {
                            throw BenchError.failed("no receipt for leaf \(sample[place].leaf)")
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        return Stopwatch.seconds(since: start)
    }

    /// How many paths of a tree of that size one core could hash in a second: the work of whoever checks a
    /// receipt, and the least that whoever makes one without stored hashes would do.
    private static func hashedPaths(leaves: UInt64) -> Double {
        let levels = 64 - leaves.leadingZeroBitCount
        var digest = SHA256.hash([1])
        let count = 20_000
        let seconds = Stopwatch.seconds {
            for _ in 0..<(count * levels) { digest = MerkleHash.node(digest, digest) }
        }
        precondition(digest != .zero, "a hash of zeros")
        return Double(count) / seconds
    }

    private func served(_ node: Node, _ sample: [IndexSample.Row]) async throws -> [BenchReport.Result] {
        let (ports, port) = AsyncStream<Int>.makeStream()
        let service = HTTPService(
            node: node, host: "127.0.0.1", port: 0,
            logger: Logger(label: "bench", factory: { _ in SwiftLogNoOpLogHandler() }),
            onBound: { _, bound in port.yield(bound) })
        let serving = Task { try await service.run() }
        var bound: Int?
        for await first in ports {
            bound = first
            break
        }
        guard let bound else { throw BenchError.failed("the HTTP server did not start") }
        var (one, all, cpu): ([Double], [Double], [Double]) = ([], [], [])
        for _ in 0..<runs {
            ProcessUsage.confine(toOneCore: true)
            let before = ProcessUsage.processorSeconds()
            one.append(Double(sample.count) / (try await Self.fetch(sample, port: bound)))
            cpu.append((ProcessUsage.processorSeconds() - before) * 1e6 / Double(sample.count))
            ProcessUsage.confine(toOneCore: false)
            all.append(Double(sample.count) / (try await Self.fetch(sample, port: bound)))
        }
        serving.cancel()
        _ = await serving.result
        let note = "over HTTP on loopback, \(Self.connections) connections, clients on the same processors"
        return [
            .init("receipts_per_second", one, note: "one core, \(note)"),
            .init("receipts_per_second", all, note: "\(SystemCores.count) cores, \(note)"),
            .init("cpu_us_per_receipt", cpu, note: "one core, \(note)"),
        ]
    }

    private static func fetch(_ sample: [IndexSample.Row], port: Int) async throws -> Double {
        let start = ContinuousClock.now
        let failures = FailureList()
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let group = DispatchGroup()
            for client in 0..<connections {
                // A thread of its own: the client blocks.
                DispatchQueue(label: "provnode.bench.client.\(client)").async(group: group) {
                    do {
                        let connection = try LoopbackClient(port: port)
                        for place in stride(from: client, to: sample.count, by: connections) {
                            let answer = try connection.get(
                                "/api/v1/statements/\(sample[place].statement.hex)/receipt")
                            guard answer.status == 200, answer.bytes > 0 else {
                                throw BenchError.failed("status \(answer.status) for leaf \(sample[place].leaf)")
                            }
                        }
                    } catch { failures.record("\(error)") }
                }
            }
            group.notify(queue: .global()) { continuation.resume() }
        }
        if let failure = failures.first { throw BenchError.failed(failure) }
        return Stopwatch.seconds(since: start)
    }

    /// The parts of a receipt one after the other, on this thread.
    private func split(_ node: Node, _ sample: [IndexSample.Row]) throws -> [BenchReport.Result] {
        guard let (header, size) = node.latest.receiptHeader() else {
            throw BenchError.failed("the node signs no receipts")
        }
        let scale = 1e6 / Double(sample.count)
        var parts: [String: [Double]] = [:]
        for _ in 0..<runs {
            var leaves: [UInt64] = []
            parts["find the statement in the index", default: []].append(
                try Stopwatch.seconds { leaves = try sample.compactMap { try node.index.leafIndex(of: $0.statement) } }
                    * scale)
            var proofs: [InclusionProof] = []
            parts["path from the tiles", default: []].append(
                try Stopwatch.seconds {
                    proofs = try leaves.map { leaf throws(MerkleError) in
                        try HistoryTree.inclusionProof(index: leaf, size: size, reader: node.reader)
                    }
                } * scale)
            var bytes = 0
            parts["encode the COSE receipt", default: []].append(
                Stopwatch.seconds { for proof in proofs { bytes += header.receipt(proof).count } } * scale)
            parts["size in bytes", default: []].append(Double(bytes) / Double(sample.count))
        }
        return parts.sorted { $0.key < $1.key }.map { name, values in
            .init(name == "size in bytes" ? "receipt_bytes" : "us_per_receipt", values, note: "\(name), one thread")
        }
    }

    // MARK: Bundles

    private func bundles(
        _ node: Node, _ bench: BenchHome, _ transfers: BenchTransfers.Report
    ) async throws -> [BenchReport.Result] {
        let signature = transfers.verificationMilliseconds
        var results: [BenchReport.Result] = []
        for (name, urn) in [("a work without transfers", transfers.plain), ("its title", transfers.title)] {
            var (making, checking): ([Double], [Double]) = ([], [])
            var bytes: [UInt8] = []
            for _ in 0..<(4 * runs) {
                var start = ContinuousClock.now
                guard let made = try await node.bundle(urn) else { throw BenchError.failed("no bundle of \(urn)") }
                making.append(Stopwatch.seconds(since: start) * 1_000)
                bytes = made
                start = .now
                let report = try Bundle(cbor: bytes).check(against: bench.file)
                checking.append(Stopwatch.seconds(since: start) * 1_000)
                guard report.verified else { throw BenchError.failed("the bundle: \(report.failure as Any)") }
            }
            let statements = try Bundle(cbor: bytes).statements.count
            let note = "\(name), \(statements) statements"
            results += [
                .init(
                    "bundle_check_ms", checking, note: note + "; limit: verifying its signatures alone",
                    limit: signature * Double(statements + 2)),
                .init("bundle_make_ms", making, note: note),
                .init("bundle_bytes", [Double(bytes.count)], note: note),
            ]
        }
        return results
    }
}
