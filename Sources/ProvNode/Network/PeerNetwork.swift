import Logging
import NIOCore
import NIOPosix
import ProvChain

/// A node's connections to the other nodes of its chain: listens, dials, dials again, and keeps one connection
/// to each peer. Who may connect is given: identities, as the chain names them.
///
/// What happens is told, in order, by ``run(_:)``. What to do with it is ``Gossip``'s to say.
///
/// It shares a thread with the node that it belongs to (``thread``): what one event loop hands over in one go is one
/// wake-up of that thread, and from there to the node it is a call.
actor PeerNetwork {
    struct Configuration: Sendable {
        let chain: Digest
        let identity: IdentitySecret
        /// Everybody who may be at the other end.
        var welcome: Set<IdentityKey>
        /// Of them, those that are no validators.
        var observers: Set<IdentityKey> = []
        /// Peers to dial.
        var targets: [IdentityKey: (host: String, port: Int)]
        var host = "0.0.0.0"
        /// 0 lets the system choose.
        var port = 0
        var timeouts = NetworkTimeouts()
    }

    enum Event: Sendable {
        case connected(IdentityKey)
        case disconnected(IdentityKey, why: (any Error)?)
        case received(WireMessage, from: IdentityKey, bytes: Int)
        /// What ``write(_:to:)`` was given last was handed to the system.
        case written(IdentityKey)
        case fault(PeerFault, of: IdentityKey)
        /// A connection was refused or came to nothing before anybody was known to be there.
        case refused(any Error)
    }

    private enum Happening: Sendable {
        case dialFailed(IdentityKey)
        case written(PeerLinks.LinkID)
        case tick
    }

    private struct Link {
        let channel: any Channel
        let dialled: IdentityKey?
        var peer: IdentityKey?
    }

    private let configuration: Configuration
    private let group: MultiThreadedEventLoopGroup
    private let inbox = Inbox<Happening, LinkEvent>()
    private let strangers = Strangers()
    private let numbers = LinkNumbers()
    private var listener: (any Channel)?
    private var links: [PeerLinks.LinkID: Link] = [:]
    private var table: PeerLinks
    private var targets: [IdentityKey: (host: String, port: Int)]
    /// Who is not let in, and until when. Only identities that are welcome get here, so it stays small.
    private var blocked: [IdentityKey: UInt64] = [:]
    private var callers = Callers()
    private var isRunning = false
    private let start = NIODeadline.now()
    nonisolated let thread = LedgerThread()
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(_ configuration: Configuration, group: MultiThreadedEventLoopGroup = .singleton) {
        self.configuration = configuration
        self.group = group
        targets = configuration.targets
        table = PeerLinks(
            own: configuration.identity.publicKey, targets: Array(configuration.targets.keys), now: 0,
            tie: configuration.timeouts.tie)
    }

    /// Listens; gives the port in use.
    func listen() async throws -> Int {
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: NetworkLimits.backlog)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { [self] channel in accept(channel) }
            .bind(host: configuration.host, port: configuration.port).get()
        listener = channel
        return channel.localAddress?.port ?? configuration.port
    }

    /// The port in use; `nil` before ``listen()`` and after the end.
    var port: Int? { listener?.localAddress?.port }

    /// Who is dialled from now on, and where. Connections that stand are left alone.
    func setTargets(_ targets: [IdentityKey: (host: String, port: Int)]) {
        self.targets = targets
        table.setTargets(Array(targets.keys), now: now)
    }

    /// Dials, and hands on what happens, until ``stop()`` or the task is cancelled. When it returns, the port is
    /// free and every connection is closed.
    ///
    /// What happened since the last call is handed over together, a bounded part of it, in which peers take turns:
    /// while `handle` is busy, each is read from only until what waits of it reaches ``NetworkLimits/untakenBytes``.
    ///
    /// - Parameter handle: called on this actor's thread.
    func run(_ handle: nonisolated(nonsending) @Sendable ([Event]) async -> Void) async {
        isRunning = true
        let clock = group.next().scheduleRepeatedTask(
            initialDelay: .zero, delay: .milliseconds(Int64(Gossip.tickMilliseconds))
        ) { [inbox] _ in inbox.add(.tick) }
        await withTaskCancellationHandler {
            while let batch = await inbox.take(atMost: NetworkLimits.batchEvents) {
                var events: [Event] = []
                var taken: [PeerLinks.LinkID: (messages: Int, bytes: Int)] = [:]
                for next in batch {
                    switch next {
                    case .own(let happening): events += take(happening)
                    case .link(let link, let entry):
                        events += take(entry.event, of: link, dialled: entry.dialled)
                        guard case .message(_, let bytes) = entry.event else { continue }
                        taken[link, default: (0, 0)].messages += 1
                        taken[link, default: (0, 0)].bytes += bytes
                    }
                }
                if !events.isEmpty { await handle(events) }
                for (link, amount) in taken {
                    command(.taken(messages: amount.messages, bytes: amount.bytes), link)
                }
            }
        } onCancel: {
            inbox.end()
        }
        clock.cancel()
        await close()
    }

    /// Ends ``run(_:)``, which closes everything; where nothing runs, this does. Nothing starts again after it.
    func stop() async {
        inbox.end()
        if !isRunning { await close() }
    }

    /// Sends frames, each of 1 to ``Wire/frameBytes`` bytes, in order. ``Event/written(_:)`` follows when they
    /// were handed to the system, or ``Event/disconnected(_:why:)`` if that never happens.
    ///
    /// Frames for a peer that is not connected are dropped. What one peer is slow to take waits in memory, so
    /// hand it more only after ``Event/written(_:)``.
    func write(_ frames: [[UInt8]], to peer: IdentityKey) {
        guard let id = table.link(peer), let link = links[id] else { return }
        let promise = link.channel.eventLoop.makePromise(of: Void.self)
        promise.futureResult.whenSuccess { [inbox] in inbox.add(.written(id)) }
        link.channel.triggerUserOutboundEvent(PeerHandler.Command.send(frames), promise: promise)
    }

    /// Reads nothing from a peer for so long.
    func pause(_ peer: IdentityKey, milliseconds: UInt64) {
        guard let id = table.link(peer) else { return }
        command(.pause(.milliseconds(Int64(clamping: milliseconds))), id)
    }

    /// Closes the connection to a peer, and makes no other one for so long, whoever dials.
    func block(_ peer: IdentityKey, milliseconds: UInt64) {
        let end = now + milliseconds
        blocked[peer] = max(end, blocked[peer] ?? end)
        table.postpone(peer, until: end)
        guard let id = table.link(peer) else { return }
        links[id]?.channel.close(promise: nil)
    }

    /// Peers to which a connection stands.
    var connected: [IdentityKey] { links.keys.compactMap { peer($0) }.sorted { $0.value < $1.value } }

    // MARK: What happens

    private var now: UInt64 { UInt64((NIODeadline.now() - start).nanoseconds / 1_000_000) }

    private func take(_ happening: Happening) -> [Event] {
        switch happening {
        case .tick:
            for peer in table.due(now: now) { dial(peer) }
            return []
        case .dialFailed(let peer):
            table.failed(peer, now: now, random: .random(in: 0 ... .max))
            return []
        case .written(let id): return peer(id).map { [.written($0)] } ?? []
        }
    }

    private func take(_ event: PeerHandler.Event, of id: PeerLinks.LinkID, dialled: IdentityKey?) -> [Event] {
        switch event {
        case .opened(let channel):
            links[id] = Link(channel: channel, dialled: dialled)
            return []
        case .established(let peer): return establish(peer, id)
        case .message(let message, let bytes):
            return peer(id).map { [.received(message, from: $0, bytes: bytes)] } ?? []
        case .fault(let fault): return peer(id).map { [.fault(fault, of: $0)] } ?? []
        case .closed(let error): return close(id, error)
        }
    }

    /// The peer of a connection that stands.
    private func peer(_ id: PeerLinks.LinkID) -> IdentityKey? {
        guard let peer = links[id]?.peer, table.link(peer) == id else { return nil }
        return peer
    }

    private func establish(_ peer: IdentityKey, _ id: PeerLinks.LinkID) -> [Event] {
        guard let link = links[id] else { return [] }
        if let end = blocked[peer] {
            guard end <= now else {
                link.channel.close(promise: nil)
                return [.refused(NetworkError.blocked(peer))]
            }
            blocked[peer] = nil
        }
        if link.dialled == nil, !callers.mayCall(peer, now: now) {
            link.channel.close(promise: nil)
            return [.refused(NetworkError.callsTooOften(peer))]
        }
        switch table.established(peer, link: id, isOutbound: link.dialled != nil, now: now) {
        case .close:
            link.channel.close(promise: nil)
            return []
        case .keep(let other):
            links[id]?.peer = peer
            if configuration.observers.contains(peer) { inbox.setShare(NetworkLimits.observerTurnBytes, of: id) }
            guard let other else { return [.connected(peer)] }
            links[other]?.channel.close(promise: nil)
            // Nobody answers for what came over it; and whoever calls again and again gets no room by it.
            inbox.drop(other) { !$0.isMessage }
            return [.disconnected(peer, why: nil), .connected(peer)]
        }
    }

    private func close(_ id: PeerLinks.LinkID, _ error: (any Error)?) -> [Event] {
        inbox.forget(id)
        guard let link = links.removeValue(forKey: id) else { return [] }
        let random = UInt64.random(in: 0 ... .max)
        guard let peer = link.peer else {
            if let dialled = link.dialled { table.failed(dialled, now: now, random: random) }
            return error.map { [.refused($0)] } ?? []
        }
        guard table.lost(peer, link: id, now: now, random: random) else { return [] }
        return [.disconnected(peer, why: error)]
    }

    private func command(_ command: PeerHandler.Command, _ id: PeerLinks.LinkID) {
        links[id]?.channel.triggerUserOutboundEvent(command, promise: nil)
    }

    private func close() async {
        let open = [listener].compactMap { $0 } + links.values.map(\.channel)
        listener = nil
        links = [:]
        // It may have ended by itself; that is as good.
        for channel in open { try? await channel.close() }
    }
}

