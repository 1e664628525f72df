/// Why a genesis cannot start a chain.
public enum GenesisError: Error, Hashable, Sendable, CustomStringConvertible {
    case malformed(String)
    case invalidOrigin(String)
    case unknownProtocol(found: UInt64, known: UInt64)
    case empty(String)
    case tooMany(String, limit: Int)
    case duplicateMember(String)
    case noSuchMember(UInt64)
    case duplicateKey(Digest)
    case noPossession(key: Digest, of: String)
    case wrongPurpose(key: Digest, expected: KeyPurpose)
    case noSigningKey(party: Int)
    case noRegistrar
    case badOpening(String)
    case badApplication(member: String, reason: String)

    public var description: String {
        switch self {
        case .malformed(let reason): "the genesis is not well formed: \(reason)"
        case .invalidOrigin(let origin):
            "origin \"\(origin)\" must be 1 to \(Limits.nameBytes) printable ASCII characters without spaces or +"
        case .unknownProtocol(let found, let known):
            "the genesis asks for protocol version \(found); this software knows \(known). Install a newer release"
        case .empty(let what): "the genesis has no \(what)"
        case .tooMany(let what, let limit): "the genesis has more than \(limit) \(what)"
        case .duplicateMember(let name): "two members are called \"\(name)\""
        case .noSuchMember(let index): "there is no member number \(index)"
        case .duplicateKey(let kid): "key \(kid) appears twice; a key is enrolled once, for one purpose"
        case .noPossession(let key, let owner): "key \(key) of \(owner) has no valid proof of possession"
        case .wrongPurpose(let key, let expected): "key \(key) must have purpose \(expected)"
        case .noSigningKey(let party): "party number \(party) has no key with purpose sign"
        case .noRegistrar: "no party is a registrar, so nobody could ever be enrolled"
        case .badOpening(let reason): "the opening statement is not valid: \(reason)"
        case .badApplication(let member, let reason): "the application of \"\(member)\" is not valid: \(reason)"
        }
    }
}

extension Genesis {
    /// An origin is the name in C2SP notes: no spaces, no plus sign, nothing but printable ASCII.
    public static func isOrigin(_ text: String) -> Bool {
        !text.isEmpty && text.utf8.count <= Limits.nameBytes
            && text.utf8.allSatisfy { (0x21...0x7e).contains($0) && $0 != UInt8(ascii: "+") }
    }

    func check() throws(GenesisError) {
        guard Genesis.isOrigin(origin) else { throw .invalidOrigin(origin) }
        guard protocolVersion == Genesis.knownProtocolVersion else {
            throw .unknownProtocol(found: protocolVersion, known: Genesis.knownProtocolVersion)
        }
        guard parameters.areInRange else { throw .malformed("a parameter is 1 to 2^53 - 1") }
        guard time <= Limits.exactInteger else { throw .malformed("its time is at most 2^53 - 1 milliseconds") }
        try checkCount(members.count, "members", Limits.members)
        try checkCount(parties.count, "parties", Limits.genesisParties)
        try checkCount(validators.count, "validators", Limits.validators)
        // By bytes: what Unicode calls equivalent changes with its version.
        var names: Set<[UInt8]> = []
        for member in members {
            guard !member.name.isEmpty, member.name.utf8.count <= Limits.nameBytes else {
                throw .malformed("a member's name has 1 to \(Limits.nameBytes) bytes")
            }
            guard names.insert(Array(member.name.utf8)).inserted else { throw .duplicateMember(member.name) }
        }
        let roles = members.map(\.roles) + parties.map(\.roles)
        guard roles.allSatisfy({ zip($0, $0.dropFirst()).allSatisfy { $0.rawValue < $1.rawValue } }) else {
            throw .malformed("roles must ascend without repetition")
        }
        try checkKeys()
        guard parties.contains(where: { $0.roles.contains(.registrar) }) else { throw .noRegistrar }
    }

    private func checkCount(_ count: Int, _ what: String, _ limit: Int) throws(GenesisError) {
        guard count > 0 else { throw .empty(what) }
        guard count <= limit else { throw .tooMany(what, limit: limit) }
    }

    private func checkKeys() throws(GenesisError) {
        var seen: Set<Digest> = []
        for (index, party) in parties.enumerated() {
            guard party.member < UInt64(members.count) else { throw .noSuchMember(party.member) }
            guard party.keys.count <= Limits.applicationKeys else {
                throw .tooMany("keys of party \(index)", limit: Limits.applicationKeys)
            }
            guard party.keys.contains(where: { $0.purpose == .sign }) else { throw .noSigningKey(party: index) }
            if let entry = party.keys.first(where: { !$0.purpose.isOfAccounts }) {
                throw .wrongPurpose(key: entry.key.kid, expected: .sign)
            }
            let identifier = partyIdentifier(party)
            for entry in party.keys { try check(entry, holder: identifier, owner: "party \(index)", &seen) }
        }
        for (index, validator) in validators.enumerated() {
            guard validator.member < UInt64(members.count) else { throw .noSuchMember(validator.member) }
            let member = memberIdentifier(validator.member)
            let entries = [(validator.vote, KeyPurpose.vote), (validator.log, .log), (validator.cosign, .cosign)]
            for (entry, purpose) in entries {
                guard entry.purpose == purpose, entry.key.algorithm == .edDSA else {
                    throw .wrongPurpose(key: entry.key.kid, expected: purpose)
                }
                try check(entry, holder: member, owner: "validator \(index)", &seen)
            }
            guard seen.insert(validator.identity.kid).inserted else { throw .duplicateKey(validator.identity.kid) }
        }
    }

    private func check(
        _ entry: KeyEntry, holder: Digest, owner: String, _ seen: inout Set<Digest>
    ) throws(GenesisError) {
        guard seen.insert(entry.key.kid).inserted else { throw .duplicateKey(entry.key.kid) }
        guard entry.isPossessed(chain: originBytes, party: holder) else {
            throw .noPossession(key: entry.key.kid, of: owner)
        }
    }
}
