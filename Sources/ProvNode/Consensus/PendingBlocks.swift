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
        /// Who sent the statements, or said which they are; `nil` if this node chose them.
        var sender: Simplex.Peer?

        var leafHashes: [Digest] { statements.map(\.leafHash) }

        func holds(_ leafHash: Digest) -> Bool { statements.contains { $0.leafHash == leafHash } }
    }

    /// A proposed block of which statements are missing.
    struct Gathering {
        let proposal: Verified<Proposal>
        let sender: Simplex.Peer
        let leafHashes: [Digest]
        var statements: [Digest: Statement]
        var unverified: Set<Digest> = []
        /// What is missing, once it was counted.
        private var lacking: Set<Digest>?

        init(proposal: Verified<Proposal>, sender: Simplex.Peer, leafHashes: [Digest], statements: [Digest: Statement])
        {
            self.proposal = proposal
            self.sender = sender
            self.leafHashes = leafHashes
            self.statements = statements
        }

        mutating func lacks(_ leafHash: Digest) -> Bool {
            if lacking == nil { lacking = Set(missing) }
            return lacking?.contains(leafHash) ?? false
        }

        /// True if nothing is missing any more.
        mutating func take(_ statement: Statement, isVerified: Bool) -> Bool {
            statements[statement.leafHash] = statement
            if !isVerified { unverified.insert(statement.leafHash) }
            lacking?.remove(statement.leafHash)
            return lacking?.isEmpty ?? isComplete
        }

        var missing: [Digest] { leafHashes.filter { statements[$0] == nil } }

        var isComplete: Bool { leafHashes.allSatisfy { statements[$0] != nil } }

        /// The body, once nothing is missing.
        var body: Body? {
            var ordered: [Statement] = []
            ordered.reserveCapacity(leafHashes.count)
            for hash in leafHashes {
                guard let statement = statements[hash] else { return nil }
                ordered.append(statement)
            }
            return Body(
                header: proposal.content.header, statements: ordered, unverified: unverified, sender: sender)
        }
    }

    private(set) var bodies: [Digest: Body] = [:]
    private(set) var executed: [Digest: ExecutedBlock] = [:]
    private(set) var gatherings: [Digest: Gathering] = [:]
    /// Blocks that consensus waits for the execution of, and whose body turned out to be another's; by height.
    private(set) var bodiless: [Digest: UInt64] = [:]
    /// Statements of all bodies, by leaf hash.
    private var statements: [Digest: Statement] = [:]

    mutating func hold(_ body: Body, of id: Digest) {
        bodies[id] = body
        bodiless[id] = nil
        for statement in body.statements { statements[statement.leafHash] = statement }
    }

    mutating func hold(_ block: ExecutedBlock, of id: Digest) { executed[id] = block }

    mutating func gather(_ gathering: Gathering, of id: Digest) { gatherings[id] = gathering }

    mutating func endGathering(of id: Digest) -> Gathering? { gatherings.removeValue(forKey: id) }

    /// The statements did not hash to what the header says.
    mutating func dropBody(of id: Digest) {
        guard let body = bodies.removeValue(forKey: id) else { return }
        bodiless[id] = body.header.height
        indexStatements()
    }

    /// Gives a statement to the blocks that wait for it; returns those that are complete now.
    mutating func offer(_ statement: Statement, isVerified: Bool) -> [Digest] {
        let hash = statement.leafHash
        var complete: [Digest] = []
        for id in gatherings.keys {
            guard gatherings[id]?.lacks(hash) == true else { continue }
            if gatherings[id]?.take(statement, isVerified: isVerified) == true { complete.append(id) }
        }
        return complete.sorted()
    }

    /// True if a block waits for this statement.
    func isLacking(_ leafHash: Digest) -> Bool {
        gatherings.contains { $0.value.leafHashes.contains(leafHash) && $0.value.statements[leafHash] == nil }
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

    /// The statement with this leaf hash, in any block that is not final. Its signature may be anything.
    func statement(_ leafHash: Digest) -> Statement? { statements[leafHash] }

    /// The same, if its signature was checked here: only that is passed on.
    func verifiedStatement(_ leafHash: Digest) -> Statement? {
        guard let statement = statements[leafHash] else { return nil }
        let isVerified = bodies.contains { id, body in
            body.holds(leafHash) && (executed[id] != nil || !body.unverified.contains(leafHash))
        }
        return isVerified ? statement : nil
    }

    func isBodiless(_ id: Digest) -> Bool { bodiless[id] != nil }

    /// True if a block that was proposed in this view is held, or gathered.
    func hasProposal(of view: UInt64) -> Bool {
        gatherings.values.contains { $0.proposal.content.view == view }
            || bodies.values.contains { $0.header.view == view }
    }

    /// Forgets proposals of views before this one: whoever needs such a block fetches it.
    mutating func dropGatherings(before view: UInt64) {
        if gatherings.isEmpty { return }
        gatherings = gatherings.filter { $0.value.proposal.content.view >= view }
    }

    private mutating func indexStatements() {
        statements.removeAll(keepingCapacity: true)
        for body in bodies.values {
            for statement in body.statements { statements[statement.leafHash] = statement }
        }
    }

    /// Forgets everything at or below a height, which is final.
    mutating func drop(through height: UInt64) {
        bodies = bodies.filter { $0.value.header.height > height }
        executed = executed.filter { $0.value.header.height > height }
        gatherings = gatherings.filter { $0.value.proposal.content.header.height > height }
        bodiless = bodiless.filter { $0.value > height }
        indexStatements()
    }

    mutating func removeAll() { self = PendingBlocks() }
}
