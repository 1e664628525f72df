@testable import ProvChain
import Testing

/// The state database is a checkpoint at some height; the log leads from there to the tip.
@Suite struct ResumeTests {
    /// Flushes once, right after `height`, stops, and goes on from the database and the log.
    private func resumed(_ chain: TestChain, flushedAt height: Int) throws -> (ledger: Ledger, state: MemoryState) {
        var state = MemoryState()
        var ledger = try Ledger.start(chain.file).ledger
        for (header, statements) in chain.blocks[1..<(height + 1)] {
            try ledger.commit(ledger.execute(header, statements: statements, source: state))
        }
        state.apply(ledger.beginFlush())
        let checkpoint = try StateCheckpoint(cbor: try #require(state.checkpoint))
        #expect(checkpoint.tip.header == chain.blocks[height].header)
        var other = try Ledger(chain.file, resuming: checkpoint, source: state)
        for block in chain.blocks[...height] { for statement in block.statements { other.remember(statement) } }
        for (header, statements) in chain.blocks[(height + 1)...] {
            try other.commit(other.execute(header, statements: statements, source: state))
        }
        return (other, state)
    }

    @Test func everyHeightIsAGoodPlaceToFlush() throws {
        let chain = try LedgerTests.busyChain()
        for height in chain.blocks.indices {
            var (ledger, state) = try resumed(chain, flushedAt: height)
            #expect(ledger.tip == chain.ledger.tip, "flushed at \(height)")
            // Records and proofs come from memory and database alike.
            for (urn, _) in chain.file.genesis.records {
                let record = try #require(try ledger.record(urn, source: state))
                let proof = try ledger.prove(urn, source: state)
                try proof.verify(
                    key: urn.stateKey, recordHash: SHA256.hash(record.cbor), root: ledger.tip.header.stateRoot)
            }
            let absent = URN.work(TestChain.hash("nothing"))
            try ledger.prove(absent, source: state)
                .verify(key: absent.stateKey, recordHash: nil, root: ledger.tip.header.stateRoot)
            state.apply(ledger.beginFlush())
        }
    }

    /// Time is added to it, so it has the bound of every block time.
    @Test func aCheckpointWhoseEpochBeganBeyondTimeIsRefused() throws {
        let chain = try TestChain()
        let checkpoint = StateCheckpoint(tip: chain.ledger.tip)
        guard case .array(var parts) = try CBORValue(cbor: checkpoint.cbor) else {
            throw TestChain.Unexpected(description: "a checkpoint that is no array")
        }
        for (time, isTime) in [(Limits.exactInteger, true), (Limits.exactInteger + 1, false), (UInt64.max, false)] {
            parts[4] = .unsigned(time)
            let bytes = CBORValue.array(parts).cbor
            #expect(((try? StateCheckpoint(cbor: bytes)) != nil) == isTime, "\(time)")
        }
    }

    @Test func flushingDoesNotChangeWhatTheChainSays() throws {
        let (with, without) = (
            try LedgerTests.busyChain(flushing: true), try LedgerTests.busyChain(flushing: false)
        )
        #expect(with.ledger.tip == without.ledger.tip)
    }

    @Test func blocksGoOnWhileAFlushIsUnderWay() throws {
        var chain = try TestChain()
        let alice = try chain.enrol("alice")
        let work = try chain.register(TestChain.content("vase"), by: alice)
        let flush = chain.ledger.beginFlush()
        #expect(chain.ledger.unflushedRecords == 0)
        // Nothing is in the database yet; everything is still read.
        #expect(try chain.read(WorkRecord.self, .work(work)) != nil)
        _ = try chain.register(TestChain.content("bowl"), by: alice)
        chain.state.apply(flush)
        chain.ledger.confirmFlush()
        _ = try chain.register(TestChain.content("jar"), by: alice)
        #expect(Set(flush.records.map(\.key)).count == flush.records.count)
        for position in flush.records.indices {
            let (key, record) = flush.records[position]
            #expect(flush.records.leaf(at: position) == StateLeaf(key: key, recordHash: SHA256.hash(record.cbor)))
            #expect(flush.records.touches(at: position) == record.history.count)
        }

        var replay = try Ledger.start(chain.file).ledger
        for (header, statements) in chain.blocks.dropFirst() {
            try replay.commit(replay.execute(header, statements: statements, source: MemoryState()))
        }
        #expect(replay.tip == chain.ledger.tip)
        // A stop now resumes from the flush, and executes the rest again.
        var resumed = try Ledger(chain.file, resuming: flush.checkpoint, source: chain.state)
        for (header, statements) in chain.blocks[Int(flush.checkpoint.tip.header.height + 1)...] {
            try resumed.commit(resumed.execute(header, statements: statements, source: chain.state))
        }
        #expect(resumed.tip == chain.ledger.tip)
    }

    @Test func aRestartedLedgerRefusesReplaysOnceItRemembers() throws {
        var chain = try TestChain()
        // An answer would be refused by its own rule; a version with the same number is refused only as a replay.
        let alice = try chain.enrol("alice")
        let statement = try chain.registration(TestChain.content("vase"), by: alice).statement
        try chain.append([statement])
        chain.flush()
        let checkpoint = try StateCheckpoint(cbor: try #require(chain.state.checkpoint))
        var ledger = try Ledger(chain.file, resuming: checkpoint, source: chain.state)
        #expect(!ledger.wasRecentlyApplied(statement.id))
        for block in chain.blocks { for statement in block.statements { ledger.remember(statement) } }
        #expect(ledger.wasRecentlyApplied(statement.id))
        let time = chain.now + 1_000
        let assembly = try ledger.assemble([statement], now: time, view: 9, proposer: 0, source: chain.state)
        #expect(assembly.refused.map(\.refusal.rule) == [.replayed])
        #expect(ledger.wasRecentlyApplied(chain.file.opening.id) == false, "the opening has expired by now")
    }

    @Test func aDamagedDatabaseIsAnErrorAndNotARefusal() throws {
        var chain = try TestChain()
        let alice = try chain.enrol("alice")
        chain.flush()
        let checkpoint = try StateCheckpoint(cbor: try #require(chain.state.checkpoint))
        var ledger = try Ledger(chain.file, resuming: checkpoint, source: chain.state)
        let statement = try chain.registration(TestChain.content("vase"), by: alice).statement
        let key = URN.party(alice.id).stateKey
        let damaged = DamagedState(base: chain.state, key: key)
        #expect(throws: LedgerError.self) {
            try ledger.assemble([statement], now: chain.now + 1, view: 1, proposer: 0, source: damaged)
        }
    }
}

/// A database in which one record has become something else.
private struct DamagedState: StateSource {
    let base: MemoryState
    let key: Digest

    func storedRecord(_ key: Digest) throws -> StoredRecord? {
        let record = try base.storedRecord(key)
        return key == self.key ? record.map { StoredRecord(body: [0xa0], history: $0.history) } : record
    }

    func leaves(under prefix: StatePrefix) -> [StateLeaf] { base.leaves(under: prefix) }
}
