import ProvChain

/// The keys with which a validator signs, opened once at the start.
struct ValidatorKeys: Sendable {
    /// The validator's place in the epoch's order.
    let index: UInt64
    let vote: SecretKey
    let log: SecretKey
    let cosign: SecretKey

    /// The keys of a home by its role; `nil` for an observer, whose one key is no validator's.
    static func load(
        home: NodeHome, genesis: Genesis, role: NodeConfiguration.Role, passphrase: [UInt8]?
    ) throws -> ValidatorKeys? {
        switch role {
        case .validator: return try ValidatorKeys(home: home, genesis: genesis, passphrase: passphrase)
        case .observer:
            let identity = try identity(home: home, passphrase: passphrase).publicKey
            guard !genesis.validators.contains(where: { $0.identity == identity }) else {
                throw HomeError.notAnObserver(home.key("identity"))
            }
            return nil
        }
    }

    /// Opens the keys in a home and finds the validator whose keys they are.
    init(home: NodeHome, genesis: Genesis, passphrase: [UInt8]?) throws {
        let vote = try Self.open(home.key("vote"), passphrase)
        let log = try Self.open(home.key("log"), passphrase)
        let cosign = try Self.open(home.key("cosign"), passphrase)
        let place = genesis.validators.firstIndex {
            $0.vote.key == vote.publicKey && $0.log.key == log.publicKey && $0.cosign.key == cosign.publicKey
        }
        guard let place else { throw HomeError.notAValidator(home.keys) }
        self.vote = vote
        self.log = log
        self.cosign = cosign
        index = UInt64(place)
    }

    /// The key with which the node shows other nodes who it is.
    static func identity(home: NodeHome, passphrase: [UInt8]?) throws -> IdentitySecret {
        try read(home.key("identity"), passphrase) { file, passphrase in
            try file.openIdentity(passphrase: passphrase)
        }
    }

    /// A signing key from its file.
    static func open(_ path: String, _ passphrase: [UInt8]?) throws -> SecretKey {
        try read(path, passphrase) { file, passphrase in try file.open(passphrase: passphrase) }
    }

    private static func read<Key>(
        _ path: String, _ passphrase: [UInt8]?, _ open: (KeyFile, [UInt8]?) throws -> Key
    ) throws -> Key {
        let bytes = try FileBytes.read(path, whatToDo: Phrase("restore it from its backup", "请从备份恢复"))
        do {
            let file = try KeyFile(cbor: bytes)
            guard file.isPlaintext || passphrase != nil else { throw HomeError.passphraseNeeded(path) }
            return try open(file, file.isPlaintext ? nil : passphrase)
        } catch let error as HomeError {
            throw error
        } catch {
            throw HomeError.badFile(path, reason: Phrase(of: error))
        }
    }
}
