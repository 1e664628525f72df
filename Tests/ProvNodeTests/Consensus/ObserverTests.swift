import Foundation
import ProvChain
import Testing

@testable import ProvNode

/// Nodes without a vote, beside those that have one.
@Suite(.serialized) struct ObserverTests {
    /// It follows live, comes back after a crash, and what it gives verifies against the genesis alone.
    @Test(.timeLimit(.minutes(2)), arguments: [1, 4])
    func anObserverFollowsAndProves(validators: Int) async throws {
        let consortium = try TestConsortium(validators: validators, observers: 1)
        let place = validators
        try await consortium.start(0...place)
        let alice = try await consortium.enrolment()
        try await consortium.submit(alice.statement, at: 0)
        try await consortium.reach(consortium.node(0).height)
        try await consortium.drop(place)
        try await consortium.submit(consortium.enrolment().statement, at: validators - 1)
        let height = try await consortium.node(validators - 1).height
        try await consortium.start([place])
        try await consortium.reach(height)
        try await consortium.expectAgreement()

        let observer = try await consortium.node(place)
        #expect(await observer.consensus.silence == .observer)
        #expect(await observer.consensus.ownVotes.isEmpty)
        let bytes = try #require(try await observer.bundle(.party(alice.party)))
        let bundle = try Bundle(cbor: bytes)
        #expect(bundle.receipts.count > (validators - 1) / 3)
        #expect(bundle.check(against: consortium.file).verified)
        let receipt = try COSESign1(cbor: try #require(try await observer.receipt(alice.statement.id)))
        // Signed by a validator, over what this node has.
        let signers = await observer.ledger.tip.epoch.validators.map(\.log)
        let root = await observer.ledger.tip.history.root
        #expect(receipt.payload == nil && signers.contains { receipt.verify(with: $0, detachedPayload: root.bytes) })
        #expect(try await observer.receipt(SHA256.hash([9])) == nil)
        try await consortium.stopAll()
    }

    @Test(.timeLimit(.minutes(1))) func whatNeedsAVoteOrASignatureIsRefused() async throws {
        let consortium = try TestConsortium(validators: 1, observers: 1)
        try await consortium.start(0...1)
        let observer = try await consortium.node(1)
        let statement = try await consortium.enrolment().statement
        await #expect(throws: Problems.observer) {
            try await observer.submit(Submission(statement: statement.encoded, attachments: []), wait: false)
        }
        await #expect(throws: Problems.observer) { try await observer.checkpoint() }
        #expect(await observer.condition().role == "observer")
        let validator = try await consortium.node(0)
        try await TestConsortium.wait(for: "the observer") {
            await validator.condition().observers.contains { $0.connected && $0.name == "Observer 1" }
        }
        try await consortium.stopAll()
    }

    /// Three of four validators are a quorum, two and an observer are none: the chain stands still until a third votes.
    @Test(.timeLimit(.minutes(1))) func anObserverIsInNoQuorum() async throws {
        let consortium = try TestConsortium(validators: 4, observers: 1)
        try await consortium.start([0, 1, 4])
        let statement = try await consortium.enrolment().statement
        _ = try await consortium.node(0).submit(Submission(statement: statement.encoded, attachments: []), wait: false)
        let observer = try await consortium.node(4)
        // What it says in a validator's name is not even looked at.
        let node = try await consortium.node(0)
        let epoch = await node.ledger.tip.epoch
        try await TestConsortium.wait(for: "the observer") {
            await node.condition().observers.contains(where: \.connected)
        }
        let identity = await consortium.members[4].identity.publicKey
        let vote = Vote(
            chain: consortium.file.genesis.chain, epochRecord: epoch.hash, epoch: 0, view: 1, kind: .nullify, signer: 3,
            parentView: 0, block: .zero)
        let signed = SignedVote(vote, signature: await consortium.members[3].keys[0].key.sign(vote.message))
        await node.take(.received(.consensus(ConsensusMessage.vote(signed).cbor), from: identity, bytes: 200))
        #expect(await node.peers.index(identity) == 4)
        #expect(await node.consensus.isNews(signed, from: 4))
        try await TestConsortium.wait(for: "a view that was given up in vain") {
            await node.consensus.ownVotes.contains { $0.kind == .nullify }
        }
        #expect(await node.height == 0)
        #expect(await observer.height == 0)
        try await consortium.start([2])
        try await consortium.reach(1)
        try await consortium.stopAll()
    }

    /// A role is not chosen by what happens to lie in a home.
    @Test func aValidatorsHomeIsNoObservers() async throws {
        let consortium = try TestConsortium(validators: 1, observers: 1)
        let (validator, observer) = (await consortium.members[0].home, await consortium.members[1].home)
        let genesis = consortium.file.genesis
        #expect(throws: HomeError.self) {
            try ValidatorKeys.load(home: validator, genesis: genesis, role: .observer, passphrase: nil)
        }
        #expect(throws: HomeError.self) {
            try ValidatorKeys.load(home: observer, genesis: genesis, role: .validator, passphrase: nil)
        }
        #expect(try ValidatorKeys.load(home: observer, genesis: genesis, role: .observer, passphrase: nil) == nil)
    }
}
