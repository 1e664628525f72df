import ProvChain
import Testing

@testable import ProvNode

/// One honest node, and the keys of the three others.
struct HostileScene {
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

    func finality(of header: BlockHeader, view: UInt64) -> FinalityCertificate {
        let votes = (1...3).map { vote(.finalize, view: view, signer: $0, block: header.id) }
        return FinalityCertificate(view: view, signers: [1, 2, 3], signatures: votes.map(\.signature))
    }

    /// Empty blocks one after the other, each with its finalization.
    mutating func chain(of count: Int) throws -> [CertifiedHeader] {
        try (1...UInt64(count)).map { view in
            let block = try ledger.assemble(
                [], now: ledger.tip.header.time + 1, view: view, proposer: epoch.leader(of: view), source: NoState()
            ).block
            try ledger.commit(block)
            return CertifiedHeader(header: block.header, finality: finality(of: block.header, view: view))
        }
    }

    /// As if a connection to a validator stood.
    func connect(_ peer: UInt64) async { await node.take(.connected(identity(peer))) }

    func identity(_ peer: UInt64) -> IdentityKey { epoch.validators[Int(peer)].identity }

    func say(_ message: ConsensusMessage, from peer: UInt64) async {
        await node.receive(message, from: peer, identity(peer))
    }

    func isBlocked(_ peer: UInt64) async -> Bool {
        await node.peers.gossip.isBlocked(identity(peer), now: MonotonicClock.now().milliseconds)
    }

    func proposal(_ header: BlockHeader, view: UInt64) -> Proposal {
        Proposal(
            header: header, vote: vote(.notarize, view: view, signer: view, block: header.id), certificates: [])
    }

    func send(_ proposal: Proposal, _ leafHashes: [Digest], from peer: UInt64) async {
        await node.receive(
            CompactProposal(proposal, leafHashes: leafHashes), from: peer, epoch.validators[Int(peer)].identity)
    }

    private struct NoState: StateSource {
        func storedRecord(_ key: Digest) -> StoredRecord? { nil }
        func leaves(under prefix: StatePrefix) -> [StateLeaf] { [] }
    }
}

extension EpochRecord {
    fileprivate func leader(of view: UInt64) -> UInt64 { (number + view) % UInt64(validators.count) }
}
