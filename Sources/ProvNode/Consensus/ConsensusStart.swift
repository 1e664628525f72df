import Logging
import ProvChain

/// What a node begins with: the consensus core as log and journal left it, and the bodies that the journal kept.
struct ConsensusStart {
    let core: Simplex
    let journal: JournalStore?
    let pending: PendingBlocks

    /// - Parameters:
    ///   - ledger: where log and state stand.
    ///   - keys: `nil` for an observer.
    ///   - divergence: one that nobody has settled.
    ///   - journal: in a chain of several validators, the journal of this one's votes, or why there is none.
    init(
        ledger: Ledger, reader: LogReader, keys: ValidatorKeys?, journal opening: JournalStore.Opening?,
        divergence: Simplex.Divergence? = nil
    ) throws {
        let tip = ledger.tip
        var recovered = Simplex.Recovered(divergence: divergence)
        var pending = PendingBlocks()
        var store: JournalStore?
        switch opening {
        case nil: break
        case .lost: recovered.isLost = true
        case .opened(let opened, let records):
            store = opened
            for record in records { try Self.restore(record, above: tip.header.height, &recovered, &pending) }
        }
        let certificate = try Self.certificate(of: tip.header, reader)
        let hasEnded = tip.header.nextEpochRecord != nil
        let finality = hasEnded ? nil : certificate
        core = Simplex(
            Self.configuration(
                tip.epoch, chain: ledger.chain, keys: keys,
                predecessor: hasEnded ? certificate : try Self.predecessor(of: tip, reader)),
            final: FinalPoint(header: tip.header, view: finality?.view ?? 0), finality: finality,
            recovered: recovered)
        journal = store
        self.pending = pending
    }

    static func configuration(
        _ epoch: EpochRecord, chain: Digest, keys: ValidatorKeys?, predecessor: Certificate?
    ) -> Simplex.Configuration {
        Simplex.Configuration(
            committee: Committee(epoch, chain: chain), index: keys?.index,
            timing: ConsensusTiming(idleInterval: epoch.parameters.idleIntervalMilliseconds), predecessor: predecessor
        ) { message in
            guard let vote = keys?.vote else { preconditionFailure("an observer votes") }
            return vote.sign(message)
        }
    }

    static func restore(
        _ record: VoteJournal.Record, above height: UInt64, _ recovered: inout Simplex.Recovered,
        _ pending: inout PendingBlocks
    ) throws {
        switch record {
        case .owner: break
        case .vote(let vote): recovered.votes.append(vote)
        case .certificate(let certificate): recovered.certificates.append(certificate)
        case .block(let header, let body):
            guard header.height > height else { return }
            let statements = try FullBlock(cbor: body).statements.map { bytes throws(Refusal) in
                try Statement(encoded: bytes)
            }
            recovered.blocks.append(header)
            // Whoever wrote it here had executed it, or made it.
            pending.hold(.init(header: header, statements: statements, unverified: []), of: header.id)
        }
    }

    /// The finalization by which the log got to its last block; block 0 has none.
    private static func certificate(of header: BlockHeader, _ reader: LogReader) throws -> Certificate? {
        guard header.height > 0 else { return nil }
        return Certificate(try FinalityCertificate(cbor: reader.certificate(header.height).certificate), of: header)
    }

    /// The finalization with which the epoch before the tip's ended: peers may still be in it. Epochs ascend with
    /// the height, so that the last block of one is found by halving.
    private static func predecessor(of tip: Tip, _ reader: LogReader) throws -> Certificate? {
        guard tip.epoch.number > 0 else { return nil }
        var (low, high) = (UInt64(0), tip.header.height)
        while low < high {
            let middle = (low + high) / 2
            if try reader.header(middle).epoch < tip.epoch.number { low = middle + 1 } else { high = middle }
        }
        return try certificate(of: reader.header(low - 1), reader)
    }
}
