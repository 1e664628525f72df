import Testing

@testable import ProvChain

/// One test for each sentence of what ``SoleValidator`` says about itself.
@Suite struct SoleValidatorTests {
    private let idle: UInt64 = 10_000

    private func header(view: UInt64, height: UInt64 = 1) -> BlockHeader {
        BlockHeader(
            chain: SHA256.hash([1]), epoch: 2, height: height, view: view, parent: .zero, time: 5, proposer: 3,
            historySize: 1, historyRoot: .zero, stateRoot: .zero, epochRecord: SHA256.hash([2]), nextEpochRecord: nil)
    }

    private func vote(_ header: BlockHeader) -> Vote {
        Vote(
            chain: header.chain, epochRecord: header.epochRecord, epoch: header.epoch, view: header.view,
            kind: .finalize, signer: 3, parentView: 0, block: header.id)
    }

    private func signature(_ byte: UInt8) -> [UInt8] { [UInt8](repeating: byte, count: 64) }

    private func started(view: UInt64 = 7) -> SoleValidator {
        var validator = SoleValidator(index: 3, idleInterval: idle)
        _ = validator.handle(.start(tip: header(view: view, height: 0)))
        return validator
    }

    @Test func aBlockIsFinalAsSoonAsItsOnlyValidatorHasVotedForIt() {
        var validator = started()
        _ = validator.handle(.statementsWaiting)
        let block = header(view: 8)
        #expect(validator.handle(.built(block)) == [.sign(vote(block))])
        let certificate = FinalityCertificate(view: 8, signers: [3], signatures: [signature(9)])
        #expect(validator.handle(.signed(vote(block), signature: signature(9))) == [.commit(certificate)])
    }

    @Test func theCertificateIsOneThatVerifies() throws {
        let story = try BundleStory.sole.get()
        let tip = story.chain.ledger.tip.header
        var validator = SoleValidator(index: 0, idleInterval: idle)
        _ = validator.handle(.start(tip: story.chain.headers[story.chain.headers.count - 2]))
        guard case .build(let view, allowEmpty: true)? = validator.handle(.idle).first else {
            Issue.record("an idle chain makes a block")
            return
        }
        let block = BlockHeader(
            chain: tip.chain, epoch: tip.epoch, height: tip.height, view: view, parent: tip.parent, time: tip.time,
            proposer: 0, historySize: tip.historySize, historyRoot: tip.historyRoot, stateRoot: tip.stateRoot,
            epochRecord: tip.epochRecord, nextEpochRecord: nil)
        guard case .sign(let vote)? = validator.handle(.built(block)).first,
            case .commit(let certificate)? =
                validator.handle(.signed(vote, signature: story.chain.voteKeys[0].sign(vote.message))).first
        else {
            Issue.record("a block is voted for and committed")
            return
        }
        try certificate.verify(block, epoch: story.chain.file.genesis.firstEpoch)
    }

    /// Nothing of it leaves the process: the only effects are to build, to sign, to commit and to wait.
    @Test func aVoteLeavesOnlyInsideTheCertificate() {
        var validator = started()
        let block = header(view: 8)
        var effects = validator.handle(.statementsWaiting) + validator.handle(.built(block))
        #expect(effects.allSatisfy { if case .commit = $0 { false } else { true } })
        effects = validator.handle(.signed(vote(block), signature: signature(1)))
        #expect(effects.count == 1)
        guard case .commit(let certificate) = effects[0] else {
            Issue.record("\(effects)")
            return
        }
        #expect(certificate.signatures == [signature(1)])
    }

    @Test func theSameInputsHaveTheSameEffects() {
        var first = started()
        _ = first.handle(.statementsWaiting)
        var second = first
        #expect(first.handle(.built(header(view: 8))) == second.handle(.built(header(view: 8))))
        #expect(first.state == second.state)
    }

    @Test func theFirstBlockAfterAStartHasTheViewAfterTheTips() {
        var validator = SoleValidator(index: 3, idleInterval: idle)
        #expect(validator.handle(.start(tip: header(view: 41))) == [.armIdleTimer(milliseconds: idle)])
        #expect(validator.handle(.statementsWaiting) == [.build(view: 42, allowEmpty: false)])
    }

    @Test func whatComesBeforeTheStartIsForgotten() {
        var validator = SoleValidator(index: 3, idleInterval: idle)
        #expect(validator.handle(.statementsWaiting) == [])
        #expect(validator.handle(.start(tip: header(view: 0))) == [.armIdleTimer(milliseconds: idle)])
    }

