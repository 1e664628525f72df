import ProvChain

/// A node's disk: a log whose appends are atomic, and of which a crash may take the last if others decide too; and two
/// copies of the journal whose last writes a crash may lose or tear.
struct Disk {
    struct Copy {
        var bytes: [UInt8] = []
        /// Bytes that a crash cannot take.
        var synced = 0
    }

    private(set) var log: [(block: Block, certificate: Certificate?)] = []
    private(set) var copies = [Copy(), Copy()]
    /// What was synced to at least one copy, for the checker.
    private(set) var durableVotes: Set<SignedVote> = []
    private var records: [(view: UInt64, record: VoteJournal.Record)] = []
    private var sequence: UInt64 = 0
    private let owner: VoteJournal.Record
    private var compacted: UInt64 = 0
    /// Blocks of the last append, while nothing waited for it to be durable.
    private var loose = 0
    /// Bytes that both copies held, synced, before the last crash.
    private var stable = 0

    init(owner: VoteJournal.Record) {
        self.owner = owner
        rewrite()
    }

    mutating func append(_ record: VoteJournal.Record, view: UInt64) {
        records.append((view, record))
        let frame = VoteJournal.frame(record, sequence: sequence)
        sequence += 1
        for copy in copies.indices { copies[copy].bytes += frame }
    }

    mutating func sync(copy: Int) {
        copies[copy].synced = copies[copy].bytes.count
        for (_, record) in records {
            if case .vote(let vote) = record { durableVotes.insert(vote) }
        }
    }

    /// - Parameter isWaitedFor: true where nothing happens before the blocks are durable.
    mutating func commit(_ blocks: [Block], _ certificate: Certificate, isWaitedFor: Bool) {
        loose = isWaitedFor ? 0 : blocks.count
        for block in blocks {
            log.append((block, block.header.id == certificate.block ? certificate : nil))
        }
    }

    /// Waits until the blocks up to a height are durable, as a flush of the state does before it begins. What is loose
    /// is one record, so it goes or stays as a whole.
    mutating func wait(upTo height: UInt64) {
        if let last = log.last?.block.header.height, height + UInt64(loose) > last { loose = 0 }
    }

    /// Keeps what lies above a view, in new files that replace the old ones at once.
    mutating func compact(through view: UInt64, every interval: UInt64) {
        guard view >= compacted + interval || view < compacted else { return }
        compacted = view
        // What the journal forgets is in the log.
        loose = 0
        records.removeAll { $0.view <= view }
        rewrite()
    }

    /// An epoch's views start again.
    mutating func startEpoch() {
        compacted = 0
        loose = 0
        records = []
        durableVotes = []
        rewrite()
    }

    private mutating func rewrite() {
        var bytes = VoteJournal.frame(owner, sequence: 0)
        sequence = 1
        for (_, record) in records {
            bytes += VoteJournal.frame(record, sequence: sequence)
            sequence += 1
        }
        copies = [Copy(bytes: bytes, synced: bytes.count), Copy(bytes: bytes, synced: bytes.count)]
    }

    /// Power goes: of what was not synced, a part is there, and the last of it may be anything.
    /// Returns how many copies lost something, and how many blocks the log lost.
    mutating func crash(_ random: inout RandomSource) -> (torn: Int, blocks: Int) {
        var torn = 0
        let lost = loose > 0 && random.below(2) == 0 ? loose : 0
        log.removeLast(lost)
        loose = 0
        stable = copies.map(\.synced).min() ?? 0
        for index in copies.indices {
            let loose = copies[index].bytes.count - copies[index].synced
            guard loose > 0 else { continue }
            torn += 1
            let kept = copies[index].synced + random.below(loose + 1)
            copies[index].bytes.removeSubrange(kept...)
            for position in copies[index].synced..<kept where position >= kept - 4 && random.below(2) == 0 {
                copies[index].bytes[position] ^= UInt8(truncatingIfNeeded: random.next()) | 1
            }
            copies[index].synced = copies[index].bytes.count
        }
        return (torn, lost)
    }

    /// What a restart reads; the copies are made whole again.
    mutating func recover(chain: Digest, key: Digest) -> VoteJournal.Recovery {
        let found = VoteJournal.recover(copies.map(\.bytes), chain: chain, key: key, hasVoted: true)
        guard case .recovered(let kept, let bytes, _, _) = found else { return found }
        copies = [Copy(bytes: bytes, synced: bytes.count), Copy(bytes: bytes, synced: bytes.count)]
        sequence = UInt64(kept.count) + 1
        records = kept.map { ($0.view, $0) }
        for record in kept {
            if case .vote(let vote) = record { durableVotes.insert(vote) }
        }
        return found
    }

    /// Damages one copy, where the other has the same: that one repairs it.
    mutating func damage(copy: Int, _ random: inout RandomSource) {
        for _ in 0..<8 where stable > 0 { copies[copy].bytes[random.below(stable)] ^= 0x55 }
    }
}

extension VoteJournal.Record {
    fileprivate var view: UInt64 {
        switch self {
        case .owner: 0
        case .vote(let vote): vote.view
        case .certificate(let certificate): certificate.view
        case .block(let header, _): header.view
        }
    }
}
