/// Something whose signatures were checked. Only ``Committee`` makes one, so that what consensus acts on
/// cannot be what a stranger said.
public struct Verified<Content: Sendable & Hashable>: Sendable, Hashable {
    public let content: Content

    fileprivate init(_ content: Content) { self.content = content }
}

/// Why a consensus message proves nothing. Whoever relays one is at fault: honest nodes check first.
public enum VoteFault: Error, Hashable, Sendable {
    case wrongEpoch(found: UInt64, expected: UInt64)
    case wrongHeader
    case unknownSigner(UInt64)
    case badSignature(signer: UInt64)
    case noQuorum(found: Int, needed: Int)
    case signersNotAscending
    case notTheLeader(found: UInt64, expected: UInt64)
    case noConflict
}

/// The validators of one epoch, by index, as far as votes are concerned: how many there are, who leads, and
/// whose signature is whose.
public struct Committee: Sendable {
    /// Says whether `signature` is the signer's over `message`. A function of its arguments, nothing else.
    public typealias Check = @Sendable (_ signer: UInt64, _ message: [UInt8], _ signature: [UInt8]) -> Bool

    public let chain: Digest
    public let epochRecord: Digest
    public let epoch: UInt64
    public let count: Int
    private let check: Check

    public init(chain: Digest, epochRecord: Digest, epoch: UInt64, count: Int, check: @escaping Check) {
        precondition(count > 0 && count <= Limits.validators, "\(count) validators")
        self.chain = chain
        self.epochRecord = epochRecord
        self.epoch = epoch
        self.count = count
        self.check = check
    }

    public init(_ record: EpochRecord, chain: Digest) {
        let keys = record.validators.map(\.vote)
        self.init(chain: chain, epochRecord: record.hash, epoch: record.number, count: keys.count) {
            keys[Int($0)].verify(signature: $2, message: $1)
        }
    }

    /// Votes that make a certificate.
    public var quorum: Int { Quorum.size(of: count) - (Planted.has(.quorumOffByOne) ? 1 : 0) }

    /// Validators that may be faulty.
    public var faults: Int { (count - 1) / 3 }

    /// Validators take turns.
    public func leader(of view: UInt64) -> UInt64 { (epoch &+ view) % UInt64(count) }

    func vote(_ kind: VoteKind, view: UInt64, signer: UInt64, parentView: UInt64, block: Digest) -> Vote {
        Vote(
            chain: chain, epochRecord: epochRecord, epoch: epoch, view: view, kind: kind, signer: signer,
            parentView: parentView, block: block)
    }

    /// The bytes that a vote's signature covers.
    func message(of vote: Vote) -> [UInt8] {
        guard Planted.has(.certificateViewNotBound), vote.kind == .nullify else { return vote.message }
        return self.vote(.nullify, view: 0, signer: vote.signer, parentView: 0, block: .zero).message
    }

    // MARK: Checks

    public func verify(_ vote: SignedVote) throws(VoteFault) -> Verified<SignedVote> {
        try checkSignature(vote)
        return Verified(vote)
    }

    public func verify(_ certificate: Certificate) throws(VoteFault) -> Verified<Certificate> {
        guard certificate.epoch == epoch else { throw .wrongEpoch(found: certificate.epoch, expected: epoch) }
        let signers = certificate.signers
        guard signers.count >= quorum else { throw .noQuorum(found: signers.count, needed: quorum) }
        guard zip(signers, signers.dropFirst()).allSatisfy({ $0 < $1 }) else { throw .signersNotAscending }
        for (signer, signature) in zip(signers, certificate.signatures) {
            guard signer < UInt64(count) else { throw .unknownSigner(signer) }
            let vote = vote(
                certificate.kind, view: certificate.view, signer: signer, parentView: certificate.parentView,
                block: certificate.block)
            guard check(signer, message(of: vote), signature) else { throw .badSignature(signer: signer) }
        }
        return Verified(certificate)
    }

    /// Checks all that can be checked of a proposal without knowing its ancestors.
    public func verify(_ proposal: Proposal) throws(VoteFault) -> Verified<Proposal> {
        let (vote, header) = (proposal.vote, proposal.header)
        guard header.chain == chain, header.epoch == epoch, header.epochRecord == epochRecord,
            vote.block == proposal.block, vote.kind == .notarize
        else { throw .wrongHeader }
        let expected = leader(of: vote.view)
        guard vote.signer == expected else { throw .notTheLeader(found: vote.signer, expected: expected) }
        if proposal.isRepeated {
            guard header.view < vote.view, header.nextEpochRecord != nil else { throw .wrongHeader }
        } else {
            guard header.view == vote.view, header.proposer == vote.signer else { throw .wrongHeader }
        }
        try checkSignature(vote)
        for certificate in proposal.certificates { _ = try verify(certificate) }
        return Verified(proposal)
    }

    /// The leader's vote in a proposal, whose signature was checked with it.
    public func vote(of proposal: Verified<Proposal>) -> Verified<SignedVote> { Verified(proposal.content.vote) }

    public func verify(_ page: CertificatePage) throws(VoteFault) -> Verified<CertificatePage> {
        for certificate in page.certificates { _ = try verify(certificate) }
        return Verified(page)
    }

    public func verify(_ greeting: Greeting) throws(VoteFault) -> Verified<Greeting> {
        guard greeting.epoch == epoch else { throw .wrongEpoch(found: greeting.epoch, expected: epoch) }
        if let vote = greeting.yours { try checkSignature(vote) }
        return Verified(greeting)
    }

    public func verify(_ found: Equivocation) throws(VoteFault) -> Verified<Equivocation> {
        guard Equivocation.conflict(found.first, found.second) else { throw .noConflict }
        try checkSignature(found.first)
        try checkSignature(found.second)
        return Verified(found)
    }

    private func checkSignature(_ vote: SignedVote) throws(VoteFault) {
        guard vote.epoch == epoch else { throw .wrongEpoch(found: vote.epoch, expected: epoch) }
        guard vote.signer < UInt64(count) else { throw .unknownSigner(vote.signer) }
        guard check(vote.signer, message(of: vote), vote.signature) else { throw .badSignature(signer: vote.signer) }
    }

    func message(of vote: SignedVote) -> [UInt8] {
        message(
            of: self.vote(
                vote.kind, view: vote.view, signer: vote.signer, parentView: vote.parentView, block: vote.block))
    }
}
