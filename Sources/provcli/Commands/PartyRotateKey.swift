import ArgumentParser
import ProvChain

/// Replaces the key that signs. The new key is on disk before the statement is sent, and takes the old
/// one's name only when the rotation is final: at no moment is there no key that works. Interrupted, the
/// command is run again and finishes.
struct PartyRotateKey: Command {
    static let configuration = CommandConfiguration(
        commandName: "rotate-key", abstract: "Replace your signing key by a new one. 轮换密钥。",
        discussion: """
            Makes a new key beside the old one (FILE.new), enrols it with a proof of possession, and renames both: \
            FILE is then the new key, FILE.retired-… the old one. Run it again if it was interrupted.

            Examples:
              provcli party rotate-key
              provcli party rotate-key --alg eddsa --key studio.key
            """)

    @OptionGroup var global: GlobalOptions
    @OptionGroup var making: StatementOptions
    @Option(help: "Algorithm of the new key: es256k or eddsa; else that of the old one.") var alg: String?
    @Flag(help: "Do not encrypt the new key; for development only.") var unencrypted = false

    func run(in context: Context) async throws {
        let path = context.keyPath
        let newPath = path + ".new"
        if !Disk.exists(path), Disk.exists(newPath) {
            // Interrupted between the two renamings: the new key is enrolled already.
            try Disk.move(newPath, to: path)
            try await showOwner(of: path, context)
            return
        }
        let signer = try await context.signer(making)
        let new = try newKey(for: signer.key, newPath, context)
        if !making.offline, try await isEnrolled(new, signer.party, context) {
            try finish(path, newPath, signer.key, new, context)
            try await context.show(.party(signer.party))
            return
        }
        let proof = ProofOfPossession.prove(
            chain: signer.chain.bytes, party: signer.party, purpose: .sign, key: new)
        let payload = RotateKey(
            entry: KeyEntry(purpose: .sign, key: new.publicKey, possession: proof),
            retired: signer.key.publicKey.kid)
        let statement = try signer.sign(.rotateKey(payload)) { _ in .party(signer.party) }
        let described: [String: JSONValue] = [
            "party": .string(URN.party(signer.party).description), "kid": .string(new.publicKey.kid.hex),
            "did": .string(new.publicKey.did),
        ]
        if making.offline {
            context.console.notice(.newKeyKept, ["path": newPath])
            try await context.deliver(statement, making, extra: described)
            return
        }
        let view: StatementView
        do {
            view = try await context.send(Submission(statement: statement.encoded), statement)
        } catch {
            context.console.notice(.newKeyKept, ["path": newPath])
            throw error
        }
        if view.status == .final {
            try finish(path, newPath, signer.key, new, context)
        } else {
            context.console.notice(.newKeyKept, ["path": newPath])
        }
        try await context.printOutcome(view, extra: described)
    }

    private func showOwner(of path: String, _ context: Context) async throws {
        guard case .signature(let key) = try context.keyFile(at: path).key else { return }
        context.console.notice(.keyRotated, ["path": path, "kid": key.kid.hex])
        try await context.show(.party(try await context.holder(of: key.kid)))
    }

    /// The key of an interrupted rotation, or a fresh one.
    private func newKey(for old: SecretKey, _ path: String, _ context: Context) throws -> SecretKey {
        if Disk.exists(path) { return try context.unlockKey(at: path) }
        let algorithm = try alg.map { text throws(CLIError) in try SignatureAlgorithm(argument: text) }
        let key = Context.makeKey(algorithm ?? old.algorithm)
        try context.write(key, to: path, unencrypted: unencrypted, force: false)
        context.showBackup(of: key)
        return key
    }

    private func isEnrolled(_ key: SecretKey, _ party: Digest, _ context: Context) async throws -> Bool {
        let record = try await context.node().stored(KeyRecord.self, .key(key.publicKey.kid))
        return record?.holder == .party(party)
    }

    private func finish(
        _ path: String, _ newPath: String, _ old: SecretKey, _ new: SecretKey, _ context: Context
    ) throws {
        let retired = path + ".retired-" + old.publicKey.kid.hex.prefix(8)
        try Disk.move(path, to: retired)
        try Disk.move(newPath, to: path)
        context.console.notice(.keyRotated, ["path": path, "kid": new.publicKey.kid.hex])
        context.console.notice(.oldKeyKept, ["path": retired])
    }
}
