import ProvChain

/// Which public attachments of final statements a node looks for by itself. They are announced once, when their
/// statement becomes final; who was away then, or got the block by catching up, finds here what it lacks.
///
/// What came with blocks that were caught up is looked for first. Then all statements in the index are gone through, a
/// page at a time, in order, again and again with a long rest in between: there is nothing to remember on the disk.
struct AttachmentRepair {
    /// Hashes looked at together.
    static let pageHashes = 256
    /// Statements looked at together: a registration commits to two attachments.
    static let pageStatements = 128
    /// From one page to the next, in milliseconds.
    static let pageMilliseconds: UInt64 = 2_000
    /// From one round through the index to the next.
    static let roundMilliseconds: UInt64 = 600_000
    /// Hashes remembered of blocks that were caught up; the round through the index finds the others.
    static let recentHashes = 16_384
    /// Of the quota, in percent: what is left is for statements to come.
    static let quotaPercent = 90

    private var recent: [Digest] = []
    private var cursor: UInt64 = 0
    private var next = Instant(milliseconds: 0)
    private(set) var isRunning = false

    /// What to look at in a step.
    enum Page: Equatable, Sendable {
        case hashes([Digest])
        /// The index's statements from this leaf on.
        case index(from: UInt64)
    }

    /// Remembers the attachments of blocks that were fetched.
    mutating func note(_ blocks: [ExecutedBlock]) {
        for block in blocks {
            for applied in block.execution.applied {
                for attachment in applied.statement.payload.attachments where recent.count < Self.recentHashes {
                    recent.append(attachment.hash)
                }
            }
        }
    }

    /// The next page, if it is time for one; ``finished(_:now:)`` follows.
    mutating func begin(now: Instant) -> Page? {
        guard !isRunning, now >= next else { return nil }
        isRunning = true
        guard !recent.isEmpty else { return .index(from: cursor) }
        let page = Array(recent.prefix(Self.pageHashes))
        recent.removeFirst(page.count)
        return .hashes(page)
    }

    /// - Parameter following: of a page of the index, the leaf at which the one after it begins; `nil` ends the round.
    mutating func finished(_ page: Page, following: UInt64?, now: Instant) {
        isRunning = false
        switch page {
        case .hashes: next = now.advanced(by: Self.pageMilliseconds)
        case .index:
            cursor = following ?? 0
            let isOver = following == nil && recent.isEmpty
            next = now.advanced(by: isOver ? Self.roundMilliseconds : Self.pageMilliseconds)
        }
    }

    /// Begins a page at once: somebody is there who can be asked, or blocks were caught up.
    mutating func hurry() { next = Instant(milliseconds: 0) }
}

extension Node {
    func repairAttachmentsIfDue(_ now: Instant) {
        guard !peers.connected.isEmpty, !catchUp.isRunning,
            peers.gossip.wanted < peers.gossip.bounds.wantedItems / 8,
            attachments.usedBytes < attachments.quota / 100 * AttachmentRepair.quotaPercent,
            let page = attachmentRepair.begin(now: now)
        else { return }
        let (store, index) = (attachments, index)
        Task {
            let looked = try? await readers.run { () throws -> (missing: [Digest], following: UInt64?) in
                let (hashes, following): ([Digest], UInt64?) =
                    switch page {
                    case .hashes(let recent): (recent, nil)
                    case .index(let leaf):
                        try index.attachments(from: leaf, statements: AttachmentRepair.pageStatements)
                    }
                // What is restricted comes by no peer, and what was removed here was not wanted.
                let missing = try hashes.filter {
                    try !store.contains($0) && !store.isRestricted($0) && !store.folder.isRemoved($0)
                }
                return (missing, following)
            }
            attachmentRepair.finished(page, following: looked?.following, now: MonotonicClock.now())
            guard let missing = looked?.missing, !missing.isEmpty, isRunning else { return }
            gossip(.want(missing.map { .attachment($0) }, at: []))
        }
    }
}
