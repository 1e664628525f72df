@testable import ProvChain
import Testing

@Suite struct RuleTests {
    @Test func everyRuleHasAProvocation() {
        let provoked = Provocation.all.map(\.rule)
        #expect(Set(provoked).count == provoked.count, "one provocation for each rule")
        #expect(Set(provoked).isDisjoint(with: Provocation.beforeExecution))
        #expect(Set(provoked).union(Provocation.beforeExecution) == Set(Rule.allCases))
    }

    /// Invariant 16: a statement applies in full or changes nothing, and its refusal names the rule.
    @Test(arguments: Provocation.all) func refusalNamesTheRuleAndChangesNothing(_ provocation: Provocation) throws {
        var chain = try TestChain(parameters: provocation.parameters)
        let statement = try provocation.statement(&chain)
        let before = chain.ledger.tip
        let assembly = try chain.assemble([statement])
        let refusal = try #require(assembly.refused.first?.refusal)
        #expect(assembly.refused.map(\.statement) == [statement.id])
        #expect(refusal.rule == provocation.rule)
        // No record, no history link, no leaf: the block is the empty one.
        #expect(assembly.block.execution.applied.isEmpty)
        #expect(assembly.block.execution.records.isEmpty)
        #expect(assembly.block.execution.cost == 0 && assembly.block.execution.bytes == 0)
        #expect(assembly.block.header.stateRoot == before.header.stateRoot)
        #expect(assembly.block.header.historySize == before.history.size)
        #expect(assembly.block.header.historyRoot == before.history.root)
        #expect(assembly.block.leaves == [assembly.block.headerLeaf])

        // Nobody accepts a block that carries it all the same.
        let header = assembly.block.header
        #expect(throws: LedgerError.refusedStatement(height: header.height, statement: statement.id, refusal)) {
            try chain.ledger.execute(header, statements: [statement], source: chain.state)
        }
        #expect(chain.ledger.tip == before)
    }

    /// A refused statement takes nothing from the block's limits, and those around it apply.
    @Test(arguments: Provocation.all) func theOthersInTheBlockApply(_ provocation: Provocation) throws {
        var chain = try TestChain(parameters: provocation.parameters)
        let statement = try provocation.statement(&chain)
        let before = try chain.enrolment(chain.applicant("before").application)
        let after = try chain.enrolment(chain.applicant("after").application)
        let with = try chain.assemble([before, statement, after])
        let without = try chain.assemble([before, after])
        #expect(with.refused.map(\.refusal.rule) == [provocation.rule])
        #expect(with.block.header == without.block.header)
        #expect(with.block.execution.cost == without.block.execution.cost)
    }

    /// Every sentence has all its numbers, in every language.
    @Test(arguments: Provocation.all) func sentencesAreComplete(_ provocation: Provocation) throws {
        var chain = try TestChain(parameters: provocation.parameters)
        let statement = try provocation.statement(&chain)
        let refusal = try #require(try chain.assemble([statement]).refused.first?.refusal)
        for language in Language.allCases {
            let missing = Catalogue.phrase(for: refusal.rule).placeholders(in: language)
                .subtracting(refusal.parameters.keys)
            #expect(missing.isEmpty, "\(refusal.rule.rawValue) in \(language.rawValue)")
            #expect(!Catalogue.sentence(for: refusal, in: language).isEmpty)
        }
    }
}
