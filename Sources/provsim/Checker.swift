import ProvChain

/// A promise that a run broke.
struct Violation: Error {
    let invariant: String
    let detail: String
}

/// Watches from outside, and shares no arithmetic with what it watches: it counts quorums, checks signatures,
/// re-executes blocks and remembers votes by itself.
final class Checker {
    private let validators: Int
    private let ballots: Ballots
    /// Executes final blocks one after the other; `nil` where state is a chain of hashes.
    private var reference: (any Execution)?
    private let isHonest: (UInt64) -> Bool
    private(set) var violation: Violation?
    private struct Place: Hashable {
        let epoch: UInt64
        let view: UInt64
    }
    private struct Voter: Hashable {
        let place: Place
        let signer: UInt64
    }
    private struct Given {
        var notarize: (UInt64, Digest)?
        var nullified = false
        var finalize: Digest?
    }

    private var given: [Voter: Given] = [:]
    private var notarized: [Place: Digest] = [:]
    private var nullified: Set<Place> = []
    private var finalized: [Place: Digest] = [:]
    private(set) var chain: [Block] = []
    private var appliedIDs: Set<UInt64> = []
    private var acknowledged: [Int: UInt64] = [:]
    private var seenCertificates: Set<Certificate> = []

    init(
        ballots: Ballots, genesis: Block, reference: (any Execution)?, isHonest: @escaping (UInt64) -> Bool
    ) {
        validators = ballots.validators
        self.ballots = ballots
        self.reference = reference
        self.isHonest = isHonest
        chain = [genesis]
    }

    func fail(_ invariant: String, _ detail: String) {
        if violation == nil { violation = Violation(invariant: invariant, detail: detail) }
    }

    /// An honest validator lets a vote go.
    func sent(_ vote: SignedVote, by node: Int, isDurable: Bool) {
        guard vote.signer == UInt64(node) else { return }
        if !isDurable { fail("voted before sync", "node \(node) sent a \(vote.kind) of view \(vote.view)") }
        var before = given[Voter(place: Place(epoch: vote.epoch, view: vote.view), signer: vote.signer)] ?? Given()
        let name = "node \(node) in view \(vote.view) of epoch \(vote.epoch)"
        switch vote.kind {
        case .notarize:
            if let earlier = before.notarize, earlier != (vote.parentView, vote.block) {
                fail("one notarize", name)
            }
            if before.notarize == nil, before.nullified { fail("notarize after nullify", name) }
            before.notarize = (vote.parentView, vote.block)
        case .nullify:
            if before.finalize != nil { fail("nullify after finalize", name) }
            before.nullified = true
        case .finalize:
            if before.nullified { fail("finalize after nullify", name) }
            if let earlier = before.finalize, earlier != vote.block { fail("one finalize", name) }
            before.finalize = vote.block
        }
        given[Voter(place: Place(epoch: vote.epoch, view: vote.view), signer: vote.signer)] = before
    }

    /// A certificate that an honest node believes in.
    func believed(_ certificate: Certificate, by node: Int) {
        guard seenCertificates.insert(certificate).inserted else { return }
        let signers = Set(certificate.signers)
        let place = Place(epoch: certificate.epoch, view: certificate.view)
        let name = "\(certificate.kind) of view \(certificate.view) at node \(node)"
        guard signers.count == certificate.signers.count, signers.count * 3 > validators * 2,
            signers.allSatisfy({ $0 < UInt64(validators) })
        else { return fail("quorum", "\(name): \(certificate.signers) of \(validators)") }
        for (signer, signature) in zip(certificate.signers, certificate.signatures) {
            let vote = ballots.vote(
                certificate.kind, epoch: certificate.epoch, view: certificate.view, signer: signer,
                parentView: certificate.parentView, block: certificate.block)
            if vote.signature != signature { return fail("certificate of other votes", "\(name), signer \(signer)") }
        }
        switch certificate.kind {
        case .notarize:
            if let other = notarized[place], other != certificate.block { fail("two notarizations", name) }
            notarized[place] = certificate.block
        case .nullify: nullified.insert(place)
        case .finalize:
            if let other = finalized[place], other != certificate.block { fail("two finalizations", name) }
            finalized[place] = certificate.block
        }
        if finalized[place] != nil, nullified.contains(place) { fail("nullified and finalized", name) }
    }

    /// An honest node appends a block to its log.
    func committed(_ block: Block, by node: Int) {
        let height = Int(block.header.height)
        if height < chain.count {
            if chain[height].header != block.header {
                fail("agreement", "node \(node) at height \(height) in view \(block.header.view)")
            }
        } else {
            let parent = chain[chain.count - 1].header
            guard height == chain.count, block.header.parent == parent.id else {
                return fail("ancestry", "node \(node): height \(height) on \(chain.count - 1)")
            }
            recompute(block, on: parent, by: node)
            chain.append(block)
        }
        let before = acknowledged[node] ?? 0
        if block.header.height > before { acknowledged[node] = block.header.height }
    }

    private func recompute(_ block: Block, on parent: BlockHeader, by node: Int) {
        var bytes = parent.stateRoot.bytes
        for entry in block.body {
            bytes += entry.leaf.bytes
            if !appliedIDs.insert(entry.id).inserted {
                fail("applied once", "entry \(entry.id) at height \(block.header.height), node \(node)")
            }
        }
        if reference != nil {
            guard reference?.execute(block) == true else {
                return fail("state root", "height \(block.header.height) of node \(node), executed in a row")
            }
            reference?.commit(block)
        } else if SHA256.hash(bytes) != block.header.stateRoot {
            fail("state root", "height \(block.header.height) at node \(node)")
        }
    }

    /// A node comes back with this log. What it lacks of what it said was final, others make final again: if they make
    /// another block final in its place, that breaks agreement.
    func restarted(_ node: Int, height: UInt64, lost: UInt64) {
        let told = acknowledged[node] ?? 0
        if height + lost < told { fail("acknowledged and lost", "node \(node) has \(height) of \(told)") }
        acknowledged[node] = height
    }

    /// A validator that decides alone lets its certificate go.
    func told(_ certificate: Certificate, by node: Int, isInLog: Bool) {
        if !isInLog { fail("told before it was in the log", "node \(node), view \(certificate.view)") }
    }

    /// An honest node reports evidence: two votes that their signer made, of which no honest one makes both.
    func accused(_ found: Equivocation, by node: Int) {
        let (a, b) = (found.first, found.second)
        if isHonest(a.signer) { fail("honest never framed", "node \(node) accuses \(a.signer)") }
        for vote in [a, b] {
            let made = ballots.vote(
                vote.kind, epoch: vote.epoch, view: vote.view, signer: a.signer, parentView: vote.parentView,
                block: vote.block)
            if made.signature != vote.signature { fail("evidence of other votes", "node \(node) on \(a.signer)") }
        }
        let isTwice = a.kind == b.kind && (a.parentView, a.block) != (b.parentView, b.block)
        let isBoth = Set([a.kind, b.kind]) == [.nullify, .finalize]
        if (a.epoch, a.view) != (b.epoch, b.view) || !(isTwice || isBoth) {
            fail("evidence of a fault", "node \(node) on \(a.signer): \(a.kind) and \(b.kind)")
        }
    }

    /// A node was wiped by the scenario: it owes nothing.
    func wiped(_ node: Int) { acknowledged[node] = 0 }
}
