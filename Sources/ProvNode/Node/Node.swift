import Logging
import ProvChain

/// A running node: the driver of the consensus core, and everything that the HTTP surface asks for.
///
/// All of it lives on one thread. Inputs come in as events; the core answers with effects, which are carried
/// out in order: what has to be durable is durable before anybody is told.
actor Node {
    let home: NodeHome
    let genesis: GenesisFile
    nonisolated let genesisFile: [UInt8]
    let keys: ValidatorKeys
    let logger: Logger
    let verifier: SignatureVerifier
    nonisolated let reader: LogReader
    nonisolated let attachments: AttachmentStore
    nonisolated let index: IndexDatabase
    /// The index's own thread: blocks are applied in order of finality.
    nonisolated let indexQueue = BlockingQueue("provnode.index")
    nonisolated let indexFeed: IndexFeed
    nonisolated let files = BlockingQueue("provnode.files")
    /// Flushes of the state, which wait for the disk while the index goes on.
    nonisolated let stateQueue = BlockingQueue("provnode.state")
    /// Reads of index and log, several at a time.
    nonisolated let readers = ReadingThreads("provnode.readers")
    /// The latest block for those who read beside the ledger's thread.
    nonisolated let latest: LatestBlock

    let log: LogStore
    let state: StateDatabase
    var ledger: Ledger
    var mempool = Mempool()
    var consensus: SoleValidator
    /// The block between ``SoleValidator/Effect/build(view:allowEmpty:)`` and its commit.
    var proposal: ExecutedBlock?
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
    private var idleTimer: Task<Void, Never>?
    private var isSignalled = false
    private let events: AsyncStream<SoleValidator.Input>
    private let inputs: AsyncStream<SoleValidator.Input>.Continuation

    private let thread = LedgerThread()
    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// - Parameter spaceReserve: bytes of free disk below which no statements are taken.
    init(
        home: NodeHome, genesis: GenesisFile, keys: ValidatorKeys, stores: NodeStores, ledger: Ledger, logger: Logger,
        spaceReserve: Int = 0
    ) throws {
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
        indexFeed = IndexFeed(index: stores.index, attachments: stores.attachments)
        latest = LatestBlock(ledger.tip, origin: genesis.genesis.origin, key: keys.log)
        accessLog = try AccessLog(path: home.accessLog)
        verifier = SignatureVerifier(workers: SystemCores.count)
        consensus = SoleValidator(
            index: keys.index, idleInterval: genesis.genesis.parameters.idleIntervalMilliseconds)
        (events, inputs) = AsyncStream.makeStream()
        let height = ledger.tip.header.height
        feed = EventFeed(height: height)
        if height > 0 {
            certificate = try FinalityCertificate(cbor: stores.log.reader.certificate(height).certificate)
        }
    }

    /// Drives consensus until the task is cancelled; throws if the disk fails.
    func run() async throws {
        defer { isRunning = false }
        try perform(.start(tip: ledger.tip.header))
        isRunning = true
        defer { idleTimer?.cancel() }
        do {
            try await withTaskCancellationHandler {
                for await input in events {
                    try perform(current(input))
                }
            } onCancel: {
                inputs.finish()
            }
        } catch {
            logger.error("the node stops: \(error)")
            for id in waiters.keys { resume(id, with: .failure(Problems.failure(error))) }
            throw error
        }
    }

    /// Stops making blocks, writes what is in memory, and closes the stores.
    func close() async throws {
        inputs.finish()
        for id in waiters.keys { resume(id, with: .failure(Problems.stopping)) }
        while flushState.isRunning { try await stateQueue.run {} }
        // Blocks on their way into the index come before the state, which must not get ahead of it.
        try await indexQueue.run {}
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

    /// Tells the core that a statement waits; repeated calls before it looks are one.
    func signalWaiting() {
        guard !isSignalled else { return }
        isSignalled = true
        inputs.yield(.statementsWaiting)
    }

    /// An event as of now: what waits may have changed since it was queued.
    private func current(_ input: SoleValidator.Input) -> SoleValidator.Input {
        switch input {
        case .statementsWaiting:
            isSignalled = false
            return input
        case .committed: return .committed(moreWaiting: !mempool.isEmpty)
        case .start, .idle, .built, .nothingToBuild, .signed: return input
        }
    }

    /// One step of the core with all its effects. The next block starts as an event of its own, so that
    /// statements and readers get their turn between two blocks.
    private func perform(_ input: SoleValidator.Input) throws {
        for effect in consensus.handle(input) {
            switch effect {
            case .build(let view, let allowEmpty):
                try perform(try build(view: view, allowEmpty: allowEmpty))
            case .sign(let vote):
                try perform(.signed(vote, signature: keys.vote.sign(vote.message)))
            case .commit(let certificate):
                try commit(certificate)
                inputs.yield(.committed(moreWaiting: !mempool.isEmpty))
            case .armIdleTimer(let milliseconds):
                armIdleTimer(milliseconds)
            }
        }
    }

    private func armIdleTimer(_ milliseconds: UInt64) {
        idleTimer?.cancel()
        let inputs = inputs
        idleTimer = Task {
            try? await Task.sleep(for: .milliseconds(milliseconds))
            if !Task.isCancelled { inputs.yield(.idle) }
        }
    }
}
