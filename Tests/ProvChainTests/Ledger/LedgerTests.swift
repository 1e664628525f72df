@testable import ProvChain
import Testing

@Suite struct LedgerTests {
    /// A chain of 12 blocks with statements of most types, two empty ones among them.
    static func busyChain(parameters: Parameters = Parameters(), flushing: Bool = false) throws -> TestChain {
        var chain = try TestChain(parameters: parameters)
        let scene = try Scene(&chain)
        if flushing { chain.flush() }
        let offer = try scene.offer(&chain)
        try chain.append([chain.sign(.acceptTitle(AnswerOffer()), .offer(offer), by: scene.bob)])
        if flushing { chain.flush() }
        try chain.append([])
        _ = try chain.register(TestChain.content("vase"), by: scene.bob)
        let version = AddVersion(content: TestChain.content("vase 2", distinctive: ["lid"]), previous: 1)
        try chain.append([chain.sign(.addVersion(version), .work(scene.work), by: scene.alice)])
        try chain.append([chain.rotation(of: scene.bob, to: TestParty.key("bob 2"))])
        try chain.append([], seconds: 30)
        if flushing { chain.flush() }
        _ = try chain.enrolCrowd(20)
        let bob = TestParty(id: scene.bob.id, key: try TestParty.key("bob 2"))
        _ = try chain.register(TestChain.content("bowl", distinctive: ["lid"]), by: bob)
        return chain
    }

    @Test func blockZeroFollowsFromTheGenesisFileAlone() throws {
        let file = try TestChain().file
        let (ledger, block) = try Ledger.start(file)
        #expect(block.header.height == 0 && block.header.parent == .zero)
        #expect(block.header.time == file.genesis.time)
        #expect(block.header == file.block.header)
        #expect(block.leaves.first == file.opening.encoded, "a genesis appends at least one statement")
        #expect(block.header.historySize == 1 && ledger.tip.history.size == 2)
        #expect(ledger.chain == file.genesis.chain)
        let source = MemoryState()
        let genesis = file.genesis
        for (urn, _) in genesis.records {
            let record = try #require(try ledger.record(urn, source: source))
            #expect(record.history.count == 1)
        }
        for entry in [genesis.validators[0].vote, genesis.validators[0].log, genesis.validators[0].cosign] {
            #expect(try ledger.record(.key(entry.key.kid), source: source) != nil)
        }
    }

    @Test func whatOneAssemblesTheOthersExecute() throws {
        let chain = try Self.busyChain()
        var other = try Ledger.start(chain.file).ledger
        for (header, statements) in chain.blocks.dropFirst() {
            let block = try other.execute(header, statements: statements, source: MemoryState())
            #expect(block.header == header)
            #expect(block.leafHashes == block.leaves.map { SHA256.hash([0] + $0) })
            try other.commit(block)
        }
        #expect(other.tip == chain.ledger.tip)
    }

    /// The history is that of RFC 9162 over statements and headers, the header after its statements.
    @Test func theHistoryIsTheLog() throws {
        let chain = try Self.busyChain()
        var tree = CompactTree()
        var index: UInt64 = 0
        var parent = Digest.zero
        for (height, (header, statements)) in chain.blocks.enumerated() {
            #expect(header.height == UInt64(height) && header.parent == parent)
            for statement in statements { tree.append(MerkleHash.leaf(statement.encoded)) }
            index += UInt64(statements.count)
            #expect(header.historySize == index && header.historyRoot == tree.root && header.leafIndex == index)
            tree.append(MerkleHash.leaf(header.leaf))
            index += 1
            #expect(header.checkpointSize == index)
            #expect(try BlockHeader(leaf: header.leaf) == header)
            parent = header.id
        }
        #expect(chain.ledger.tip.history == tree && chain.ledger.tip.blockID == parent)
    }

    @Test func assemblingChangesNothing() throws {
        var chain = try Self.busyChain()
        let before = chain.ledger.tip
        let statement = try chain.registration(TestChain.content("jar"), by: chain.registrar).statement
        let first = try chain.assemble([statement])
        let again = try chain.assemble([statement])
        #expect(first.block.header == again.block.header && chain.ledger.tip == before)
        #expect(!chain.ledger.wasRecentlyApplied(statement.id))
    }

    private struct Tampering: Sendable {
        let field: String
        let change: @Sendable (BlockHeader) -> BlockHeader
    }

