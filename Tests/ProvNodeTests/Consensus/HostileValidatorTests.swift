import Foundation
import ProvChain
import Testing

@testable import ProvNode

/// What one validator of four can send, and what it does not get by it.
@Suite(.serialized) struct HostileValidatorTests {
    /// A statement whose signature is another's.
    private static func forged(_ consortium: TestConsortium) async throws -> Statement {
        let good = try await consortium.enrolment().statement
        var bytes = good.encoded
        bytes[bytes.count - 1] ^= 1
        return try Statement(encoded: bytes)
    }

    /// The signature of a statement that came in a refused block is checked again in the next one.
    @Test(.timeLimit(.minutes(1))) func aBadSignatureDoesNotGetBetterBySeeingItTwice() async throws {
        var scene = try await HostileScene()
        let forged = try await Self.forged(scene.consortium)
        let first = try scene.block([forged], view: 1)
        await scene.send(scene.proposal(first.header, view: 1), [forged.leafHash], from: 1)
        await scene.node.receive([forged.encoded], from: scene.epoch.validators[1].identity)
        // It comes inside the block itself.
        await scene.node.found(
            .block(first.header.id), FullBlock(header: first.header, statements: [forged.encoded]).cbor,
            from: scene.epoch.validators[1].identity)
        let node = scene.node
        try await TestConsortium.wait(for: "a nullify of view 1") {
            await node.journalVotes.contains { $0.view == 1 && $0.kind == .nullify }
        }
        await node.receive(.certificate(scene.nullification(of: 1)), from: 1, scene.epoch.validators[1].identity)
        let second = try scene.block([forged], view: 2)
        await scene.send(scene.proposal(second.header, view: 2), [forged.leafHash], from: 2)
        try await TestConsortium.wait(for: "a nullify of view 2") {
            await node.journalVotes.contains { $0.view == 2 && $0.kind == .nullify }
        }
        #expect(await !node.journalVotes.contains { $0.kind == .notarize })
        #expect(await node.pending.executed.isEmpty)
        try await scene.consortium.stopAll()
    }

    /// Whoever passes on a statement that does not verify, or that is none, is not talked to for a while.
    @Test(.timeLimit(.minutes(1)), arguments: [true, false])
    func whoeverPassesOnAForgedStatementIsBlocked(isStatement: Bool) async throws {
        let scene = try await HostileScene()
        let (node, liar) = (scene.node, scene.epoch.validators[2].identity)
        let bytes = isStatement ? try await Self.forged(scene.consortium).encoded : [0x80]
        await node.receive([bytes], from: liar)
        try await TestConsortium.wait(for: "the end of the talk") {
            await node.peers.gossip.isBlocked(liar, now: MonotonicClock.now().milliseconds)
        }
        #expect(await node.mempool.isEmpty)
        try await scene.consortium.stopAll()
    }

    /// A quorum stands behind a block that is invalid here: the node stops voting, and a restart does not change that.
    /// Its operator's word does.
    @Test(.timeLimit(.minutes(1))) func aDivergenceIsRememberedUntilItIsSettled() async throws {
        var scene = try await HostileScene()
        let good = try scene.block([], view: 1).header
        let wrong = BlockHeader(
            chain: good.chain, epoch: 0, height: 1, view: 1, parent: good.parent, time: good.time, proposer: 1,
            historySize: good.historySize, historyRoot: good.historyRoot, stateRoot: .zero,
            epochRecord: good.epochRecord, nextEpochRecord: nil)
        await scene.send(scene.proposal(wrong, view: 1), [], from: 1)
        let votes = (1...3).map { scene.vote(.notarize, view: 1, signer: $0, block: wrong.id) }
        let certificate = Certificate(
            kind: .notarize, epoch: 0, view: 1, parentView: 0, block: wrong.id, signers: [1, 2, 3],
            signatures: votes.map(\.signature))
        await scene.node.receive(.certificate(certificate), from: 1, scene.epoch.validators[1].identity)
        let (consortium, node) = (scene.consortium, scene.node)
        let silence = Simplex.Silence.divergence(view: 1, block: wrong.id)
        try await TestConsortium.wait(for: "the end of its votes") { await node.consensus.silence == silence }
        try await consortium.stop(0)
        try await consortium.start([0])
        let again = try await consortium.node(0)
        #expect(await again.consensus.silence == silence)
        #expect(await again.condition().findings.contains { $0.kind == Finding.Kind.diverged.rawValue })
        let home = await consortium.members[0].home.path
        func resume(_ block: Digest) throws {
            try Resume.parse(["--home", home, "--block", block.hex, "--json"]).run()
        }
        // Not while it runs, and not because of another block.
        #expect(throws: NodeCommandError.self) { try resume(wrong.id) }
        try await consortium.stop(0)
        #expect(throws: NodeCommandError.self) { try resume(good.id) }
        try resume(wrong.id)
        try await consortium.start([0])
        #expect(try await consortium.node(0).consensus.silence == nil)
        try await consortium.stopAll()
    }

