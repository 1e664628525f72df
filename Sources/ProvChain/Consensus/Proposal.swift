/// What the leader of a view asks the others to notarize: a block's header, its own vote, and certificates
/// that justify building on the parent. The body travels beside it.
public struct Proposal: Hashable, Sendable, CBORCodable {
    public let header: BlockHeader
    /// The leader's notarize; it names the view, the parent's view and the block.
    public let vote: SignedVote
    /// The parent's notarization or finalization, then nullifications of skipped views, as many as fit.
    public let certificates: [Certificate]
    /// The header's id, computed once.
    public let block: Digest

    public init(header: BlockHeader, vote: SignedVote, certificates: [Certificate]) {
        self.header = header
        self.vote = vote
        self.certificates = certificates
        block = header.id
    }

    public var view: UInt64 { vote.view }

    /// True if it proposes the last block of an epoch once more.
    var isRepeated: Bool { header.view != vote.view }

    public static let maximumCertificates = 1_024

    /// CBOR `[header, vote, [certificate, …]]`.
    public func encode(to writer: inout CBORWriter) {
        writer.array(3)
        writer.value(header)
        writer.value(vote)
        writer.list(certificates)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 3)
        let header: BlockHeader = try reader.value()
        let vote: SignedVote = try reader.value()
        self.init(
            header: header, vote: vote, certificates: try reader.list(atMost: Self.maximumCertificates))
    }
}

/// Asks for the certificates that a peer holds of some views, however old.
public struct CertificateRequest: Hashable, Sendable, CBORCodable {
    public let epoch: UInt64
    public let first: UInt64
    public let last: UInt64

    public init(epoch: UInt64, first: UInt64, last: UInt64) {
        precondition(first <= last, "views \(first) to \(last)")
        self.epoch = epoch
        self.first = first
        self.last = last
    }

    /// CBOR `[epoch, first, last]`.
    public func encode(to writer: inout CBORWriter) {
        writer.array(3)
        writer.uint(epoch)
        writer.uint(first)
        writer.uint(last)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 3)
        epoch = try reader.uint()
        let start = reader.offset
        first = try reader.uint()
        last = try reader.uint()
        guard first <= last else { throw CBORError(.invalidValue("views that run backwards"), at: start) }
    }
}

/// Some certificates, in answer to a request or to somebody who is behind.
public struct CertificatePage: Hashable, Sendable, CBORCodable {
    public let certificates: [Certificate]

    public init(_ certificates: [Certificate]) { self.certificates = certificates }

    public func encode(to writer: inout CBORWriter) { writer.list(certificates) }

    public init(from reader: inout CBORReader) throws(CBORError) {
        certificates = try reader.list(atMost: Proposal.maximumCertificates)
    }
}

/// The first word on a connection: where the sender stands, and the highest vote it holds from the key of
/// the one it greets, who may have forgotten it.
public struct Greeting: Hashable, Sendable, CBORCodable {
    public let epoch: UInt64
    public let view: UInt64
    public let finalView: UInt64
    public let yours: SignedVote?

    public init(epoch: UInt64, view: UInt64, finalView: UInt64, yours: SignedVote?) {
        self.epoch = epoch
        self.view = view
        self.finalView = finalView
        self.yours = yours
    }

    /// CBOR `[epoch, view, final view, vote or null]`.
    public func encode(to writer: inout CBORWriter) {
        writer.array(4)
        writer.uint(epoch)
        writer.uint(view)
        writer.uint(finalView)
        if let yours { writer.value(yours) } else { writer.null() }
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 4)
        epoch = try reader.uint()
        view = try reader.uint()
        finalView = try reader.uint()
        if reader.isNull {
            try reader.null()
            yours = nil
        } else {
            yours = try reader.value()
        }
    }
}
