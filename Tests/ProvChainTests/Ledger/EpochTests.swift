@testable import ProvChain
import Testing

@Suite struct EpochTests {
    private func chain() throws -> TestChain {
        var parameters = Parameters()
        parameters.epochLengthMilliseconds = 5_000
        return try TestChain(parameters: parameters)
    }

    /// An epoch's last block is the first whose time reaches the epoch's length; it names the next record.
    @Test func epochsEndByBlockTime() throws {
        var chain = try chain()
        var boundaries: [BlockHeader] = []
        for _ in 0..<16 {
            try chain.append([])
            let header = chain.ledger.tip.header
            if header.nextEpochRecord != nil { boundaries.append(header) }
        }
        #expect(boundaries.map(\.height) == [5, 10, 15])
        #expect(boundaries.map(\.epoch) == [0, 1, 2], "the last block belongs to the epoch that it ends")
        #expect(chain.blocks[6].header.epoch == 1 && chain.ledger.tip.epoch.number == 3)
        #expect(chain.ledger.tip.epochStart == boundaries[2].time)
    }

    @Test func theTimeOfABoundaryIsExact() throws {
        var chain = try chain()
        let start = TestChain.genesisTime
        #expect(try chain.assemble([], at: start + 4_999).block.header.nextEpochRecord == nil)
        #expect(try chain.assemble([], at: start + 5_000).block.header.nextEpochRecord != nil)
        // A long silence ends one epoch, not many.
        try chain.append([], seconds: 1_000)
        #expect(chain.ledger.tip.epoch.number == 1 && chain.ledger.tip.epochStart == start + 1_000_000)
    }

    @Test func everyRecordNamesTheBoundaryBeforeTheOneThatAnnouncesIt() throws {
        var chain = try chain()
        var records = [chain.ledger.tip.epoch]
        var boundaries: [BlockHeader] = []
        while boundaries.count < 4 {
            try chain.append([])
            let header = chain.ledger.tip.header
            #expect(header.epochRecord == records[Int(header.epoch)].hash)
            guard let next = header.nextEpochRecord else { continue }
            boundaries.append(header)
            records.append(chain.ledger.tip.epoch)
            #expect(next == chain.ledger.tip.epoch.hash, "the boundary commits to the next epoch's record")
        }
        #expect(records.map(\.number) == [0, 1, 2, 3, 4])
        #expect(records.map(\.previousBoundary) == [.zero, .zero] + boundaries.prefix(3).map(\.id))
        for record in records {
            #expect(record.validators == records[0].validators && record.parameters == records[0].parameters)
            #expect(try EpochRecord(cbor: record.cbor) == record)
        }
    }

    @Test func aRestartAcrossABoundaryKeepsTheEpoch() throws {
        var chain = try chain()
        for _ in 0..<7 { try chain.append([]) }
        chain.flush()
        let checkpoint = try StateCheckpoint(cbor: try #require(chain.state.checkpoint))
        var ledger = try Ledger(chain.file, resuming: checkpoint, source: chain.state)
        for _ in 0..<6 { try chain.append([]) }
        for (header, statements) in chain.blocks[8...] {
            try ledger.commit(ledger.execute(header, statements: statements, source: chain.state))
        }
        #expect(ledger.tip == chain.ledger.tip && ledger.tip.epoch.number == 2)
    }

    @Test func aBoundaryThatIsNoneIsRefused() throws {
        var chain = try chain()
        let header = try chain.assemble([], at: chain.now + 1_000).block.header
        let early = header.with(nextEpochRecord: chain.ledger.tip.epoch.successor(boundary: .zero).hash)
        #expect(throws: LedgerError.mismatch(height: 1, field: "next epoch record")) {
            try chain.ledger.execute(early, statements: [], source: chain.state)
        }
    }
}