    /// Of the blocks that a leader signs for one view, one is looked at; of those far above the tip, none.
    @Test(.timeLimit(.minutes(1))) func manyProposalsTakeTheRoomOfOne() async throws {
        var scene = try await HostileScene()
        let header = try scene.block([], view: 1).header
        for number in 0..<100 {
            let other = BlockHeader(
                chain: header.chain, epoch: 0, height: 1 + UInt64(number % 2) * 1_000_000, view: 1,
                parent: header.parent, time: header.time + UInt64(number), proposer: 1,
                historySize: header.historySize + 1, historyRoot: .zero, stateRoot: .zero,
                epochRecord: header.epochRecord, nextEpochRecord: nil)
            await scene.send(scene.proposal(other, view: 1), [SHA256.hash([UInt8(number)])], from: 1)
        }
        let node = scene.node
        #expect(await node.pending.gatherings.count == 1)
        #expect(await node.pending.bodies.isEmpty)
        // It contradicted itself a hundred times, and is told on once.
        #expect(await node.equivocations[1] != nil)
        // The evidence outlives the node.
        try await scene.consortium.drop(0)
        try await scene.consortium.start([0])
        let again = try await scene.consortium.node(0)
        #expect(await again.equivocations[1] != nil)
        #expect(await again.condition().findings.contains { $0.kind == Finding.Kind.equivocated.rawValue })
        try await scene.consortium.stopAll()
    }

    /// Two votes that contradict each other prove that their signer misbehaves, whoever shows them.
    @Test(.timeLimit(.minutes(1)), arguments: [true, false])
    func whoeverContradictsItselfIsBlocked(isToldByAnother: Bool) async throws {
        var scene = try await HostileScene()
        let block = try scene.block([], view: 1).header
        let (first, second) = (
            scene.vote(.finalize, view: 1, signer: 2, block: block.id), scene.vote(.nullify, view: 1, signer: 2)
        )
        if isToldByAnother {
            await scene.connect(3)
            await scene.say(.equivocation(try Equivocation(cbor: [0x82] + first.cbor + second.cbor)), from: 3)
        } else {
            for vote in [first, second] { await scene.say(.vote(vote), from: 2) }
        }
        #expect(await scene.isBlocked(2))
        #expect(await !scene.isBlocked(3))
        #expect(await scene.node.equivocations[2] != nil)
        try await scene.consortium.stopAll()
    }

    /// Evidence is not only for those who were there when it was found.
    @Test(.timeLimit(.minutes(1))) func whoConnectsLaterHearsOfTheEvidence() async throws {
        var scene = try await HostileScene()
        let block = try scene.block([], view: 1).header
        await scene.say(.vote(scene.vote(.finalize, view: 1, signer: 2, block: block.id)), from: 2)
        await scene.say(.vote(scene.vote(.nullify, view: 1, signer: 2)), from: 2)
        let consortium = scene.consortium
        try await consortium.start([1])
        let later = try await consortium.node(1)
        try await TestConsortium.wait(for: "the evidence") { await later.equivocations[2] != nil }
        // Told once more, it is told no further.
        try await consortium.stop(0)
        try await consortium.start([0])
        try await TestConsortium.wait(for: "a connection") { await !later.peers.connected.isEmpty }
        #expect(await later.equivocations.count == 1)
        try await consortium.stopAll()
    }

    /// One validator that speaks of a later epoch sends nobody off to catch up; more than may lie do.
    @Test(.timeLimit(.minutes(1))) func oneThatSpeaksOfALaterEpochIsNotBelieved() async throws {
        let scene = try await HostileScene()
        let node = scene.node
        func claim(_ peer: UInt64) async {
            let beat = Beat(height: 9, view: 1, time: WallClock.now())
            await node.take(.received(.beat(beat), from: scene.identity(peer), bytes: 9))
            await scene.say(.request(CertificateRequest(epoch: 9, first: 1, last: 1)), from: peer)
        }
        for peer: UInt64 in 1...2 { await scene.connect(peer) }
        await claim(1)
        #expect(await !node.catchUp.isRunning)
        await claim(2)
        #expect(await node.catchUp.isRunning)
        try await scene.consortium.stopAll()
    }

    /// A vote for a view that nobody can be in costs no check after the first, and a flood of questions is charged.
    @Test(.timeLimit(.minutes(1))) func whatIsSaidAgainCostsItsSender() async throws {
        let scene = try await HostileScene()
        await scene.connect(2)
        let vote = scene.vote(.nullify, view: 1 << 40, signer: 2)
        for _ in 0..<10_000 { await scene.say(.vote(vote), from: 2) }
        func pause(signatures: Int, questions: Int) async -> Bool {
            var gossip = await scene.node.peers.gossip
            let now = MonotonicClock.now().milliseconds
            return !gossip.handle(
                .spent(signatures: signatures, questions: questions, by: scene.identity(2)), now: now
            ).isEmpty
        }
        let allowance = GossipBounds.Allowance()
        #expect(await !pause(signatures: Int(allowance.signatures.burst) - 2, questions: 0))
        for _ in 0..<(allowance.questions.burst + 100) {
            await scene.say(.request(CertificateRequest(epoch: 0, first: 1, last: .max)), from: 2)
        }
        #expect(await pause(signatures: 0, questions: 1))
        #expect(await !scene.isBlocked(2), "it is no fault")
        try await scene.consortium.stopAll()
    }
}

extension Node {
    /// Its own votes, as consensus remembers them.
    fileprivate var journalVotes: [SignedVote] { consensus.ownVotes }
}