    @Test func anIdleChainMakesAnEmptyBlock() {
        var validator = started()
        #expect(validator.handle(.idle) == [.build(view: 8, allowEmpty: true)])
    }

    @Test func theTimerIsArmedAnewAfterEachBlock() {
        var validator = started()
        commit(&validator, view: 8)
        #expect(validator.handle(.committed(moreWaiting: false)) == [.armIdleTimer(milliseconds: idle)])
    }

    @Test func statementsThatWaitMakeTheNextBlockAtOnce() {
        var validator = started()
        commit(&validator, view: 8)
        #expect(
            validator.handle(.committed(moreWaiting: true))
                == [.armIdleTimer(milliseconds: idle), .build(view: 9, allowEmpty: false)])
    }

    @Test func aViewThatYieldsNoBlockIsEnteredAgain() {
        var validator = started()
        #expect(validator.handle(.statementsWaiting) == [.build(view: 8, allowEmpty: false)])
        #expect(validator.handle(.nothingToBuild) == [])
        #expect(validator.handle(.statementsWaiting) == [.build(view: 8, allowEmpty: false)])
    }

    /// The look at the mempool may have come before the statement.
    @Test func aStatementThatComesWhileBuildingIsNotForgotten() {
        var validator = started()
        _ = validator.handle(.statementsWaiting)
        #expect(validator.handle(.statementsWaiting) == [])
        #expect(validator.handle(.nothingToBuild) == [.build(view: 8, allowEmpty: false)])
        #expect(validator.handle(.nothingToBuild) == [])
    }

    /// Nobody would arm the timer again: the chain would sleep until somebody says something.
    @Test func aTimerThatRingsWhileBuildingIsNotForgotten() {
        var validator = started()
        _ = validator.handle(.statementsWaiting)
        #expect(validator.handle(.idle) == [])
        #expect(validator.handle(.nothingToBuild) == [.build(view: 8, allowEmpty: true)])
    }

    @Test func whatHappensWhileABlockIsMadeWaitsForItsEnd() {
        var validator = started()
        let block = header(view: 8)
        _ = validator.handle(.statementsWaiting)
        _ = validator.handle(.built(block))
        #expect(validator.handle(.statementsWaiting) == [] && validator.handle(.idle) == [])
        _ = validator.handle(.signed(vote(block), signature: signature(1)))
        #expect(validator.handle(.statementsWaiting) == [] && validator.handle(.idle) == [])
        #expect(validator.state == .committing)
        // The block just made leaves no trace of the earlier ring.
        #expect(validator.handle(.committed(moreWaiting: false)) == [.armIdleTimer(milliseconds: idle)])
    }

    private func commit(_ validator: inout SoleValidator, view: UInt64) {
        let block = header(view: view)
        _ = validator.handle(.statementsWaiting)
        _ = validator.handle(.built(block))
        _ = validator.handle(.signed(vote(block), signature: signature(1)))
    }

    /// A day in the life, as one would read it in a log.
    @Test func transcript() {
        var validator = SoleValidator(index: 3, idleInterval: idle)
        let (first, second) = (header(view: 1, height: 1), header(view: 2, height: 2))
        let script: [(SoleValidator.Input, [SoleValidator.Effect])] = [
            (.start(tip: header(view: 0, height: 0)), [.armIdleTimer(milliseconds: idle)]),
            (.statementsWaiting, [.build(view: 1, allowEmpty: false)]),
            (.statementsWaiting, []),
            (.built(first), [.sign(vote(first))]),
            (
                .signed(vote(first), signature: signature(1)),
                [.commit(FinalityCertificate(view: 1, signers: [3], signatures: [signature(1)]))]
            ),
            (
                .committed(moreWaiting: true),
                [.armIdleTimer(milliseconds: idle), .build(view: 2, allowEmpty: false)]
            ),
            (.nothingToBuild, []),
            (.idle, [.build(view: 2, allowEmpty: true)]),
            (.built(second), [.sign(vote(second))]),
            (
                .signed(vote(second), signature: signature(2)),
                [.commit(FinalityCertificate(view: 2, signers: [3], signatures: [signature(2)]))]
            ),
            (.committed(moreWaiting: false), [.armIdleTimer(milliseconds: idle)]),
        ]
        for (step, (input, effects)) in script.enumerated() {
            #expect(validator.handle(input) == effects, "step \(step)")
        }
        #expect(validator.state == .idle)
    }
}