    private static let tamperings = [
        Tampering(field: "chain") { $0.with(chain: TestChain.hash("x")) },
        Tampering(field: "epoch") { $0.with(epoch: 1) },
        Tampering(field: "parent") { $0.with(parent: TestChain.hash("x")) },
        Tampering(field: "history size") { $0.with(historySize: $0.historySize + 1) },
        Tampering(field: "history root") { $0.with(historyRoot: TestChain.hash("x")) },
        Tampering(field: "state root") { $0.with(stateRoot: TestChain.hash("x")) },
        // Links carry the block's time, so the state's root tells.
        Tampering(field: "state root") { $0.with(time: $0.time + 1) },
        Tampering(field: "epoch record") { $0.with(epochRecord: TestChain.hash("x")) },
        Tampering(field: "next epoch record") { $0.with(nextEpochRecord: TestChain.hash("x")) },
    ]

    @Test func everyFieldThatFollowsFromExecutionIsChecked() throws {
        var chain = try Self.busyChain()
        let statement = try chain.registration(TestChain.content("jar"), by: chain.registrar).statement
        let header = try chain.assemble([statement]).block.header
        for tampering in Self.tamperings {
            #expect(throws: LedgerError.mismatch(height: header.height, field: tampering.field)) {
                try chain.ledger.execute(tampering.change(header), statements: [statement], source: chain.state)
            }
        }
        for height in [header.height - 1, header.height + 1] {
            #expect(throws: LedgerError.wrongHeight(found: height, expected: header.height)) {
                try chain.ledger.execute(header.with(height: height), statements: [statement], source: chain.state)
            }
        }
        // View and proposer are for consensus to judge; they do change the block's id.
        for other in [header.with(view: header.view + 1), header.with(proposer: 1)] {
            let block = try chain.ledger.execute(other, statements: [statement], source: chain.state)
            #expect(block.header == other && other.id != header.id)
        }
        _ = try chain.ledger.execute(header, statements: [statement], source: chain.state)
    }

    @Test func theOrderOfStatementsCounts() throws {
        var chain = try Self.busyChain()
        let statements = try ["jar", "cup"].map {
            try chain.registration(TestChain.content($0), by: chain.registrar).statement
        }
        let header = try chain.assemble(statements).block.header
        #expect(throws: LedgerError.mismatch(height: header.height, field: "history root")) {
            try chain.ledger.execute(header, statements: statements.reversed(), source: chain.state)
        }
        #expect(throws: LedgerError.mismatch(height: header.height, field: "history size")) {
            try chain.ledger.execute(header, statements: [statements[0]], source: chain.state)
        }
    }

    @Test func timeGrowsByAtLeastAMillisecond() throws {
        var chain = try Self.busyChain()
        let parent = chain.ledger.tip.header
        let early = try chain.assemble([], at: parent.time - 5_000).block.header
        #expect(early.time == parent.time + 1, "a clock that is behind does not stop the chain")
        #expect(try chain.assemble([], at: parent.time + 2).block.header.time == parent.time + 2)
        for time in [parent.time, parent.time - 1] {
            #expect(throws: LedgerError.mismatch(height: early.height, field: "time")) {
                try chain.ledger.execute(early.with(time: time), statements: [], source: chain.state)
            }
        }
    }

    @Test func aBlockOnAnotherParentIsNotCommitted() throws {
        var chain = try Self.busyChain()
        let one = try chain.assemble([], at: chain.now + 1_000).block
        let other = try chain.assemble([], at: chain.now + 2_000).block
        try chain.commit(one)
        #expect(throws: LedgerError.mismatch(height: other.header.height, field: "parent")) {
            try chain.ledger.commit(other)
        }
    }
}

extension BlockHeader {
    /// The header with some fields changed.
    func with(
        chain: Digest? = nil, epoch: UInt64? = nil, height: UInt64? = nil, view: UInt64? = nil, parent: Digest? = nil,
        time: UInt64? = nil, proposer: UInt64? = nil, historySize: UInt64? = nil, historyRoot: Digest? = nil,
        stateRoot: Digest? = nil, epochRecord: Digest? = nil, nextEpochRecord: Digest? = nil
    ) -> BlockHeader {
        BlockHeader(
            chain: chain ?? self.chain, epoch: epoch ?? self.epoch, height: height ?? self.height,
            view: view ?? self.view, parent: parent ?? self.parent, time: time ?? self.time,
            proposer: proposer ?? self.proposer, historySize: historySize ?? self.historySize,
            historyRoot: historyRoot ?? self.historyRoot, stateRoot: stateRoot ?? self.stateRoot,
            epochRecord: epochRecord ?? self.epochRecord, nextEpochRecord: nextEpochRecord ?? self.nextEpochRecord)
    }
}
