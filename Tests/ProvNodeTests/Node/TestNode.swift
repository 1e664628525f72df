import Foundation
import Logging
import ProvChain
import Testing

@testable import ProvNode

/// A node in a folder of its own, without HTTP: it can be stopped, dropped without a stop, and opened again.
final class TestNode {
    let home: NodeHome
    let founding: Founding
    private(set) var node: Node
    private var task: Task<Void, any Error>?
    /// Variables that override the configuration.
    private let environment: [String: String]

    var chain: Digest { founding.file.genesis.chain }
    var registrar: SecretKey { founding.accountKeys.first { $0.name == "registrar" }!.key }
    var registrarID: Digest { founding.file.genesis.partyIdentifier(founding.file.genesis.parties[0]) }

    init(parameters: Parameters = Parameters(), environment: [String: String] = [:]) async throws {
        self.environment = environment
        home = NodeHome(NSTemporaryDirectory() + "provnode-test-\(UUID().uuidString)")
        try FileManager.default.createDirectory(atPath: home.keys, withIntermediateDirectories: true)
        founding = try Founding(
            origin: "test.example/log", member: "Museum", time: WallClock.now() - 1_000, parameters: parameters)
        for (name, key) in founding.accountKeys {
            try FileBytes.create(home.key(name), try KeyFile.seal(key, .plaintext), isSecret: true)
        }
        try FileBytes.create(home.genesis, founding.file.cbor)
        node = try Self.open(home, environment)
        start()
    }

    deinit {
        task?.cancel()
        try? FileManager.default.removeItem(atPath: home.path)
    }

    static func open(_ home: NodeHome, _ environment: [String: String] = [:]) throws -> Node {
        let genesis = try home.loadGenesis()
        return try NodeOpening(
            home: home, genesis: genesis,
            keys: try ValidatorKeys(home: home, genesis: genesis.genesis, passphrase: nil),
            settings: try NodeConfiguration(file: "", environment: environment),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        ).open()
    }

    private func start() {
        let node = node
        task = Task { try await node.run() }
    }

    /// Stops gracefully and opens again what the disk holds.
    func restart() async throws {
        task?.cancel()
        _ = await task?.result
        try await node.close()
        node = try Self.open(home, environment)
        start()
    }

    /// Stops, changes what is on the disk, and tries to open it.
    func reopen(after change: (NodeHome) throws -> Void) async throws {
        task?.cancel()
        _ = await task?.result
        try await node.close()
        try change(home)
        node = try Self.open(home, environment)
        start()
    }

    // MARK: Statements

    func draft(
        _ payload: Payload, by key: SecretKey, issuer: Digest, subject: (Digest) -> URN, lifetime: UInt64 = 1_800
    ) throws -> Statement {
        let nonce = SystemRandom.bytes(16)
        let now = WallClock.now() / 1_000
        let derived = Statement.derivedIdentifier(chain: chain, issuer: issuer, nonce: nonce)
        return try StatementDraft(
            claims: .init(
                issuer: issuer, subject: subject(derived), chain: chain, expiry: now + lifetime, issuedAt: now,
                nonce: nonce),
            payload: payload
        ).signed(by: key)
    }

    func submit(_ statement: Statement, _ attachments: [[UInt8]] = []) async throws -> StatementView {
        try await node.submit(Submission(statement: statement.encoded, attachments: attachments), wait: true)
    }

    func enrol(_ algorithm: SignatureAlgorithm = .es256k) async throws -> (party: Digest, key: SecretKey) {
        let key = try SecretKey(algorithm: algorithm, secret: SystemRandom.bytes(32))
        let application = try SignedApplication.make(kind: .person, key: key, chain: chain)
        let statement = try draft(
            .enrolParty(EnrolParty(application: application.encoded)), by: registrar, issuer: registrarID,
            subject: { _ in .party(application.party) })
        let view = try await submit(statement)
        #expect(view.status == .final)
        return (application.party, key)
    }

    /// A registration of made-up bytes, with its attachments.
    func registration(
        of bytes: [UInt8], title: String, by owner: (party: Digest, key: SecretKey), prints: [Manifest.Print] = [],
        codes: [Manifest.Code] = []
    ) throws -> (statement: Statement, attachments: [[UInt8]], manifest: Manifest) {
        let file = Manifest.File(
            path: "model.glb", mediaType: "model/gltf-binary", size: UInt64(bytes.count), sha256: SHA256.hash(bytes))
        let manifest = Manifest(files: [file], prints: prints, codes: codes)
        let metadata = WorkMetadata(title: title)
        let payload = RegisterWork(
            category: .model3D, basis: .author, metadata: AttachmentReference(to: metadata.cbor),
            content: VersionContent(
                manifestRoot: manifest.root, manifest: AttachmentReference(to: manifest.cbor),
                mediaType: file.mediaType, size: file.size, distinctive: [file.sha256]))
        let statement = try draft(
            .registerWork(payload), by: owner.key, issuer: owner.party, subject: { .work($0) })
        return (statement, [manifest.cbor, metadata.cbor], manifest)
    }
}
