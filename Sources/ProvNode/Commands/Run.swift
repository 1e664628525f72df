import ArgumentParser
import Foundation
import Logging
import ProvChain
import ServiceLifecycle
import UnixSignals

struct Run: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the node of a home until it is interrupted.",
        discussion: """
            Recovers by itself from a crash at any point. SIGINT or SIGTERM stop it gracefully. While it runs, \
            node.json in the home says where it can be reached.

            EXAMPLES
              provnode run --home ~/provnode
              PROV_PORT=0 provnode run --home ~/provnode
            """)

    @Option(help: "The node's folder, made by `provnode init`.") var home: String
    @Option(help: "Overrides the port of the configuration; 0 lets the system choose.") var port: Int?

    @Option(help: "Go on from a restored backup that ends at this block; asked for once, after a restore.")
    var continueAfter: UInt64?

    @Flag(help: ArgumentHelp("Stop also when standard input ends.", visibility: .hidden)) var untilInputEnds = false

    func validate() throws {
        guard (0...65_535).contains(port ?? 0) else {
            throw ValidationError("--port takes 0 to 65535.", "--port 应为 0 至 65535。")
        }
    }

    func run() async throws {
        ProcessMetrics.markStart()
        ProcessMemory.bound()
        if untilInputEnds { InputEnd.watch() }
        let home = NodeHome(home)
        let environment = ProcessInfo.processInfo.environment
        let genesis = try home.loadGenesis()
        let isRestored = try RestoredHome(home).check(continueAfter: continueAfter)
        var settings = try NodeConfiguration(file: home.configuration, environment: environment)
        settings.port = port ?? settings.port
        try settings.check(members: genesis.genesis.members)
        let logger = settings.logger
        let keys = try ValidatorKeys.load(
            home: home, genesis: genesis.genesis, role: settings.role,
            passphrase: try settings.passphrase(environment: environment))
        let node = try NodeOpening(home: home, genesis: genesis, keys: keys, settings: settings, logger: logger)
            .open(passphrase: try settings.passphrase(environment: environment))
        if isRestored { try RestoredHome(home).accept() }
        try HomeFormat.note(in: home)
        let running = RunningFile(home: home, chain: genesis.genesis.chain)
        let http = HTTPService(
            node: node, host: settings.host, port: settings.port, logger: logger, publicURL: settings.publicURL,
            apis: settings.apis(ofOwn: genesis.genesis, validator: keys?.index),
            onBound: { host, port in running.write(url: "http://\(host):\(port)", logger: logger) })
        defer { running.remove() }
        let group = ServiceGroup(
            configuration: .init(
                services: [
                    .init(service: NodeService(node: node), failureTerminationBehavior: .gracefullyShutdownGroup),
                    .init(service: http, failureTerminationBehavior: .gracefullyShutdownGroup),
                ],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
        logger.info("stopped")
    }
}

/// Opens the stores and recovers the ledger before anything is served.
struct NodeOpening {
    let home: NodeHome
    let genesis: GenesisFile
    /// `nil` for an observer.
    let keys: ValidatorKeys?
    let settings: NodeConfiguration
    let logger: Logger

    /// - Parameter passphrase: of the key with which a node of several validators shows who it is.
    func open(passphrase: [UInt8]? = nil) throws -> Node {
        let stores = try NodeStores(home: home, attachmentQuota: settings.attachmentQuota)
        let ledger = try Recovery(genesis: genesis, stores: stores, logger: logger).run()
        logger.info(
            "chain \(genesis.genesis.origin)",
            metadata: [
                "chain": "\(ledger.chain)", "height": "\(ledger.tip.header.height)",
                "leaves": "\(ledger.tip.history.size)",
            ])
        // What recovery read is free again.
        ProcessMemory.giveBack()
        let isSole = genesis.genesis.validators.count == 1
        let isAlone = isSole && keys != nil && settings.observers.isEmpty
        return try Node(
            home: home, genesis: genesis, keys: keys, stores: stores, ledger: ledger, logger: logger,
            spaceReserve: settings.spaceReserve, search: settings.search,
            votes: isSole ? nil : try openJournal(ledger.chain),
            network: isAlone ? nil : try network(ledger.chain, passphrase), observers: settings.observers)
    }

    private func openJournal(_ chain: Digest) throws -> JournalStore.Opening? {
        guard let keys else { return nil }
        let opening = try JournalStore.open(home.journal, chain: chain, key: keys.vote.publicKey.kid)
        if case .lost(let loss) = opening {
            logger.critical("this node follows and does not vote: \(loss)", metadata: ["journal": "\(home.journal)"])
        }
        return opening
    }

    private func network(_ chain: Digest, _ passphrase: [UInt8]?) throws -> PeerNetwork {
        let identity = try ValidatorKeys.identity(home: home, passphrase: passphrase)
        let validators = genesis.genesis.validators
        if let keys, validators[Int(keys.index)].identity != identity.publicKey {
            throw HomeError.notAValidator(home.key("identity"))
        }
        let known = Set(validators.map(\.identity))
        for (name, key) in settings.observers where known.contains(key) {
            throw ConfigurationError.invalid(
                key: "\"\(name)\" in observers", expected: Phrase("another key: it is a validator's", "其他密钥：这是验证者的密钥"))
        }
        // An observer passes nothing on, so it lets nobody in but those whom it calls.
        let observers = Set(keys == nil ? [] : settings.observers.values.map { $0 })
        var targets: [IdentityKey: (host: String, port: Int)] = [:]
        for validator in validators where validator.identity != identity.publicKey {
            guard let address = settings.peers[genesis.genesis.members[Int(validator.member)].name] else { continue }
            targets[validator.identity] = (address.host, address.port)
        }
        return PeerNetwork(
            PeerNetwork.Configuration(
                chain: chain, identity: identity,
                welcome: known.union(observers).subtracting([identity.publicKey]), observers: observers,
                targets: targets,
                host: settings.peerHost, port: settings.peerPort))
    }
}

/// The node as a service: runs until the group stops, then writes what is in memory.
struct NodeService: Service {
    let node: Node

    func run() async throws {
        let outcome: Result<Void, any Error>
        do {
            try await cancelWhenGracefulShutdown { try await node.runConnected() }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }
        // The first failure is the one to tell: on a full disk closing fails too, for the same reason.
        let closed: Result<Void, any Error>
        do {
            try await node.close()
            closed = .success(())
        } catch {
            closed = .failure(error)
        }
        try outcome.get()
        try closed.get()
    }
}

/// `node.json`: where the running node can be reached.
struct RunningFile: Sendable {
    let home: NodeHome
    let chain: Digest

    struct Content: Codable {
        var url: String
        var pid: Int32
        var chain: String
    }

    func write(url: String, logger: Logger) {
        let content = Content(url: url, pid: getpid(), chain: chain.hex)
        do {
            try JSONEncoder().encode(content).write(to: URL(fileURLWithPath: home.running), options: .atomic)
            logger.info("listening", metadata: ["url": "\(url)"])
        } catch {
            logger.error("cannot write \(home.running): \(error)")
        }
    }

    func remove() { try? FileManager.default.removeItem(atPath: home.running) }

    static func read(_ home: NodeHome) -> Content? {
        FileManager.default.contents(atPath: home.running).flatMap { try? JSONDecoder().decode(Content.self, from: $0) }
    }
}
