@testable import ProvChain

/// One validator under test, and everything that others could say to it. Signatures are keyed hashes.
struct ViewStory {
    static let chain = SHA256.hash([1])
    static let genesis = BlockHeader(
        chain: chain, epoch: 0, height: 0, view: 0, parent: .zero, time: 1_000, proposer: 0, historySize: 1,
        historyRoot: .zero, stateRoot: .zero, epochRecord: record(0), nextEpochRecord: nil)

    let committee: Committee
    var core: Simplex
    private(set) var clock: UInt64 = 0

    static func record(_ epoch: UInt64) -> Digest { SHA256.hash([2, UInt8(epoch)]) }

    static func sign(_ message: [UInt8], _ signer: UInt64) -> [UInt8] {
        let half = SHA256.hash([UInt8(signer)] + message).bytes
        return half + half
    }

    static func committee(of count: Int, epoch: UInt64 = 0) -> Committee {
        Committee(chain: chain, epochRecord: record(epoch), epoch: epoch, count: count) {
            sign($1, $0) == $2
        }
    }

    /// In epoch 0 the leader of view v is v mod n. The validator under test is number 0 of 4 unless said.
    init(
        index: UInt64? = 0, of count: Int = 4, epoch: UInt64 = 0, final: FinalPoint? = nil,
        finality: Certificate? = nil,
        recovered: Simplex.Recovered = Simplex.Recovered(), predecessor: Certificate? = nil, isStarted: Bool = true
    ) {
        committee = Self.committee(of: count, epoch: epoch)
        let configuration = Simplex.Configuration(
            committee: committee, index: index, timing: ConsensusTiming(), predecessor: predecessor
        ) { Self.sign($0, index ?? 0) }
        core = Simplex(
            configuration, final: final ?? FinalPoint(header: Self.genesis, view: 0), finality: finality,
            recovered: recovered)
        if isStarted { feed(.start) }
    }

    @discardableResult
    mutating func feed(_ input: Simplex.Input) -> [String] {
        core.handle(input, now: Instant(milliseconds: clock)).map(Self.line)
    }

    /// What happens at a moment if nothing else does.
    @discardableResult
    mutating func tick(at milliseconds: UInt64) -> [String] {
        clock = milliseconds
        return feed(.tick)
    }

    // MARK: What others say

    func header(
        _ view: UInt64, on parent: BlockHeader = ViewStory.genesis, ends: Bool = false, salt: UInt64 = 0
    ) -> BlockHeader {
        BlockHeader(
            chain: Self.chain, epoch: committee.epoch, height: parent.height + 1, view: view, parent: parent.id,
            time: parent.time + 1 + salt, proposer: committee.leader(of: view), historySize: parent.historySize + 1,
            historyRoot: .zero, stateRoot: .zero, epochRecord: Self.record(committee.epoch),
            nextEpochRecord: ends ? Self.record(committee.epoch + 1) : nil)
    }

    func vote(
        _ kind: VoteKind, _ view: UInt64, by signer: UInt64, parentView: UInt64 = 0, _ block: BlockHeader? = nil
    ) -> SignedVote {
        let vote = committee.vote(
            kind, view: view, signer: signer, parentView: parentView, block: block?.id ?? .zero)
        return SignedVote(vote, signature: Self.sign(vote.message, signer))
    }

    func certificate(
        _ kind: VoteKind, _ view: UInt64, parentView: UInt64 = 0, _ block: BlockHeader? = nil,
        by signers: [UInt64] = [1, 2, 3]
    ) -> Certificate {
        Certificate(votes: signers.map { vote(kind, view, by: $0, parentView: parentView, block) })
    }

    func proposal(
        _ header: BlockHeader, view: UInt64? = nil, parentView: UInt64, certificates: [Certificate] = []
    ) -> Proposal {
        let view = view ?? header.view
        return Proposal(
            header: header,
            vote: vote(.notarize, view, by: committee.leader(of: view), parentView: parentView, header),
            certificates: certificates)
    }

    mutating func hear(_ vote: SignedVote) throws -> [String] {
        feed(.vote(try committee.verify(vote), from: vote.signer))
    }

    mutating func hear(_ certificate: Certificate, from peer: UInt64 = 1) throws -> [String] {
        feed(.certificate(try committee.verify(certificate), from: peer))
    }

    mutating func hear(_ proposal: Proposal) throws -> [String] {
        feed(.proposal(try committee.verify(proposal), from: proposal.vote.signer))
    }

    /// The proposal comes, is executed, and turns out as said.
    mutating func accept(_ header: BlockHeader, parentView: UInt64) throws -> [String] {
        try hear(proposal(header, parentView: parentView)) + feed(.executed(header.id, isValid: true))
    }

    // MARK: Transcripts

    static func line(_ effect: Simplex.Effect) -> String {
        switch effect {
        case .persist(let items):
            "persist "
                + items.map {
                    switch $0 {
                    case .block: "block"
                    case .vote(let vote): name(vote)
                    }
                }.joined(separator: ", ")
        case .retain(let certificate): "retain \(name(certificate))"
        case .broadcast(let message): "broadcast \(name(message))"
        case .send(let message, let peer): "send \(name(message)) to \(peer)"
        case .build(let build):
            "build \(build.view)\(build.allowsStatements ? " statements" : "")\(build.allowsEmpty ? " empty" : "")"
        case .execute: "execute"
        case .fetch(_, let holders): "fetch from \(holders)"
        case .catchUp(let certificate): "catch up to \(certificate.view)"
        case .commit(let blocks, let certificate): "commit \(blocks.count) by view \(certificate.view)"
        case .compact(let view): "compact \(view)"
        case .report(let found): "report \(found.accused)"
        case .stopVoting(let reason):
            switch reason {
            case .observer: "stop: observer"
            case .journalLost: "stop: journal lost"
            case .divergence(let view, _): "stop: divergence in view \(view)"
            }
        case .epochEnded: "epoch ended"
        case .wake(let instant): "wake \(instant.milliseconds)"
        }
    }

    private static func name(_ vote: SignedVote) -> String { "\(vote.kind) \(vote.view)" }

    private static func name(_ certificate: Certificate) -> String {
        switch certificate.kind {
        case .notarize: "notarization \(certificate.view)"
        case .nullify: "nullification \(certificate.view)"
        case .finalize: "finalization \(certificate.view)"
        }
    }

    private static func name(_ message: ConsensusMessage) -> String {
        switch message {
        case .vote(let vote): name(vote)
        case .certificate(let certificate): name(certificate)
        case .proposal(let proposal): "proposal \(proposal.view) with \(proposal.certificates.count)"
        case .request(let request): "request \(request.first)...\(request.last)"
        case .page(let page): "page of " + page.certificates.map(name).joined(separator: ", ")
        case .greeting(let greeting):
            "greeting in view \(greeting.view)" + (greeting.yours.map { ", yours \(name($0))" } ?? "")
        case .equivocation(let found): "evidence against \(found.accused)"
        }
    }
}

extension [String] {
    /// Without the alarm clock.
    var deeds: [String] { filter { !$0.hasPrefix("wake") } }
}
