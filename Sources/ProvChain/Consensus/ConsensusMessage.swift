/// What validators say to each other about views and votes. Bodies of blocks travel apart.
public enum ConsensusMessage: Hashable, Sendable, CBORCodable {
    case vote(SignedVote)
    case certificate(Certificate)
    case proposal(Proposal)
    case request(CertificateRequest)
    case page(CertificatePage)
    case greeting(Greeting)
    case equivocation(Equivocation)

    /// The epoch that the sender is in, as far as the message says it.
    public var epoch: UInt64? {
        switch self {
        case .vote(let vote): vote.epoch
        case .certificate(let certificate): certificate.epoch
        case .proposal(let proposal): proposal.vote.epoch
        case .request(let request): request.epoch
        case .page(let page): page.certificates.first?.epoch
        case .greeting(let greeting): greeting.epoch
        case .equivocation(let found): found.first.epoch
        }
    }

    /// CBOR `[number, content]`.
    public func encode(to writer: inout CBORWriter) {
        writer.array(2)
        switch self {
        case .vote(let vote): write(1, vote, to: &writer)
        case .certificate(let certificate): write(2, certificate, to: &writer)
        case .proposal(let proposal): write(3, proposal, to: &writer)
        case .request(let request): write(4, request, to: &writer)
        case .page(let page): write(5, page, to: &writer)
        case .greeting(let greeting): write(6, greeting, to: &writer)
        case .equivocation(let found): write(7, found, to: &writer)
        }
    }

    private func write(_ number: UInt64, _ content: some CBOREncodable, to writer: inout CBORWriter) {
        writer.uint(number)
        writer.value(content)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 2)
        let start = reader.offset
        switch try reader.uint() {
        case 1: self = .vote(try reader.value())
        case 2: self = .certificate(try reader.value())
        case 3: self = .proposal(try reader.value())
        case 4: self = .request(try reader.value())
        case 5: self = .page(try reader.value())
        case 6: self = .greeting(try reader.value())
        case 7: self = .equivocation(try reader.value())
        case let number: throw CBORError(.invalidValue("no consensus message \(number)"), at: start)
        }
    }
}
