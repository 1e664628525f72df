/// Why a genesis cannot start a chain.
public enum GenesisError: Hashable, Sendable, Spoken {
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

    public var phrase: Phrase {
        switch self {
        case .malformed(let reason):
            Phrase(
                "the genesis is not well formed: \(reason)",
                "创世文件格式不正确：\(reason)")
        case .invalidOrigin(let origin):
            Phrase(
                "origin \"\(origin)\" must be 1 to \(Limits.nameBytes) printable ASCII characters without spaces or +",
                "origin “\(origin)”应为 1 至 \(Limits.nameBytes) 个可打印 ASCII 字符，不含空格和 +")
        case .unknownProtocol(let found, let known):
            Phrase(
                "the genesis asks for protocol version \(found); this software knows \(known). Install a newer release",
                "创世文件要求协议版本 \(found)，本软件支持 \(known)。请安装较新的版本")
        case .empty(let what):
            Phrase(
                "the genesis has no \(what)",
                "创世文件中没有 \(what)")
        case .tooMany(let what, let limit):
            Phrase(
                "the genesis has more than \(limit) \(what)",
                "创世文件中的 \(what) 多于 \(limit)")
        case .duplicateMember(let name):
            Phrase(
                "two members are called \"\(name)\"",
                "两个成员同名：“\(name)”")
        case .noSuchMember(let index):
            Phrase(
                "there is no member number \(index)",
                "没有编号为 \(index) 的成员")
        case .duplicateKey(let kid):
            Phrase(
                "key \(kid) appears twice; a key is enrolled once, for one purpose",
                "密钥 \(kid) 出现两次；每把密钥只登记一次、用于一种用途")
        case .noPossession(let key, let owner):
            Phrase(
                "key \(key) of \(owner) has no valid proof of possession",
                "\(owner) 的密钥 \(key) 没有有效的持有证明")
        case .wrongPurpose(let key, let expected):
            Phrase(
                "key \(key) must have purpose \(expected)",
                "密钥 \(key) 的用途应为 \(expected)")
        case .noSigningKey(let party):
            Phrase(
                "party number \(party) has no key with purpose sign",
                "编号为 \(party) 的主体没有用途为 sign 的密钥")
        case .noRegistrar:
            Phrase(
                "no party is a registrar, so nobody could ever be enrolled",
                "没有登记员，因此任何人都无法登记")
        case .badOpening(let reason):
            Phrase(
                "the opening statement is not valid: \(reason)",
                "开链声明无效：\(reason)")
        case .badApplication(let member, let reason):
            Phrase(
                "the application of \"\(member)\" is not valid: \(reason)",
                "“\(member)”的申请无效：\(reason)")
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
