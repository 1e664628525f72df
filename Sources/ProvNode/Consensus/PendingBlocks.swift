import ProvChain

/// Blocks above the last final one, by id: their statements as far as they are here, and what execution made
/// of them. It knows nothing of votes; ``Simplex`` says what to do with which block.
struct PendingBlocks {
    /// A block with all its statements.
    struct Body {
        let header: BlockHeader
        let statements: [Statement]
        /// Leaf hashes of statements whose signatures this node has not checked.
        var unverified: Set<Digest>

        var leafHashes: [Digest] { statements.map(\.leafHash) }
    }

    /// A proposed block of which statements are missing.
    struct Gathering {
        let proposal: Verified<Proposal>
        let sender: Simplex.Peer
        let leafHashes: [Digest]
        var statements: [Digest: Statement]
        var unverified: Set<Digest> = []

        var missing: [Digest] { leafHashes.filter { statements[$0] == nil } }

        /// The body, once nothing is missing.
        var body: Body? {
            var ordered: [Statement] = []
            ordered.reserveCapacity(leafHashes.count)
            for hash in leafHashes {
                guard let statement = statements[hash] else { return nil }
                ordered.append(statement)
            }
            return Body(header: proposal.content.header, statements: ordered, unverified: unverified)
        }
    }

    private(set) var bodies: [Digest: Body] = [:]
    private(set) var executed: [Digest: ExecutedBlock] = [:]
    private(set) var gatherings: [Digest: Gathering] = [:]
    /// Blocks that consensus waits for the execution of, and whose body turned out to be another's.
    private(set) var bodiless: Set<Digest> = []

    mutating func hold(_ body: Body, of id: Digest) {
        bodies[id] = body
        bodiless.remove(id)
    }

    mutating func hold(_ block: ExecutedBlock, of id: Digest) { executed[id] = block }

    mutating func gather(_ gathering: Gathering, of id: Digest) { gatherings[id] = gathering }

    mutating func endGathering(of id: Digest) -> Gathering? { gatherings.removeValue(forKey: id) }

    /// The statements did not hash to what the header says.
    mutating func dropBody(of id: Digest) {
        bodies[id] = nil
        bodiless.insert(id)
    }

    /// Gives a statement to the blocks that wait for it; returns those that are complete now.
    mutating func offer(_ statement: Statement, isVerified: Bool) -> [Digest] {
        let hash = statement.leafHash
        var complete: [Digest] = []
        for id in gatherings.keys {
            guard let gathering = gatherings[id], gathering.statements[hash] == nil,
                gathering.leafHashes.contains(hash)
            else { continue }
            gatherings[id]?.statements[hash] = statement
            if !isVerified { gatherings[id]?.unverified.insert(hash) }
            if gatherings[id]?.missing.isEmpty == true { complete.append(id) }
        }
        return complete.sorted()
    }

    /// Executed blocks from the tip's child to `block`, oldest first; `nil` if one of them is not executed here.
    func branch(to block: Digest, from tip: Digest) -> [ExecutedBlock]? {
        var branch: [ExecutedBlock] = []
        var cursor = block
        while cursor != tip {
            guard let block = executed[cursor] else { return nil }
            branch.append(block)
            cursor = block.header.parent
        }
        return branch.reversed()
    }

    /// The statement with this leaf hash, in any block that is not final.
    func statement(_ leafHash: Digest) -> Statement? {
        for body in bodies.values {
            if let found = body.statements.first(where: { $0.leafHash == leafHash }) { return found }
        }
        return nil
    }

    /// Forgets everything at or below a height, which is final.
    mutating func drop(through height: UInt64) {
        bodies = bodies.filter { $0.value.header.height > height }
        executed = executed.filter { $0.value.header.height > height }
        gatherings = gatherings.filter { $0.value.proposal.content.header.height > height }
        bodiless = bodiless.filter { bodies[$0] != nil }
    }

    mutating func removeAll() { self = PendingBlocks() }
}
