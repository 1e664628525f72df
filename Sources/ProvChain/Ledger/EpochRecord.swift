/// One validator as consensus knows it: its member, and four keys with one use each.
public struct Validator: Hashable, Sendable, CBORCodable {
    public let member: Digest
    /// X25519: transport only.
    public let identity: IdentityKey
    /// Ed25519: consensus votes only.
    public let vote: PublicKey
    /// Ed25519: checkpoints under the origin's name, and receipts.
    public let log: PublicKey
    /// Ed25519: cosignatures of checkpoints under the member's own name.
    public let cosign: PublicKey

    public init(member: Digest, identity: IdentityKey, vote: PublicKey, log: PublicKey, cosign: PublicKey) {
        self.member = member
        self.identity = identity
        self.vote = vote
        self.log = log
        self.cosign = cosign
    }

    public func encode(to writer: inout CBORWriter) {
        writer.array(5)
        writer.digest(member)
        writer.value(identity)
        writer.value(vote)
        writer.value(log)
        writer.value(cosign)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 5)
        member = try reader.digest()
        identity = try reader.value()
        vote = try reader.value()
        log = try reader.value()
        cosign = try reader.value()
    }
}

/// Who validates, and by which parameters, during one epoch. Nothing of this changes in between, and every
/// header commits to the record's hash.
public struct EpochRecord: Hashable, Sendable, CBORCodable {
    public let number: UInt64
    /// Grows when the validators change; equal versions of one chain have equal validators.
    public let setVersion: UInt64
    public let protocolVersion: UInt64
    public let parameters: Parameters
    /// In index order.
    public let validators: [Validator]
    /// The last block of the epoch before the previous one's end: the boundary at which the previous epoch
    /// began. Zero for the first two. (The boundary at which this epoch begins commits to this record.)
    public let previousBoundary: Digest

    public init(
        number: UInt64, setVersion: UInt64, protocolVersion: UInt64, parameters: Parameters,
        validators: [Validator], previousBoundary: Digest
    ) {
        self.number = number
        self.setVersion = setVersion
        self.protocolVersion = protocolVersion
        self.parameters = parameters
        self.validators = validators
        self.previousBoundary = previousBoundary
    }

    public var hash: Digest { DomainTag.epoch.hash(1) { $0.value(self) } }

    /// The epoch after this one, with the same validators and parameters. `boundary` is the block at which
    /// this epoch began.
    public func successor(boundary: Digest) -> EpochRecord {
        EpochRecord(
            number: number + 1, setVersion: setVersion, protocolVersion: protocolVersion, parameters: parameters,
            validators: validators, previousBoundary: boundary)
    }

    public func encode(to writer: inout CBORWriter) {
        writer.array(6)
        writer.uint(number)
        writer.uint(setVersion)
        writer.uint(protocolVersion)
        writer.value(parameters)
        writer.list(validators)
        writer.digest(previousBoundary)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 6)
        number = try reader.uint()
        setVersion = try reader.uint()
        protocolVersion = try reader.uint()
        parameters = try reader.value()
        let start = reader.offset
        validators = try reader.list(atMost: Limits.validators)
        guard !validators.isEmpty else { throw CBORError(.invalidValue("an epoch without validators"), at: start) }
        previousBoundary = try reader.digest()
    }
}
