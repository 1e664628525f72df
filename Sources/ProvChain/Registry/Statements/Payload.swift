/// What a statement says: one case for each ``StatementType``.
public enum Payload: Hashable, Sendable {
    case openChain(OpenChain)
    case enrolParty(EnrolParty)
    case rotateKey(RotateKey)
    case registerWork(RegisterWork)
    case addVersion(AddVersion)
    case offerTitle(OfferTitle)
    case acceptTitle(AnswerOffer)
    case declineTitle(AnswerOffer)
    case cancelTitle(AnswerOffer)

    public var type: StatementType {
        switch self {
        case .openChain: .openChain
        case .enrolParty: .enrolParty
        case .rotateKey: .rotateKey
        case .registerWork: .registerWork
        case .addVersion: .addVersion
        case .offerTitle: .offerTitle
        case .acceptTitle: .acceptTitle
        case .declineTitle: .declineTitle
        case .cancelTitle: .cancelTitle
        }
    }

    /// The attachments whose hashes the statement commits to.
    public var attachments: [AttachmentReference] {
        switch self {
        case .registerWork(let payload): [payload.metadata, payload.content.manifest]
        case .addVersion(let payload): [payload.content.manifest]
        case .openChain, .enrolParty, .rotateKey, .offerTitle, .acceptTitle, .declineTitle, .cancelTitle: []
        }
    }

    public var cbor: [UInt8] {
        switch self {
        case .openChain(let payload): payload.cbor
        case .enrolParty(let payload): payload.cbor
        case .rotateKey(let payload): payload.cbor
        case .registerWork(let payload): payload.cbor
        case .addVersion(let payload): payload.cbor
        case .offerTitle(let payload): payload.cbor
        case .acceptTitle(let payload), .declineTitle(let payload), .cancelTitle(let payload): payload.cbor
        }
    }

    public init(_ type: StatementType, cbor: [UInt8]) throws(CBORError) {
        switch type {
        case .openChain: self = .openChain(try OpenChain(cbor: cbor))
        case .enrolParty: self = .enrolParty(try EnrolParty(cbor: cbor))
        case .rotateKey: self = .rotateKey(try RotateKey(cbor: cbor))
        case .registerWork: self = .registerWork(try RegisterWork(cbor: cbor))
        case .addVersion: self = .addVersion(try AddVersion(cbor: cbor))
        case .offerTitle: self = .offerTitle(try OfferTitle(cbor: cbor))
        case .acceptTitle: self = .acceptTitle(try AnswerOffer(cbor: cbor))
        case .declineTitle: self = .declineTitle(try AnswerOffer(cbor: cbor))
        case .cancelTitle: self = .cancelTitle(try AnswerOffer(cbor: cbor))
        }
    }
}

extension CBORMapReader {
    /// Key 1 of every payload and of every versioned document: the version of its layout.
    mutating func version(_ known: UInt64, _ reader: inout CBORReader) throws(CBORError) {
        try key(1, &reader)
        let start = reader.offset
        let found = try reader.uint()
        guard found == known else {
            throw CBORError(.invalidValue("layout version \(found); this software knows \(known)"), at: start)
        }
    }
}

/// Bytes kept off the chain, named by their hash. Takedown removes the bytes, never the hash.
public struct AttachmentReference: Hashable, Sendable, CBORCodable {
    public let hash: Digest
    /// Bytes; 1 to ``Limits/attachmentBytes``.
    public let size: UInt64

    public init(hash: Digest, size: UInt64) {
        self.hash = hash
        self.size = size
    }

    public init(to bytes: [UInt8]) { self.init(hash: SHA256.hash(bytes), size: UInt64(bytes.count)) }

    public func encode(to writer: inout CBORWriter) {
        writer.array(2)
        writer.digest(hash)
        writer.uint(size)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 2)
        hash = try reader.digest()
        let start = reader.offset
        size = try reader.uint(atMost: UInt64(Limits.attachmentBytes))
        guard size > 0 else { throw CBORError(.invalidValue("an attachment of no bytes"), at: start) }
    }
}

/// The first statement of a chain: its founder puts a signature under the genesis.
public struct OpenChain: Hashable, Sendable, CBORCodable {
    public init() {}

    public func encode(to writer: inout CBORWriter) {
        writer.map(1)
        writer.uint(1)
        writer.uint(1)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        var map = try CBORMapReader(&reader)
        try map.version(1, &reader)
        try map.finish(reader)
    }
}
