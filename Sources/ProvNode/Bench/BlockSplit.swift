import ProvChain

/// Where the time of a statement goes: every part of its way, one after the other on one thread.
///
/// In the node these parts overlap: verification on its threads, the index behind the ledger.
struct BlockSplit {
    /// Registrations in a block.
    let statements: Int
    let blocks: Int

    private static let parts = [
        "parse", "verify", "execute, with both roots", "append to the log, with the wait for the disk",
        "index, without full text", "index, with the words of titles, authors and descriptions",
        "flush of the state, once a block",
    ]

    func run() throws -> [BenchReport.Result] {
        let bench = try BenchHome.temporary(time: BenchHome.pastTime)
        defer { bench.remove() }
        let stores = try NodeStores(home: bench.home, attachmentQuota: .max)
        var (ledger, first) = try Ledger.start(bench.file)
        try stores.log.append([LogBlock(genesis: first)])
        try stores.index.apply([first]) { _ in nil }
        // The same blocks once more, with the attachments at hand.
        let worded = try IndexDatabase(path: bench.home.path + "/worded.sqlite")
        try worded.apply([first]) { _ in nil }
        var times = [[Double]](repeating: [], count: Self.parts.count)
        for block in 0..<blocks {
            let laps = try measure(block, bench, stores, worded, &ledger)
            for (part, seconds) in laps.enumerated() { times[part].append(seconds * 1e6 / Double(statements)) }
        }
        try worded.close()
        try stores.log.close()
        return zip(Self.parts, times).map { part, microseconds in
            BenchReport.Result(
                "us_per_statement", microseconds, note: "\(part); blocks of \(statements) registrations, one thread")
        }
    }

    private func measure(
        _ block: Int, _ bench: BenchHome, _ stores: NodeStores, _ worded: IndexDatabase, _ ledger: inout Ledger
    ) throws -> [Double] {
        let tip = ledger.tip.header
        let time = tip.time + 1_000
        let encoded = try bench.registrations(
            (block * statements)..<((block + 1) * statements), time: time / 1_000, lifetime: 600
        ).map(\.encoded)
        let metadata = (0..<statements).map { BenchWork(number: block * statements + $0).metadata.cbor }
        let words = Dictionary(metadata.map { (SHA256.hash($0), $0) }) { first, _ in first }
        var laps: [Double] = []
        var start = ContinuousClock.now
        func lap() {
            laps.append(Stopwatch.seconds(since: start))
            start = .now
        }
        let parsed = try encoded.map { bytes throws(Refusal) in try Statement(encoded: bytes) }
        lap()
        for (place, statement) in parsed.enumerated() {
            let key = bench.claimant(block * statements + place).key.publicKey
            precondition(statement.check(with: key).verify(), "a bad signature")
        }
        lap()
        let assembly = try ledger.assemble(
            parsed, now: time, view: tip.view + 1, proposer: 0, source: stores.state)
        precondition(assembly.refused.isEmpty && assembly.postponed.isEmpty, "\(assembly.refused.first as Any)")
        lap()
        try stores.log.append([LogBlock(assembly.block, certificate: [])])
        try ledger.commit(assembly.block)
        lap()
        try stores.index.apply([assembly.block]) { _ in nil }
        lap()
        try worded.apply([assembly.block]) { words[$0] }
        lap()
        try stores.state.write(ledger.beginFlush())
        ledger.confirmFlush()
        lap()
        return laps
    }
}
