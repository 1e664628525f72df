import Foundation
import ProvChain

/// Gives a home that has keys the genesis of a chain, after a look at whether they belong together.
///
/// A founder could leave a member out, or pair its account with another member's name: every proof of possession
/// would still verify. So each member looks for its own keys before it runs a node.
struct GenesisInstallation {
    let home: NodeHome
    let file: GenesisFile

    /// The member whose validator has this home's keys.
    let member: Genesis.Member

    init(home: NodeHome, file: GenesisFile) throws {
        self.home = home
        self.file = file
        let genesis = file.genesis
        let (vote, log, cosign) = (try Self.key("vote", home), try Self.key("log", home), try Self.key("cosign", home))
        let identity = try Self.key("identity", home)
        let validator = genesis.validators.first {
            .signature($0.vote.key) == vote && .signature($0.log.key) == log && .signature($0.cosign.key) == cosign
                && .identity($0.identity) == identity
        }
        guard let validator else { throw HomeError.notAValidator(home.keys) }
        member = genesis.members[Int(validator.member)]
        // The account's key may have been moved to another machine; what is here must fit.
        let account = home.key(MemberKeys.registrarName)
        guard FileManager.default.fileExists(atPath: account) else { return }
        let registrar = try Self.key(MemberKeys.registrarName, home)
        let party = genesis.parties.first { $0.keys.contains { .signature($0.key) == registrar } }
        guard party?.member == validator.member else { throw HomeError.notAnAccount(account, member: member.name) }
    }

    /// Writes the genesis. Last, because its presence means that the home is complete.
    func install() throws {
        try Self.prepareJournal(home, file.genesis)
        try HomeFormat.note(in: home)
        try FileBytes.create(home.genesis, file.cbor)
    }

    /// Begins the journal that a validator of several must have before its first vote. Its key is new to the chain
    /// here, and nowhere else: a home that has none later is one that lost it, and never votes again.
    ///
    /// One that is there already, because an installation was cut short, is kept: what is in it may count.
    static func prepareJournal(_ home: NodeHome, _ genesis: Genesis) throws {
        guard genesis.validators.count > 1 else { return }
        guard case .signature(let vote) = try key("vote", home) else {
            throw HomeError.badFile(home.key("vote"), reason: KeyFileError.otherKind.phrase)
        }
        guard FileManager.default.fileExists(atPath: home.journal) else {
            try JournalStore.create(home.journal, chain: genesis.chain, key: vote.kid)
            return
        }
        guard case .opened = try JournalStore.open(home.journal, chain: genesis.chain, key: vote.kid) else {
            throw HomeError.badFile(
                home.journal,
                reason: Phrase(
                    "it is damaged, or of another key or chain, so the vote key cannot be used; make a new home "
                        + "with `provnode apply` and ask the founder for a genesis with its application",
                    "它已损坏，或属于其他密钥或链，因此投票密钥不能使用；请用 `provnode apply` 新建目录，"
                        + "并向创建者索取包含其申请的创世文件"))
        }
    }

    /// The public half, readable without a passphrase.
    private static func key(_ name: String, _ home: NodeHome) throws -> KeyFile.Key {
        let path = home.key(name)
        let bytes = try FileBytes.read(
            path, whatToDo: Phrase("make the home's keys with `provnode apply` first", "请先用 `provnode apply` 生成此目录的密钥"))
        do {
            return try KeyFile(cbor: bytes).key
        } catch {
            throw HomeError.badFile(path, reason: Phrase(of: error))
        }
    }
}