extension PeerNetwork {
    // MARK: New connections

    /// On the connection's event loop.
    nonisolated private func accept(_ channel: any Channel) -> EventLoopFuture<Void> {
        guard let stranger = strangers.admit() else {
            return channel.eventLoop.makeFailedFuture(NetworkError.tooManyStrangers)
        }
        return open(channel, .responder, welcome: configuration.welcome, dialled: nil, stranger: stranger)
    }

    private func dial(_ peer: IdentityKey) {
        guard let address = targets[peer] else { return }
        ClientBootstrap(group: group).connectTimeout(configuration.timeouts.connect)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { [self] channel in
                open(channel, .initiator, welcome: [peer], dialled: peer, stranger: nil)
            }
            .connect(host: address.host, port: address.port)
            .whenFailure { [inbox] _ in inbox.add(.dialFailed(peer)) }
    }

    nonisolated private func open(
        _ channel: any Channel, _ role: NoiseHandshake.Role, welcome: Set<IdentityKey>, dialled: IdentityKey?,
        stranger: Strangers.Place?
    ) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            let ephemeral = try IdentitySecret(secret: SystemRandom.bytes(IdentityKey.byteCount))
            let secure = SecureChannel(
                role: role, chain: configuration.chain, identity: configuration.identity, ephemeral: ephemeral,
                welcome: welcome)
            let handler = PeerHandler(
                link: numbers.next(), secure: secure, timeouts: configuration.timeouts
            ) { [inbox] id, event in
                switch event {
                case .established, .closed: stranger?.leave()
                case .opened, .message, .fault: break
                }
                // Nobody else would close what is opened after the end.
                let entry = LinkEvent(event: event, dialled: dialled)
                if !inbox.add(entry, of: id, cost: entry.cost) { channel.close(promise: nil) }
            }
            try channel.pipeline.syncOperations.addHandler(handler)
        }
    }
}
