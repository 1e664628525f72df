extension Genesis {
    public func encode(to writer: inout CBORWriter) {
        writer.map(9)
        writer.uint(1)
        writer.uint(Self.formatVersion)
        writer.uint(2)
        writer.text(origin)
        writer.uint(3)
        writer.text(Self.hashSuite)
        writer.uint(4)
        writer.uint(time)
        writer.uint(5)
        writer.uint(protocolVersion)
        writer.uint(6)
        writer.value(parameters)
        writer.uint(7)
        writer.list(members)
        writer.uint(8)
        writer.list(parties)
        writer.uint(9)
        writer.list(validators)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        let start = reader.offset
        var map = try CBORMapReader(&reader)
        try map.version(Self.formatVersion, &reader)
        try map.key(2, &reader)
        origin = try reader.text(atMost: Limits.nameBytes)
        try map.key(3, &reader)
        try reader.text(exactly: Self.hashSuite)
        try map.key(4, &reader)
        time = try reader.uint(atMost: Limits.exactInteger)
        try map.key(5, &reader)
        protocolVersion = try reader.uint()
        try map.key(6, &reader)
        parameters = try reader.value()
        try map.key(7, &reader)
        members = try reader.list(atMost: Limits.members)
        try map.key(8, &reader)
        parties = try reader.list(atMost: Limits.genesisParties)
        try map.key(9, &reader)
        validators = try reader.list(atMost: Limits.validators)
        try map.finish(reader)
        do throws(GenesisError) {
            try check()
        } catch {
            throw CBORError(.invalidValue(error.description), at: start)
        }
    }
}

extension Genesis.Member: CBORCodable {
    public func encode(to writer: inout CBORWriter) {
        writer.array(2)
        writer.text(name)
        writer.roles(roles)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 2)
        name = try reader.text(atMost: Limits.nameBytes)
        roles = try reader.roles()
    }
}

extension Genesis.Party: CBORCodable {
    public func encode(to writer: inout CBORWriter) {
        writer.array(4)
        writer.uint(member)
        writer.uint(kind.rawValue)
        writer.roles(roles)
        writer.list(keys)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 4)
        member = try reader.uint()
        kind = try reader.vocabulary(PartyKind.self)
        roles = try reader.roles()
        keys = try reader.list(atMost: Limits.applicationKeys)
    }
}

extension Genesis.ValidatorEntry: CBORCodable {
    public func encode(to writer: inout CBORWriter) {
        writer.array(5)
        writer.uint(member)
        writer.value(identity)
        writer.value(vote)
        writer.value(log)
        writer.value(cosign)
    }

    public init(from reader: inout CBORReader) throws(CBORError) {
        try reader.array(count: 5)
        member = try reader.uint()
        identity = try reader.value()
        vote = try reader.value()
        log = try reader.value()
        cosign = try reader.value()
    }
}
