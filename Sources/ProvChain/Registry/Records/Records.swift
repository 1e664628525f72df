/// What the state keeps under a URN. Each kind of URN has one type of record.
public protocol Record: CBORCodable, Hashable, Sendable {}

/// A member organisation of the consortium.
public struct MemberRecord: Record {
    public let name: String
    public let roles: [Role]

    public init(name: String, roles: [Role]) {
        self.name = name
        self.roles = roles
    }

    public func encode(to writer: inout CBORWriter) {
        writer.map(2)
        writer.uint(1)
        writer.text(name)
        writer.uint(2)
        writer.roles(roles)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        var map = try CBORMapReader(&reader)
        try map.key(1, &reader)
        name = try reader.text(atMost: Limits.nameBytes)
        try map.key(2, &reader)
        roles = try reader.roles()
        try map.finish(reader)
    }
}

/// A person, organisation or agent that can make statements.
public struct PartyRecord: Record {
    public let kind: PartyKind
    public let member: Digest
    public let roles: [Role]
    /// Keys in force, by thumbprint, in the order of enrolment.
    public var keys: [Digest]
    public let realNameLevel: UInt64
    public let identityCommitment: Digest?

    public init(
        kind: PartyKind, member: Digest, roles: [Role], keys: [Digest], realNameLevel: UInt64,
        identityCommitment: Digest?
    ) {
        self.kind = kind
        self.member = member
        self.roles = roles
        self.keys = keys
        self.realNameLevel = realNameLevel
        self.identityCommitment = identityCommitment
    }

    public func encode(to writer: inout CBORWriter) {
        writer.map(identityCommitment == nil ? 5 : 6)
        writer.uint(1)
        writer.uint(kind.rawValue)
        writer.uint(2)
        writer.digest(member)
        writer.uint(3)
        writer.roles(roles)
        writer.uint(4)
        writer.digests(keys)
        writer.uint(5)
        writer.uint(realNameLevel)
        if let identityCommitment {
            writer.uint(6)
            writer.digest(identityCommitment)
        }
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        var map = try CBORMapReader(&reader)
        try map.key(1, &reader)
        kind = try reader.vocabulary(PartyKind.self)
        try map.key(2, &reader)
        member = try reader.digest()
        try map.key(3, &reader)
        roles = try reader.roles()
        try map.key(4, &reader)
        keys = try reader.digests(atMost: Limits.applicationKeys)
        try map.key(5, &reader)
        realNameLevel = try reader.uint()
        identityCommitment = try map.optionalKey(6, &reader) ? try reader.digest() : nil
        try map.finish(reader)
    }
}

/// A public key, enrolled once for ever.
public struct KeyRecord: Record {
    /// The party that holds it, or the member whose validator does.
    public let holder: URN
    public let purpose: KeyPurpose
    public let key: PublicKey
    /// Valid for statements in blocks from this height on.
    public let fromHeight: UInt64
    /// Retired for statements in blocks after this height.
    public var untilHeight: UInt64?

    public init(holder: URN, purpose: KeyPurpose, key: PublicKey, fromHeight: UInt64, untilHeight: UInt64? = nil) {
        self.holder = holder
        self.purpose = purpose
        self.key = key
        self.fromHeight = fromHeight
        self.untilHeight = untilHeight
    }

    public func encode(to writer: inout CBORWriter) {
        writer.map(untilHeight == nil ? 4 : 5)
        writer.uint(1)
        writer.value(holder)
        writer.uint(2)
        writer.uint(purpose.rawValue)
        writer.uint(3)
        writer.value(key)
        writer.uint(4)
        writer.uint(fromHeight)
        if let untilHeight {
            writer.uint(5)
            writer.uint(untilHeight)
        }
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        var map = try CBORMapReader(&reader)
        try map.key(1, &reader)
        holder = try reader.value()
        try map.key(2, &reader)
        purpose = try reader.vocabulary(KeyPurpose.self)
        try map.key(3, &reader)
        key = try reader.value()
        try map.key(4, &reader)
        fromHeight = try reader.uint()
        untilHeight = try map.optionalKey(5, &reader) ? try reader.uint() : nil
        try map.finish(reader)
    }
}

extension CBORWriter {
    mutating func roles(_ roles: [Role]) {
        array(roles.count)
        for role in roles { uint(role.rawValue) }
    }
}

extension CBORReader {
    /// Roles, ascending, each at most once.
    mutating func roles() throws(CBORError) -> [Role] {
        let start = offset
        var roles: [Role] = []
        for _ in 0..<(try array(atMost: Role.allCases.count)) { roles.append(try vocabulary(Role.self)) }
        guard zip(roles, roles.dropFirst()).allSatisfy({ $0.rawValue < $1.rawValue }) else {
            throw CBORError(.invalidValue("roles must ascend without repetition"), at: start)
        }
        return roles
    }
}
