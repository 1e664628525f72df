import GRDB
import ProvChain

/// Rows of an index taken at random places: what a benchmark then looks up one by one.
struct IndexSample {
    struct Row: Sendable {
        let leaf: UInt64
        let statement: Digest
        let work: Digest
        let claimant: Digest
        let title: String
        /// A hash that some version lists.
        let component: Digest
        /// One of the hashes of files and meshes that its statement claims, at random; see ``IndexSample/chooseClaims(_:)``.
        var claimed: Digest?
    }

    private(set) var rows: [Row]
    let works: UInt64

    /// `count` works, with repetition if there are fewer.
    init(_ index: IndexDatabase, count: Int, seed: UInt64) throws {
        var generator = SplitMix(seed)
        (rows, works) = try index.pool.read { db in
            let top = try UInt64.fetchOne(db, sql: "SELECT MAX(leaf) FROM works") ?? 0
            let works = try UInt64.fetchOne(db, sql: "SELECT COUNT(*) FROM works") ?? 0
            guard works > 0 else { throw BenchError.failed("this registry has no works to look up") }
            let statement = try db.makeStatement(
                sql: """
                    SELECT w.leaf, s.id, w.work, w.claimant, w.title, s.manifest_root
                    FROM works w JOIN statements s USING (leaf) WHERE leaf >= ? ORDER BY leaf LIMIT 1
                    """)
            let rows = try (0..<count).map { _ in
                let leaf = UInt64.random(in: 0...top, using: &generator)
                guard let row = try GRDB.Row.fetchOne(statement, arguments: [leaf]) else {
                    throw BenchError.failed("the index has no work at or after leaf \(leaf)")
                }
                return Row(
                    leaf: try row.number("leaf"), statement: try row.digest("id"), work: try row.digest("work"),
                    claimant: try row.digest("claimant"), title: row["title"] ?? "",
                    component: try row.digest("manifest_root"))
            }
            return (rows, works)
        }
    }
}

extension IndexSample {
    /// Chooses one claimed hash of each row's statement, which the node reads from its log.
    ///
    /// - Returns: how many hashes a statement claims on average, the root of its manifest included.
    mutating func chooseClaims(_ node: Node) async throws -> Double {
        var statements: [ProvChain.Statement] = []
        for row in rows { statements.append(try await Self.registration(row, node)) }
        return try chooseClaims(of: statements)
    }

    private static func registration(_ row: Row, _ node: Node) async throws -> ProvChain.Statement {
        guard let bytes = try await node.statementBytes(row.statement) else {
            throw BenchError.failed("no statement at leaf \(row.leaf)")
        }
        return try ProvChain.Statement(encoded: bytes)
    }

    private mutating func chooseClaims(of statements: [ProvChain.Statement]) throws -> Double {
        var generator = SplitMix(2)
        var claims = 0
        for (place, statement) in statements.enumerated() {
            guard case .registerWork(let work) = statement.payload else {
                throw BenchError.failed("no registration at leaf \(rows[place].leaf)")
            }
            rows[place].claimed = work.content.distinctive.randomElement(using: &generator)
            claims += work.content.distinctive.count + 1
        }
        return Double(claims) / Double(max(rows.count, 1))
    }
}

/// Choices that look random and are the same in every run.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var z = state
        z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
        z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
        return z ^ (z >> 31)
    }
}
