@testable import ProvChain
import Testing

/// The bounds of statements and blocks, each at the limit and one beyond.
@Suite struct BlockLimitTests {
    @Test func aStatementLivesFromSigningToItsExpiry() throws {
        var chain = try TestChain()
        let statement = try chain.registration(TestChain.content("vase"), by: chain.registrar).statement
        let expiry = statement.claims.expiry * 1_000
        #expect(try chain.rule(refusing: statement, at: expiry - 1) == nil)
        #expect(try chain.rule(refusing: statement, at: expiry) == .expired)
    }

    @Test func anExpiryLiesAtMostOneLifetimeAfterTheBlock() throws {
        var chain = try TestChain()
        let lifetime = chain.file.genesis.parameters.maximumLifetimeSeconds
        let payload = Payload.registerWork(TestChain.registerWork(TestChain.content("vase")))
        let nonce = chain.nextNonce()
        let work = Statement.derivedIdentifier(chain: chain.chain, issuer: chain.registrar.id, nonce: nonce)
        let statement = try chain.sign(
            payload, .work(work), by: chain.registrar, lifetime: lifetime + 1, nonce: nonce)
        #expect(try chain.rule(refusing: statement, at: chain.now + 1_000) == nil)
        #expect(try chain.rule(refusing: statement, at: chain.now + 999) == .lifetimeTooLong)
    }

    @Test func aReplayIsRefusedUntilTheExpiryRefusesIt() throws {
        var chain = try TestChain()
        let statement = try chain.registration(TestChain.content("vase"), by: chain.registrar).statement
        let twice = try chain.assemble([statement, statement])
        #expect(twice.refused.map(\.refusal.rule) == [.replayed], "within one block as well")
        try chain.append([statement])
        #expect(chain.ledger.wasRecentlyApplied(statement.id))
        let expiry = statement.claims.expiry * 1_000
        #expect(try chain.rule(refusing: statement, at: expiry - 1) == .replayed)
        #expect(try chain.rule(refusing: statement, at: expiry) == .expired)
        try chain.append([], seconds: 599)
        #expect(!chain.ledger.wasRecentlyApplied(statement.id), "the window forgets what has expired")
    }

    /// ES256K signatures are not unique; the statement's id does not depend on them.
    @Test func anotherSignatureOverTheSameContentIsAReplay() throws {
        var chain = try TestChain()
        let statement = try chain.registration(TestChain.content("vase"), by: chain.registrar).statement
        var envelope = try COSESign1(cbor: statement.encoded)
        envelope = COSESign1(
            protected: envelope.protected, payload: envelope.payload, signature: [UInt8](repeating: 7, count: 64))
        let other = try Statement(encoded: envelope.cbor)
        #expect(other.id == statement.id && other.leafHash != statement.leafHash)
        try chain.append([statement])
        #expect(try chain.rule(refusing: other) == .replayed)
    }

    @Test func costIsJudgedAtAndOverTheLimitOfAStatement() throws {
        let content = TestChain.content("vase", distinctive: ["a", "b", "c"])
        let cost = Cost.of(.registerWork(TestChain.registerWork(content)))
        // base 10, six records of 4, and 4 for each hash, the root and each possible contest.
        #expect(cost == 10 + 6 * 4 + (3 + 1 + 16) * 4)
        for (limit, expected) in [(cost, nil), (cost - 1, Rule.tooCostly)] as [(UInt64, Rule?)] {
            var parameters = Parameters()
            parameters.maximumStatementCost = limit
            var chain = try TestChain(parameters: parameters)
            let statement = try chain.registration(content, by: chain.registrar).statement
            #expect(try chain.rule(refusing: statement) == expected)
        }
    }

    private enum Bound: CaseIterable { case statements, cost, bytes }

    @Test func aBlockIsFullAtEachOfItsLimits() throws {
        for bound in Bound.allCases {
            for isExact in [true, false] {
                var probe = try TestChain()
                let sample = try probe.registration(TestChain.content("vase 0"), by: probe.registrar).statement
                var parameters = Parameters()
                let missing: UInt64 = isExact ? 0 : 1
                switch bound {
                case .statements: parameters.maximumBlockStatements = 3 - missing
                case .cost: parameters.maximumBlockCost = 3 * Cost.of(sample.payload) - missing
                case .bytes: parameters.maximumBlockBytes = 3 * UInt64(sample.encoded.count) - missing
                }
                try check(parameters, expected: isExact ? 3 : 2, "\(bound)")
            }
        }
    }

    private func check(_ parameters: Parameters, expected: Int, _ name: String) throws {
        var chain = try TestChain(parameters: parameters)
        let statements = try (0..<5).map {
            try chain.registration(TestChain.content("vase \($0)"), by: chain.registrar).statement
        }
        let assembly = try chain.assemble(statements)
        #expect(assembly.block.execution.applied.count == expected, "\(name)")
        #expect(assembly.refused.isEmpty)
        #expect(assembly.postponed == statements.dropFirst(expected).map(\.id), "the rest waits, in order")
        // Whoever puts one more in is caught.
        let header = assembly.block.header
        let tooMany = Array(statements.prefix(expected + 1))
        #expect(throws: LedgerError.blockTooLarge(height: header.height)) {
            try chain.ledger.execute(header, statements: tooMany, source: chain.state)
        }
        // A postponed statement applies in the next block.
        try chain.commit(assembly.block)
        try chain.append(Array(statements[expected..<(expected + 1)]))
    }

    @Test func aSmallStatementFitsBesideALargeOneThatDoesNot() throws {
        var parameters = Parameters()
        parameters.maximumBlockCost = 200
        var chain = try TestChain(parameters: parameters)
        let large = try chain.registration(
            TestChain.content("vase", distinctive: (0..<20).map { "part \($0)" }), by: chain.registrar
        ).statement
        let first = try chain.registration(TestChain.content("bowl"), by: chain.registrar).statement
        let enrolment = try chain.enrolment(chain.applicant("alice").application)
        let assembly = try chain.assemble([first, large, enrolment])
        #expect(assembly.block.execution.applied.map(\.statement.id) == [first.id, enrolment.id])
        #expect(assembly.postponed == [large.id])
    }
}
