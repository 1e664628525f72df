import GRDB
import ProvChain
import Testing

@testable import ProvNode

@Suite("The index's register: sorted runs, of which some are merged")
struct RegisterWritingTests {
    private let queue: DatabaseQueue

    init() throws {
        queue = try DatabaseQueue()
        try queue.write { try $0.execute(sql: IndexSchema.sql) }
    }

    /// Entries as blocks bring them: few keys, so that many share one, and some keys in long lists.
    private static func blocks(_ count: Int, seed: UInt64 = 1) -> [[RegisterEntry]] {
        var generator = SplitMix(seed)
        return (0..<count).map { block in
            (0..<Int.random(in: 0...30, using: &generator)).map { place in
                let key = Bool.random(using: &generator) ? UInt64.random(in: 0...40, using: &generator) : 7
                return RegisterEntry(
                    key == 7 ? .max : key << 58, number: key == 7 ? 0 : UInt32(block), leaf: UInt64(100 * block + place)
                )
            }.sorted()
        }
    }

    private func add(_ blocks: [[RegisterEntry]], from first: Int = 0, to keys: inout RegisterWriting) throws {
        for (place, block) in blocks.enumerated() {
            keys.release()
            var next = keys
            try queue.write { db in try next.add(block, end: UInt64(100 * (first + place + 1)), db) }
            keys = next
        }
    }

    private func all(_ snapshot: RegisterSnapshot) throws -> [RegisterEntry] {
        try queue.read { db in
            var found: [RegisterEntry] = []
            try RegisterReader(snapshot, db).forEach { found.append($0) }
            return found
        }
    }

    private func chunks() throws -> Int {
        try queue.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM chunks") } ?? 0
    }

    @Test(arguments: [1, 40, 300, 1_000_000]) func everyEntryIsThereOnce(runEntries: Int) throws {
        let blocks = Self.blocks(400)
        var keys = RegisterWriting(runEntries: runEntries)
        try add(blocks, to: &keys)
        #expect(try all(keys.snapshot) == blocks.flatMap(\.self).sorted())
        #expect(keys.snapshot.count == blocks.reduce(0) { $0 + $1.count })
        #expect(keys.snapshot.recentCount < max(runEntries, 1))
        // Five runs of each size at most, and what waits for a merge.
        #expect(keys.snapshot.runs.count < 6 * 5, "\(keys.snapshot.runs.map(\.count))")
        for (run, next) in zip(keys.snapshot.runs, keys.snapshot.runs.dropFirst()) {
            #expect(run.leaves.upperBound == next.leaves.lowerBound)
        }
    }

    @Test(arguments: [40, 300, 1_000_000]) func rangesComeInBothOrders(runEntries: Int) throws {
        let blocks = Self.blocks(400)
        var keys = RegisterWriting(runEntries: runEntries)
        try add(blocks, to: &keys)
        let sorted = blocks.flatMap(\.self).sorted()
        try queue.read { db in
            let reader = try RegisterReader(keys.snapshot, db)
            var ranges = (0...41).map { RegisterRange($0 << 58, numbers: 1...1_000) }
            ranges += (0...41).map { RegisterRange($0 << 58, numbers: 100...120) }
            ranges += [
                RegisterRange(.max), RegisterRange(.max, below: 20_050), RegisterRange(.max, below: 0),
                RegisterRange(5),
            ]
            for range in ranges {
                let expected = sorted.filter { range.contains($0) }
                var (up, down): ([RegisterEntry], [RegisterEntry]) = ([], [])
                try reader.ascending(range) {
                    up.append($0); return true
                }
                try reader.descending(range) {
                    down.append($0); return true
                }
                #expect(up == expected && down == expected.reversed())
                var first: [RegisterEntry] = []
                try reader.descending(range) {
                    first.append($0); return first.count < 3
                }
                #expect(first == expected.suffix(3).reversed())
            }
            for entry in sorted { #expect(try reader.contains(entry)) }
            #expect(try !reader.contains(RegisterEntry(.max, leaf: 50)))
        }
    }

    @Test func whoeverAskedBeforeStillReadsWhatWasMerged() throws {
        let blocks = Self.blocks(300)
        var keys = RegisterWriting(runEntries: 20)
        try add(Array(blocks[..<60]), to: &keys)
        let before = keys.snapshot
        let entries = try all(before)
        try add(Array(blocks[60...]), from: 60, to: &keys)
        #expect(keys.snapshot.runs.allSatisfy { run in !before.runs.contains { $0 === run } }, "all were merged")
        #expect(try all(before) == entries)
    }

    @Test func whatNobodyReadsIsRemoved() throws {
        let blocks = Self.blocks(600)
        var keys = RegisterWriting(runEntries: 20)
        try add(blocks, to: &keys)
        // Blocks without entries go on with the work.
        try add([[RegisterEntry]](repeating: [], count: 200), from: 600, to: &keys)
        #expect(try chunks() == keys.snapshot.runs.reduce(0) { $0 + $1.fences.count })
        #expect(try queue.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM runs") } == keys.snapshot.runs.count)
    }

    @Test func aTransactionThatFailedLeavesNothing() throws {
        let blocks = Self.blocks(200)
        var keys = RegisterWriting(runEntries: 20)
        for (place, block) in blocks.enumerated() {
            for isFailing in [true, false] {
                keys.release()
                var next = keys
                do {
                    try queue.write { db in
                        try next.add(block, end: UInt64(100 * (place + 1)), db)
                        if isFailing { throw DatabaseError(message: "no space") }
                    }
                    keys = next
                } catch {
                    #expect(isFailing)
                }
            }
        }
        #expect(try all(keys.snapshot) == blocks.flatMap(\.self).sorted())
    }

    /// The process ends at any block; what was in memory comes from the statements, which are not here.
    @Test func aStartFindsTheRunsAndRemovesUnfinishedOnes() throws {
        let blocks = Self.blocks(300)
        var keys = RegisterWriting(runEntries: 30)
        for (place, block) in blocks.enumerated() {
            try add([block], from: place, to: &keys)
            let read = try queue.read { try RegisterWriting(reading: $0, runEntries: 30) }
            #expect(read.snapshot.runs.map(\.number) == keys.snapshot.runs.map(\.number))
            let stored = RegisterSnapshot(runs: keys.snapshot.runs, recent: [], end: keys.snapshot.recentStart)
            #expect(try all(read.snapshot) == all(stored))
        }
        var again = try queue.read { try RegisterWriting(reading: $0, runEntries: 30) }
        let expected = try all(again.snapshot)
        try add([[RegisterEntry]](repeating: [], count: 200), from: 300, to: &again)
        #expect(try all(again.snapshot) == expected)
        #expect(try chunks() == again.snapshot.runs.reduce(0) { $0 + $1.fences.count })
    }

    @Test func aChunkThatIsMissingIsFound() throws {
        var keys = RegisterWriting(runEntries: 20)
        try add(Self.blocks(10), to: &keys)
        try queue.write { try $0.execute(sql: "DELETE FROM chunks") }
        #expect(throws: DamagedColumn.self) { try all(keys.snapshot) }
        try queue.write { try $0.execute(sql: "UPDATE runs SET fences = x'00'") }
        #expect(throws: DamagedColumn.self) { try queue.read { try RegisterWriting(reading: $0) } }
    }
}
