/// A public key with what it may be used for, and the proof that the applicant holds its secret half.
public struct KeyEntry: Hashable, Sendable, CBORCodable {
    public let purpose: KeyPurpose
    public let key: PublicKey
    /// A signature by `key` over ``ProofOfPossession/message(chain:party:purpose:key:)``: 64 bytes.
    public let possession: [UInt8]

    public init(purpose: KeyPurpose, key: PublicKey, possession: [UInt8]) {
        self.purpose = purpose
        self.key = key
        self.possession = possession
    }

    public func encode(to writer: inout CBORWriter) {
        writer.array(3)
        writer.uint(purpose.rawValue)
        writer.value(key)
        writer.byteString(possession)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 3)
        purpose = try reader.vocabulary(KeyPurpose.self)
        key = try reader.value()
        possession = try reader.byteString(count: 64)
    }

    /// True if the proof of possession was made for this chain (or, in a genesis, this origin) and party.
    public func isPossessed(chain: [UInt8], party: Digest) -> Bool {
        key.verify(
            signature: possession,
            message: ProofOfPossession.message(chain: chain, party: party, purpose: purpose, key: key))
    }
}

/// What a future party signs by itself and hands to a registrar, who enrols it. No personal data: an
/// identity appears only as a salted commitment.
public struct PartyApplication: Hashable, Sendable, CBORCodable {
    public let kind: PartyKind
    /// At least one with purpose `sign`; the first of those names the party for life.
    public let keys: [KeyEntry]
    public let identityCommitment: Digest?

    public init(kind: PartyKind, keys: [KeyEntry], identityCommitment: Digest? = nil) {
        self.kind = kind
        self.keys = keys
        self.identityCommitment = identityCommitment
    }

    /// The party's identifier: SHA-256 of CBOR `[tag, chain, kid]` over the first signing key.
    /// `chain` is the 32-byte chain id, or the origin's name (UTF-8) for a party of the genesis.
    public static func identifier(chain: [UInt8], firstKey: Digest) -> Digest {
        DomainTag.partyIdentifier.hash(2) { writer in
            writer.byteString(chain)
            writer.digest(firstKey)
        }
    }

    public func encode(to writer: inout CBORWriter) {
        writer.map(identityCommitment == nil ? 3 : 4)
        writer.uint(1)
        writer.uint(1)
        writer.uint(2)
        writer.uint(kind.rawValue)
        writer.uint(3)
        writer.list(keys)
        if let identityCommitment {
            writer.uint(4)
            writer.digest(identityCommitment)
        }
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        let start = reader.offset
        var map = try CBORMapReader(&reader)
        try map.version(1, &reader)
        try map.key(2, &reader)
        kind = try reader.vocabulary(PartyKind.self)
        try map.key(3, &reader)
        keys = try reader.list(atMost: Limits.applicationKeys)
        identityCommitment = try map.optionalKey(4, &reader) ? try reader.digest() : nil
        try map.finish(reader)
        guard keys.contains(where: { $0.purpose == .sign }) else {
            throw CBORError(.invalidValue("an application needs a key with purpose sign"), at: start)
        }
        guard keys.allSatisfy(\.purpose.isOfAccounts) else {
            throw CBORError(
                .invalidValue("a party's keys sign, recover or delegate; others are a validator's"), at: start)
        }
        guard Set(keys.map(\.key.kid)).count == keys.count else {
            throw CBORError(.invalidValue("an application lists a key twice"), at: start)
        }
    }
}

/// A registrar enrols a party from its signed application.
public struct EnrolParty: Hashable, Sendable, CBORCodable {
    /// The ``SignedApplication``, exactly as the applicant signed it.
    public let application: [UInt8]
    /// How well the member checked the identity: 0 not at all, up to 3.
    public let realNameLevel: UInt64

    public static let maximumRealNameLevel: UInt64 = 3

    public init(application: [UInt8], realNameLevel: UInt64 = 0) {
        self.application = application
        self.realNameLevel = realNameLevel
    }

    public func encode(to writer: inout CBORWriter) {
        writer.map(3)
        writer.uint(1)
        writer.uint(1)
        writer.uint(2)
        writer.byteString(application)
        writer.uint(3)
        writer.uint(realNameLevel)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        var map = try CBORMapReader(&reader)
        try map.version(1, &reader)
        try map.key(2, &reader)
        application = try reader.byteString(atMost: Limits.applicationBytes)
        try map.key(3, &reader)
        realNameLevel = try reader.uint(atMost: Self.maximumRealNameLevel)
        try map.finish(reader)
    }
}

/// A party replaces one of its signing keys. The old key signs; the new one proves possession.
public struct RotateKey: Hashable, Sendable, CBORCodable {
    public let entry: KeyEntry
    /// The thumbprint of the key that is retired.
    public let retired: Digest

    public init(entry: KeyEntry, retired: Digest) {
        self.entry = entry
        self.retired = retired
    }

    public func encode(to writer: inout CBORWriter) {
        writer.map(3)
        writer.uint(1)
        writer.uint(1)
        writer.uint(2)
        writer.value(entry)
        writer.uint(3)
        writer.digest(retired)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        var map = try CBORMapReader(&reader)
        try map.version(1, &reader)
        try map.key(2, &reader)
        entry = try reader.value()
        try map.key(3, &reader)
        retired = try reader.digest()
        try map.finish(reader)
    }
}
