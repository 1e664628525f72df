import Testing

@testable import ProvNode

/// Nothing here looks at a figure: that they are there is all that a test can say of them.
@Suite("Benchmarks run and say what they measured", .serialized)
struct BenchTests {
    private static func metrics(_ report: BenchReport) -> Set<String> { Set(report.results.map(\.metric)) }

    @Test func commit() async throws {
        let report = try await CommitBench(count: 100, runs: 1, seconds: 1, withAttachments: true).run()
        #expect(
            Self.metrics(report).isSuperset(of: [
                "committed_per_second", "latency_ms_p50", "latency_ms_p99", "cpu_ms_per_statement", "resident_mib",
                "disk_bytes_per_statement", "log_bytes_per_statement",
            ]))
        #expect(Set(report.results.compactMap(\.rate)).isSuperset(of: [50, 200]))
        #expect(report.results.allSatisfy { $0.min <= $0.median && $0.median <= $0.max })
    }

    @Test func proofs() async throws {
        let report = try await ProofsBench(preload: 1_000, count: 100, runs: 1).run()
        #expect(
            Self.metrics(report).isSuperset(of: [
                "receipts_per_second", "us_per_receipt", "bundle_check_ms", "bundle_bytes",
            ]))
    }

    @Test func search() async throws {
        let report = try await SearchBench(prints: 2_000, count: 10, runs: 1).run()
        #expect(
            Self.metrics(report).isSuperset(of: [
                "search_ms_p50", "search_ms_p99", "comparison_ms", "http_search_ms_p50", "http_search_ms_p99",
                "resident_mib",
            ]))
    }

    @Test func lookups() async throws {
        let bench = try BenchHome.temporary(time: BenchHome.pastTime)
        defer { bench.remove() }
        _ = try RegistryMaker(bench: bench, works: 300, components: 3).run { _, _, _ in }
        let report = try await LookupsBench(home: bench.home, count: 10, runs: 1).run()
        // The file, three meshes and the root of the manifest.
        #expect(report.results.first { $0.metric == "claims_per_work" }?.median == 5)
        #expect(
            Self.metrics(report).isSuperset(of: [
                "startup_seconds", "resident_mib", "latency_ms_p50", "latency_ms_p99", "disk_bytes_per_asset",
            ]))
    }
}
