import ProvChain

/// The keys and the genesis of a new chain, all made in one place: by `init` with one member, by `testnet init`
/// with several. Organisations that keep their secrets from each other use applications instead.
struct Founding {
    let file: GenesisFile
    /// In the order of the members.
    let keys: [MemberKeys]

    /// The first member's account opens the chain.
    ///
    /// - Parameters:
    ///   - members: one name or more, all different.
    ///   - time: milliseconds since 1970.
    init(origin: String, members: [String], time: UInt64, parameters: Parameters = Parameters()) throws {
        guard !members.isEmpty else { throw GenesisError.empty("members") }
        keys = try members.map { _ in try MemberKeys() }
        let founders = try zip(keys, members).map { try $0.application(origin: origin, member: $1) }
        let genesis = try Genesis(founders: founders, time: time, parameters: parameters)
        file = try GenesisFile.seal(genesis, by: keys[0].registrar, nonce: SystemRandom.bytes(16))
    }

    init(origin: String, member: String, time: UInt64, parameters: Parameters = Parameters()) throws {
        try self.init(origin: origin, members: [member], time: time, parameters: parameters)
    }

    /// Of the first member.
    var identity: IdentitySecret { keys[0].identity }
    /// Of the first member.
    var accountKeys: [(name: String, key: SecretKey)] { keys[0].signing }
}
