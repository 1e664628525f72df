/// What the members of a consortium agree on before the first block.
public struct Genesis: Hashable, Sendable, CBORCodable {
    /// The chain's human name, and the origin of its transparency log: a schema-less URL without spaces or `+`.
    public let origin: String
    /// Milliseconds since 1970: the time of block 0.
    public let time: UInt64
    public let protocolVersion: UInt64
    public let parameters: Parameters
    public let members: [Member]
    public let parties: [Party]
    /// In index order.
    public let validators: [ValidatorEntry]

    public struct Member: Hashable, Sendable {
        public let name: String
        public let roles: [Role]

        public init(name: String, roles: [Role] = []) {
            self.name = name
            self.roles = roles
        }
    }

    /// A party that is there from the start: at least one administrator, and somebody who can enrol others.
    public struct Party: Hashable, Sendable {
        /// Index into ``Genesis/members``.
        public let member: UInt64
        public let kind: PartyKind
        public let roles: [Role]
        public let keys: [KeyEntry]

        public init(member: UInt64, kind: PartyKind, roles: [Role], keys: [KeyEntry]) {
            self.member = member
            self.kind = kind
            self.roles = roles
            self.keys = keys
        }
    }

    /// A validator with the proofs that its member holds the secret halves.
    public struct ValidatorEntry: Hashable, Sendable {
        /// Index into ``Genesis/members``.
        public let member: UInt64
        /// X25519, for transport only; it proves itself in the handshake.
        public let identity: IdentityKey
        public let vote: KeyEntry
        public let log: KeyEntry
        public let cosign: KeyEntry

        public init(member: UInt64, identity: IdentityKey, vote: KeyEntry, log: KeyEntry, cosign: KeyEntry) {
            self.member = member
            self.identity = identity
            self.vote = vote
            self.log = log
            self.cosign = cosign
        }
    }

    public static let formatVersion: UInt64 = 1
    /// The one suite there is; a successor gets another name.
    public static let hashSuite = "sha-256"
    public static let knownProtocolVersion: UInt64 = 1

    /// Checks everything that a node relies on; throws a ``GenesisError`` that says what is wrong.
    public init(
        origin: String, time: UInt64, parameters: Parameters, members: [Member], parties: [Party],
        validators: [ValidatorEntry], protocolVersion: UInt64 = Genesis.knownProtocolVersion
    ) throws(GenesisError) {
        self.origin = origin
        self.time = time
        self.protocolVersion = protocolVersion
        self.parameters = parameters
        self.members = members
        self.parties = parties
        self.validators = validators
        try check()
    }

    /// SHA-256 of CBOR `[tag, genesis]`.
    public var chain: Digest { DomainTag.chain.hash(1) { $0.value(self) } }

    /// What stands for the chain id in proofs of possession made before it exists.
    public var originBytes: [UInt8] { Array(origin.utf8) }

    public func memberIdentifier(_ index: UInt64) -> Digest {
        DomainTag.memberIdentifier.hash(2) { writer in
            writer.text(origin)
            writer.text(members[Int(index)].name)
        }
    }

    public static func memberIdentifier(origin: String, name: String) -> Digest {
        DomainTag.memberIdentifier.hash(2) { writer in
            writer.text(origin)
            writer.text(name)
        }
    }

    /// The identifier of a genesis party, which follows from its first signing key.
    public func partyIdentifier(_ party: Party) -> Digest {
        guard let first = party.keys.first(where: { $0.purpose == .sign }) else {
            preconditionFailure("a checked genesis has a signing key for each party")
        }
        return PartyApplication.identifier(chain: originBytes, firstKey: first.key.kid)
    }

    /// The records that the first block writes, in a fixed order.
    var records: [(URN, any Record)] {
        var records: [(URN, any Record)] = [
            (.chain(chain), ChainRecord(origin: origin, protocolVersion: protocolVersion, parameters: parameters))
        ]
        for (index, member) in members.enumerated() {
            records.append(
                (.member(memberIdentifier(UInt64(index))), MemberRecord(name: member.name, roles: member.roles)))
        }
        for party in parties {
            let identifier = partyIdentifier(party)
            records.append(
                (
                    .party(identifier),
                    PartyRecord(
                        kind: party.kind, member: memberIdentifier(party.member), roles: party.roles,
                        keys: party.keys.map(\.key.kid), realNameLevel: 0, identityCommitment: nil)
                ))
            for entry in party.keys {
                records.append(
                    (
                        .key(entry.key.kid),
                        KeyRecord(holder: .party(identifier), purpose: entry.purpose, key: entry.key, fromHeight: 0)
                    ))
            }
        }
        for validator in validators {
            for entry in [validator.vote, validator.log, validator.cosign] {
                records.append(
                    (
                        .key(entry.key.kid),
                        KeyRecord(
                            holder: .member(memberIdentifier(validator.member)), purpose: entry.purpose,
                            key: entry.key, fromHeight: 0)
                    ))
            }
        }
        return records
    }

    /// The validators and parameters that the first epoch starts with.
    public var firstEpoch: EpochRecord {
        EpochRecord(
            number: 0, setVersion: 0, protocolVersion: protocolVersion, parameters: parameters,
            validators: validators.map { entry in
                Validator(
                    member: memberIdentifier(entry.member), identity: entry.identity, vote: entry.vote.key,
                    log: entry.log.key, cosign: entry.cosign.key)
            },
            previousBoundary: .zero)
    }
}

/// What a chain is called and which rules it follows.
public struct ChainRecord: Record {
    public let origin: String
    public let protocolVersion: UInt64
    public let parameters: Parameters

    public func encode(to writer: inout CBORWriter) {
        writer.map(3)
        writer.uint(1)
        writer.text(origin)
        writer.uint(2)
        writer.uint(protocolVersion)
        writer.uint(3)
        writer.value(parameters)
    }

    init(origin: String, protocolVersion: UInt64, parameters: Parameters) {
        self.origin = origin
        self.protocolVersion = protocolVersion
        self.parameters = parameters
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        var map = try CBORMapReader(&reader)
        try map.key(1, &reader)
        origin = try reader.text(atMost: Limits.nameBytes)
        try map.key(2, &reader)
        protocolVersion = try reader.uint()
        try map.key(3, &reader)
        parameters = try reader.value()
        try map.finish(reader)
    }
}
