import Logging
import ProvChain

/// A running node: the driver of the consensus core, and everything that the HTTP surface asks for.
///
/// All of it lives on one thread. Inputs come in as events; the core answers with effects, which are carried
/// out in order: what has to be durable is durable before anybody is told. What takes long (signatures, answers
/// of peers) happens elsewhere and comes back as an input.
actor Node {
    let home: NodeHome
    let genesis: GenesisFile
    nonisolated let genesisFile: [UInt8]
    /// `nil` for an observer.
    let keys: ValidatorKeys?
    let logger: Logger
    let verifier: SignatureVerifier
    /// For blocks that others have long agreed on.
    let patientVerifier: SignatureVerifier
    nonisolated let reader: LogReader
    nonisolated let attachments: AttachmentStore
    nonisolated let index: IndexDatabase
    /// The index's own thread: blocks are applied in order of finality.
    nonisolated let indexQueue = BlockingQueue("provnode.index")
    nonisolated let indexFeed: IndexFeed
    /// What looks alike, if this node has that role.
    nonisolated let lookAlikes: SearchFollower?
    nonisolated let files = BlockingQueue("provnode.files")
    /// Waits for the disk after a record of the log was written.
    nonisolated let logQueue = BlockingQueue("provnode.log")
    /// Flushes of the state, which wait for the disk while the index goes on.
    nonisolated let stateQueue = BlockingQueue("provnode.state")
    /// Reads of index and log, several at a time.
    nonisolated let readers = ReadingThreads("provnode.readers")
    /// The latest block for those who read beside the ledger's thread.
    nonisolated let latest: LatestBlock

    /// `nil` in a chain of one without observers.
    nonisolated let network: PeerNetwork?
    var peers: Peers
    var catchUp = CatchUpState()
    var attachmentRepair = AttachmentRepair()
    /// Public attachments that came with statements which are not final yet, by statement.
    var ownAttachments: [Digest: [Digest]] = [:]
    /// Checkpoints of the latest blocks, and which validators are known to have signed them.
    var checkpoints: RecentCheckpoints
    var lastCommit = MonotonicClock.now()
    /// When statements that waited for long were judged last.
    var lastJudgement = Instant(milliseconds: 0)

    let log: LogStore
    let state: StateDatabase
    var ledger: Ledger
    var mempool: Mempool
    var consensus: Simplex
    var committee: Committee { consensus.committee }
    /// Votes of this validator; `nil` in a chain of one, whose votes never leave it, and for a node that may not
    /// vote.
    let journal: JournalStore?
    var pending: PendingBlocks
    /// What consensus is to be told, in order.
    var inputs: [Simplex.Input] = []
    var isHandling = false
    /// Statements that peers sent, until they are checked.
    var arriving: [IdentityKey: Arriving] = [:]
    /// A block that this node is to build and gathers statements for.
    var gathered: Simplex.Build?
    /// Votes that contradict each other, by validator, as they were found.
    var equivocations: [UInt64: Equivocation] { incidents.equivocations }
    /// What must not be forgotten over a restart.
    var incidents: Incidents
    /// The certificate of the tip.
    var certificate: FinalityCertificate?
    /// Why recent statements were refused in a block, for those who ask a moment later.
    var refusals = RecentRefusals()
    var waiters: [Digest: [Waiter]] = [:]
    var nextWaiter: UInt64 = 0
    var flushState = FlushState()
    var space: DiskSpace
    nonisolated let feed: EventFeed
    nonisolated let accessLog: AccessLog
    var statistics = NodeStatistics()
    /// The block up to which the state database is written.
    var stateHeight: UInt64
    private(set) var isRunning = false
    private var failure: (any Error)?
    private var alarm: (task: Task<Void, Never>, moment: Instant)?
    /// When consensus wants to be told the time.
    private var wake: Instant?
    private var isSignalled = false
    private let events: AsyncStream<Event>
    private let tell: AsyncStream<Event>.Continuation

    /// What the node does when it gets to it.
    private enum Event: Sendable {
        /// Statements wait; or blocks were committed, and others may.
        case statements
        /// The moment that consensus asked for has come.
        case alarm
    }

    /// With a network, that one's, so that what peers say gets here without a change of threads.
    private let thread: LedgerThread
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// - Parameter spaceReserve: bytes of free disk below which no statements are taken.
    init(
        home: NodeHome, genesis: GenesisFile, keys: ValidatorKeys?, stores: NodeStores, ledger: Ledger, logger: Logger,
        spaceReserve: Int = 0, search: SearchSettings = SearchSettings(), votes: JournalStore.Opening? = nil,
        network: PeerNetwork? = nil, observers: [String: IdentityKey] = [:]
    ) throws {
        thread = network?.thread ?? LedgerThread()
        self.home = home
        space = DiskSpace(folder: home.path, reserve: spaceReserve)
        self.genesis = genesis
        genesisFile = genesis.cbor
        self.keys = keys
        self.logger = logger
        self.ledger = ledger
        log = stores.log
        reader = stores.log.reader
        state = stores.state
        stateHeight = try stores.state.checkpoint()?.tip.header.height ?? 0
        index = stores.index
        attachments = stores.attachments
        let lookAlikes = try SearchFollower(
            search, home: home, chain: genesis.genesis.chain, stores: stores, logger: logger)
        self.lookAlikes = lookAlikes
        indexFeed = IndexFeed(
            index: stores.index, attachments: stores.attachments, failures: flushState.failures
        ) { lookAlikes?.wake() }
        latest = LatestBlock(ledger.tip, origin: genesis.genesis.origin, key: keys?.log)
        accessLog = try AccessLog(path: home.accessLog)
        verifier = SignatureVerifier(workers: SystemCores.count)
        patientVerifier = SignatureVerifier(workers: SystemCores.count, .patient)
        mempool = Mempool(bounds: Mempool.Bounds(organisations: genesis.genesis.members.count))
        incidents = try Incidents.load(home, chain: ledger.chain)
        let start = try ConsensusStart(
            ledger: ledger, reader: stores.log.reader, keys: keys, journal: votes,
            divergence: incidents.divergence)
        consensus = start.core
        journal = start.journal
        pending = start.pending
        checkpoints = RecentCheckpoints(origin: genesis.genesis.origin)
        checkpoints.add(ledger.tip)
        peers = Peers(ledger.tip.epoch, own: keys?.index, observers: observers, now: MonotonicClock.now())
        self.network = network
        (events, tell) = AsyncStream.makeStream()
        let height = ledger.tip.header.height
        feed = EventFeed(height: height)
        if height > 0 {
            certificate = try FinalityCertificate(cbor: stores.log.reader.certificate(height).certificate)
        }
    }

    /// Runs the node and, in a chain of several validators, its connections, until the task is cancelled.
    func runConnected() async throws {
        guard let network else { return try await run() }
        // Nobody calls an observer.
        if keys != nil {
            let port = try await network.listen()
            logger.info("listening for nodes", metadata: ["port": "\(port)"])
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.run() }
            group.addTask { await self.runNetwork() }
            // Whichever ends first ends the other.
            try await group.next()
            group.cancelAll()
            await network.stop()
            try await group.waitForAll()
        }
    }

    /// Drives consensus until the task is cancelled; throws if the disk fails.
    func run() async throws {
        defer { isRunning = false }
        handle(.start)
        tell.yield(.statements)
        isRunning = true
        defer { alarm?.task.cancel() }
        await withTaskCancellationHandler {
            for await event in events {
                switch event {
                case .statements:
                    isSignalled = false
                    handle(.statements(waiting: hasWork))
                case .alarm: ring()
                }
            }
        } onCancel: {
            tell.finish()
        }
        guard let failure else { return }
        logger.error("the node stops: \(failure)")
        for id in waiters.keys { resume(id, with: .failure(Problems.failure(failure))) }
        throw failure
    }

    /// Ends the node because of a failure of the disk. Nothing is retried: a start repairs.
    func fail(_ error: any Error) {
        guard failure == nil else { return }
        failure = error
        tell.finish()
    }

    var hasFailed: Bool { failure != nil }

    /// Stops making blocks, writes what is in memory, and closes the stores.
    func close() async throws {
        tell.finish()
        for id in waiters.keys { resume(id, with: .failure(Problems.stopping)) }
        while flushState.isRunning { try await stateQueue.run {} }
        // Blocks on their way into the index come before the state, which must not get ahead of it.
        // A failure is in the list of failures.
        try? await fillIndex()
        await lookAlikes?.close()
        // After a failure of the disk the databases stay as they are: the log repairs them at the next start.
        if flushState.failures.first == nil, !log.isPoisoned {
            try state.write(ledger.beginFlush())
            ledger.confirmFlush()
        }
        // Takes their write-ahead logs in. It changes nothing that counts if that fails.
        let (state, index) = (state, index)
        do {
            try await indexQueue.run {
                try state.close()
                try index.close()
            }
        } catch {
            logger.warning("closing the databases: \(error)")
        }
        try log.close()
    }

    /// Lets consensus look whether statements wait, as an event of its own: between two blocks, statements and
    /// readers get their turn. Repeated calls before it looks are one.
    func signalWaiting() {
        guard !isSignalled else { return }
        isSignalled = true
        tell.yield(.statements)
    }

    /// Wakes consensus at a moment, unless another one is named before.
    ///
    /// Nearly every step names another moment, mostly a later one, and a timer costs as much as a step. So one that is
    /// set for too early stays, and is set again when it rings.
    func setAlarm(at moment: Instant) {
        wake = moment
        if let alarm, alarm.moment <= moment { return }
        alarm?.task.cancel()
        let now = MonotonicClock.now()
        let wait = moment > now ? moment.milliseconds - now.milliseconds : 0
        let tell = tell
        let task = Task {
            try? await Task.sleep(for: .milliseconds(wait))
            if !Task.isCancelled { tell.yield(.alarm) }
        }
        alarm = (task, moment)
    }

    private func ring() {
        alarm = nil
        guard let wake else { return }
        if MonotonicClock.now() < wake { return setAlarm(at: wake) }
        self.wake = nil
        handle(.tick)
    }
}
