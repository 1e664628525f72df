import Foundation
import ProvChain
import Testing

@testable import ProvNode

/// What one validator of four can send, and what it does not get by it.
@Suite(.serialized) struct HostileValidatorTests {
    /// One honest node, and the keys of the three others.
    private struct Scene {
        let consortium: TestConsortium
        let node: Node
        let keys: [SecretKey]
        var ledger: Ledger
        let epoch: EpochRecord

        init() async throws {
            consortium = try TestConsortium(validators: 4)
            try await consortium.start([0])
            let node = try await consortium.node(0)
            try await TestConsortium.wait(for: "the node") { await node.isReady() }
            self.node = node
            keys = await consortium.members.map { $0.keys[0].key }
            ledger = try Ledger.start(consortium.file).ledger
            epoch = ledger.tip.epoch
        }

        func vote(_ kind: VoteKind, view: UInt64, signer: UInt64, block: Digest = .zero) -> SignedVote {
            let vote = Vote(
                chain: consortium.file.genesis.chain, epochRecord: epoch.hash, epoch: 0, view: view, kind: kind,
                signer: signer, parentView: 0, block: block)
            return SignedVote(vote, signature: keys[Int(signer)].sign(vote.message))
        }

        func nullification(of view: UInt64) -> Certificate {
            let votes = (1...3).map { vote(.nullify, view: view, signer: $0) }
            return Certificate(
                kind: .nullify, epoch: 0, view: view, parentView: 0, block: .zero, signers: [1, 2, 3],
                signatures: votes.map(\.signature))
        }

        /// Views 1, 2 and 3 are led by the validators of the same number.
        mutating func block(_ statements: [Statement], view: UInt64) throws -> ExecutedBlock {
            try ledger.assemble(
                statements, now: WallClock.now(), view: view, proposer: view, source: NoState()
            ).block
        }

        func proposal(_ header: BlockHeader, view: UInt64) -> Proposal {
            Proposal(
                header: header, vote: vote(.notarize, view: view, signer: view, block: header.id), certificates: [])
        }

        func send(_ proposal: Proposal, _ leafHashes: [Digest], from peer: UInt64) async {
            await node.receive(
                CompactProposal(proposal, leafHashes: leafHashes), from: peer, epoch.validators[Int(peer)].identity)
        }
    }

    private struct NoState: StateSource {
        func storedRecord(_ key: Digest) -> StoredRecord? { nil }
        func leaves(under prefix: StatePrefix) -> [StateLeaf] { [] }
    }

    /// A statement whose signature is another's.
    private static func forged(_ consortium: TestConsortium) async throws -> Statement {
        let good = try await consortium.enrolment().statement
        var bytes = good.encoded
        bytes[bytes.count - 1] ^= 1
        return try Statement(encoded: bytes)
    }

    /// The signature of a statement that came in a refused block is checked again in the next one.
    @Test(.timeLimit(.minutes(1))) func aBadSignatureDoesNotGetBetterBySeeingItTwice() async throws {
        var scene = try await Scene()
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
        let scene = try await Scene()
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
        var scene = try await Scene()
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
        var scene = try await Scene()
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
}

extension Node {
    /// Its own votes, as consensus remembers them.
    fileprivate var journalVotes: [SignedVote] { consensus.ownVotes }
}
