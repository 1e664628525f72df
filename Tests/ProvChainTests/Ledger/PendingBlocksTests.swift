@testable import ProvChain
import Testing

/// Blocks on top of blocks that are not final yet.
@Suite struct PendingBlocksTests {
    /// A chain with a party, whose next blocks the test puts on each other.
    private struct Branches {
        var chain: TestChain
        let alice: TestParty

        init() throws {
            chain = try TestChain()
            alice = try chain.enrol("alice")
        }

        mutating func statement(_ name: String) throws -> Statement {
            try chain.registration(TestChain.content(name), by: alice).statement
        }

        mutating func block(
            _ statements: [Statement], on pending: [ExecutedBlock] = [], view: UInt64 = 1
        ) throws -> Ledger.Assembly {
            try chain.ledger.assemble(
                statements, on: pending, now: chain.now + 1_000, view: view, proposer: 0, source: chain.state)
        }
    }

    @Test(arguments: [false, true]) func aBranchEndsWhereTheSameBlocksOneByOneEnd(flushed: Bool) throws {
        var branches = try Branches()
        if flushed { branches.chain.flush() }
        var sequential = branches.chain.ledger
        var pending: [ExecutedBlock] = []
        for number in 0..<5 {
            let statements = try (0..<20).map { try branches.statement("\(number) \($0)") }
            let assembly = try branches.block(statements, on: pending)
            #expect(assembly.refused.isEmpty)
            pending.append(assembly.block)
        }
        for block in pending {
            let again = try sequential.execute(
                block.header, statements: block.execution.applied.map(\.statement), source: branches.chain.state)
            #expect(again.header == block.header)
            try sequential.commit(again)
        }
        for block in pending { try branches.chain.commit(block) }
        #expect(branches.chain.ledger.tip == sequential.tip)
    }

    @Test func executingOnABranchGivesWhatItsProposerMade() throws {
        var branches = try Branches()
        let first = try branches.block([branches.statement("first")]).block
        let second = try branches.block([branches.statement("second")], on: [first]).block
        var other = try Ledger.start(branches.chain.file).ledger
        for (header, statements) in branches.chain.blocks.dropFirst() {
            try other.commit(other.execute(header, statements: statements, source: branches.chain.state))
        }
        let source = branches.chain.state
        let one = try other.execute(
            first.header, statements: first.execution.applied.map(\.statement), source: source)
        let two = try other.execute(
            second.header, statements: second.execution.applied.map(\.statement), on: [one], source: source)
        #expect(two.header == second.header)
        #expect(throws: LedgerError.wrongHeight(found: 3, expected: 2)) {
            try other.execute(second.header, statements: [], source: source)
        }
    }

    @Test func whatABranchAppliedItRefusesAgainAndAnotherBranchDoesNot() throws {
        var branches = try Branches()
        let statement = try branches.statement("vase")
        let left = try branches.block([statement]).block
        let again = try branches.block([statement], on: [left])
        #expect(again.refused.map(\.refusal.rule) == [.replayed])
        let right = try branches.block([statement], view: 2)
        #expect(right.refused.isEmpty)
        #expect(right.block.header.parent == left.header.parent)
    }

    /// An offer can be accepted in the block after the one that made it, before either is final.
    @Test func aBranchSeesTheRecordsOfItsOwnBlocks() throws {
        var branches = try Branches()
        let (registration, work) = try branches.chain.registration(TestChain.content("vase"), by: branches.alice)
        let first = try branches.block([registration]).block
        let bob = branches.chain.registrar
        let offer = try branches.chain.offer(1, of: work, from: branches.alice, to: bob).statement
        #expect(try branches.block([offer]).refused.count == 1)
        #expect(try branches.block([offer], on: [first]).refused.isEmpty)
    }

    @Test func aBodyIsTheOneThatTheHeaderCommitsTo() throws {
        var branches = try Branches()
        let first = try branches.block([branches.statement("first")]).block
        let statements = try (0..<3).map { try branches.statement("second \($0)") }
        let second = try branches.block(statements, on: [first]).block
        let ledger = branches.chain.ledger
        let leaves = statements.map(\.leafHash)
        #expect(try ledger.isBody(leaves, of: second.header, on: [first]))
        for wrong in [[], Array(leaves.reversed()), Array(leaves.dropLast()), leaves + leaves.prefix(1)] {
            #expect(try !ledger.isBody(wrong, of: second.header, on: [first]))
        }
        #expect(throws: LedgerError.mismatch(height: 3, field: "parent")) {
            try ledger.isBody(leaves, of: second.header, on: [second])
        }
    }
}
