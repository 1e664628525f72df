import ProvChain

/// What travels between simulated nodes.
enum Packet {
    case consensus(ConsensusMessage)
    /// A proposal with the leaves of its body; the receiver has the entries, or asks for the block.
    case proposal(Proposal, leaves: [Digest], ids: [UInt64])
    case entry(Entry)
    case blockRequest(Digest)
    case block(Block)
    case rangeRequest(from: UInt64)
    /// Consecutive blocks, and the finalization of the last one.
    case range([Block], Certificate)

    /// For the hash of the run.
    var fingerprint: UInt64 {
        switch self {
        case .consensus(let message):
            switch message {
            case .vote(let vote): vote.view << 8 | vote.kind.rawValue
            case .certificate(let certificate): certificate.view << 8 | certificate.kind.rawValue + 3
            case .proposal(let proposal): proposal.view << 8 | 7
            case .request(let request): request.first << 8 | 8
            case .page(let page): UInt64(page.certificates.count) << 8 | 9
            case .greeting(let greeting): greeting.view << 8 | 10
            case .equivocation(let found): found.accused << 8 | 11
            }
        case .proposal(let proposal, _, _): proposal.view << 8 | 12
        case .entry(let entry): entry.id << 8 | 13
        case .blockRequest: 14
        case .block(let block): block.header.height << 8 | 15
        case .rangeRequest(let height): height << 8 | 16
        case .range(let blocks, _): UInt64(blocks.count) << 8 | 17
        }
    }
}
