/// What an organisation hands to the others before there is a chain: the public halves of its keys, with the
/// proofs that it holds the secret ones. It is a public file; a genesis is made of one for each member.
///
/// The account's key signs the whole application, because one key in it, the transport key, cannot prove
/// itself: without the signature, whoever passes the file on could put a transport key of their own in it.
public struct MemberApplication: Hashable, Sendable, CBORCodable {
    /// What the chain will be called; proofs of possession hold for this origin alone.
    public let origin: String
    /// The member's name, public and for good.
    public let name: String
    /// X25519, for transport.
    public let identity: IdentityKey
    public let vote: KeyEntry
    public let log: KeyEntry
    public let cosign: KeyEntry
    /// The first key of the member's own account, which administrates and enrols the member's parties.
    public let account: KeyEntry
    /// By the account's key over everything before it: 64 bytes.
    public let signature: [UInt8]

    public static let formatVersion: UInt64 = 1
    /// Bytes that are enough for every application.
    public static let maximumBytes = 4_096

    /// The secret keys of which an application has the public halves.
    public struct Secrets: Sendable {
        public let identity: IdentitySecret
        public let vote: SecretKey
        public let log: SecretKey
        public let cosign: SecretKey
        public let account: SecretKey

        public init(
            identity: IdentitySecret, vote: SecretKey, log: SecretKey, cosign: SecretKey, account: SecretKey
        ) {
            self.identity = identity
            self.vote = vote
            self.log = log
            self.cosign = cosign
            self.account = account
        }
    }

    /// Proves and signs. Throws a ``GenesisError`` for an origin or a name that no genesis takes.
    public init(origin: String, name: String, secrets: Secrets) throws(GenesisError) {
        let chain = Array(origin.utf8)
        func entry(_ key: SecretKey, _ purpose: KeyPurpose, _ holder: Digest) -> KeyEntry {
            let proof = ProofOfPossession.prove(chain: chain, party: holder, purpose: purpose, key: key)
            return KeyEntry(purpose: purpose, key: key.publicKey, possession: proof)
        }
        let member = Genesis.memberIdentifier(origin: origin, name: name)
        let party = PartyApplication.identifier(chain: chain, firstKey: secrets.account.publicKey.kid)
        self.origin = origin
        self.name = name
        identity = secrets.identity.publicKey
        vote = entry(secrets.vote, .vote, member)
        log = entry(secrets.log, .log, member)
        cosign = entry(secrets.cosign, .cosign, member)
        account = entry(secrets.account, .sign, party)
        let content = Content(
            origin: origin, name: name, identity: identity, vote: vote, log: log, cosign: cosign, account: account)
        signature = secrets.account.sign(content.signed)
        try check(content)
    }

    /// Everything that is wrong with an application, a genesis of it alone would say; but for the signature.
    private func check(_ content: Content) throws(GenesisError) {
        _ = try Genesis(founders: [self], time: 0)
        guard account.key.verify(signature: signature, message: content.signed) else {
            throw .badApplication(member: name, reason: "its account's signature does not verify")
        }
    }

    /// What the signature covers.
    private struct Content {
        let origin: String
        let name: String
        let identity: IdentityKey
        let vote: KeyEntry
        let log: KeyEntry
        let cosign: KeyEntry
        let account: KeyEntry

        func encode(to writer: inout CBORWriter) {
            writer.text(origin)
            writer.text(name)
            writer.value(identity)
            writer.value(vote)
            writer.value(log)
            writer.value(cosign)
            writer.value(account)
        }

        var signed: [UInt8] { DomainTag.memberApplication.input(7) { encode(to: &$0) } }
    }

    private var content: Content {
        Content(
            origin: origin, name: name, identity: identity, vote: vote, log: log, cosign: cosign, account: account)
    }

    /// Writes [version, origin, name, identity, vote, log, cosign, account, signature].
    public func encode(to writer: inout CBORWriter) {
        writer.array(9)
        writer.uint(Self.formatVersion)
        content.encode(to: &writer)
        writer.byteString(signature)
    }

    /// Reads an application and checks every proof in it.
    public init(from reader: inout CBORReader) throws(CBORError) {
        let start = reader.offset
        try reader.array(count: 9)
        let version = try reader.uint()
        guard version == Self.formatVersion else {
            throw CBORError(.invalidValue("a member application of version \(version), not 1"), at: start)
        }
        origin = try reader.text(atMost: Limits.nameBytes)
        name = try reader.text(atMost: Limits.nameBytes)
        identity = try reader.value()
        vote = try reader.value()
        log = try reader.value()
        cosign = try reader.value()
        account = try reader.value()
        signature = try reader.byteString(count: 64)
        do throws(GenesisError) {
            try check(content)
        } catch {
            throw CBORError(.invalidValue(error.description), at: start)
        }
    }
}

extension Genesis {
    /// A chain of these members, in this order, each with one validator and one account, which is administrator
    /// and registrar: a registrar enrols parties of its own member only.
    ///
    /// Every proof of possession is checked again, for the origin and the name it was made for.
    public init(
        founders: [MemberApplication], time: UInt64, parameters: Parameters = Parameters()
    ) throws(GenesisError) {
        guard let origin = founders.first?.origin else { throw .empty("members") }
        if let other = founders.first(where: { $0.origin != origin }) {
            throw .badApplication(
                member: other.name, reason: "it is for origin \"\(other.origin)\", not \"\(origin)\"")
        }
        try self.init(
            origin: origin, time: time, parameters: parameters, members: founders.map { Member(name: $0.name) },
            parties: founders.enumerated().map { place, founder in
                Party(
                    member: UInt64(place), kind: .organisation, roles: [.administrator, .registrar],
                    keys: [founder.account])
            },
            validators: founders.enumerated().map { place, founder in
                ValidatorEntry(
                    member: UInt64(place), identity: founder.identity, vote: founder.vote, log: founder.log,
                    cosign: founder.cosign)
            })
    }
}
