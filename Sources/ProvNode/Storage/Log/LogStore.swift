import ProvChain

/// The history of the chain on disk: the one lasting copy of every statement and every header.
///
/// A block is durable once ``append(_:)`` returns: one record in a commit segment, one wait for the disk.
/// The same leaves then go to tiles and bundles without waiting; ``settle()`` syncs those from time to time,
/// notes how far they reach and deletes the segments they make superfluous. Opening the log takes the files
/// back to that note and replays the segments.
///
/// One writer, on whatever thread owns it; ``reader`` is for everybody else. ``LogReader/open(at:)`` reads
/// the log of another process.
final class LogStore {
    /// Proofs, entries and tiles of everything appended, from any thread.
    let reader: LogReader
    /// Record bytes since the last settlement began, for whoever decides when to settle.
    private(set) var unsettledBytes = 0

    private let paths: LogPaths
    private let steps: LogSteps
    private var lock: LogLock?
    private var commits: CommitLog
    private var tiles: LogTiles
    private var settled: DurablePoint?
    private var isSettling = false
    /// The wait for the disk of the last record, where the caller did not want to wait.
    private var syncing: BackgroundSync?
    /// Why nothing may be written any more.
    private var poison: String?

    private init(_ paths: LogPaths, _ lock: LogLock, _ commits: CommitLog, _ tiles: LogTiles, _ steps: LogSteps) {
        self.paths = paths
        self.lock = lock
        self.commits = commits
        self.tiles = tiles
        self.steps = steps
        reader = LogReader(paths, extent: tiles.extent)
    }

    var extent: LogExtent { tiles.extent }
    /// Leaves of the history tree.
    var size: UInt64 { extent.size }
    /// The height of the last block; `nil` before the first.
    var height: UInt64? { extent.height }

    // MARK: Opening

    /// Opens the log in `<home>/log`, or starts an empty one, and repairs what a crash left behind.
    ///
    /// Throws ``LogStoreError/locked(file:processIdentifier:)`` while another writer has it, and refuses
    /// damage that a crash cannot explain.
    static func open(at home: String, probe: LogProbe? = nil) throws(LogStoreError) -> LogStore {
        let paths = LogPaths(home: home)
        let steps = LogSteps(probe)
        for folder in try LogFolder.create(paths.folder, mode: 0o755) { try LogFolder.sync(folder) }
        let lock = try LogLock(at: paths.lock)
        let point = try loadOrCreatePoint(paths, steps)
        for folder in try LogFolder.create(paths.commit, mode: 0o700) { try LogFolder.sync(folder) }
        let segments = try CommitLog.segments(paths)
        steps.reach(.openBeforeReplay)
        var tiles = try LogTiles(recovering: point, paths, steps, isReadOnly: false)
        try CommitLog.replay(segments, from: tiles.extent.blockCount) { block throws(LogStoreError) in
            try tiles.append(block)
        }
        steps.reach(.openAfterReplay)
        let store = LogStore(paths, lock, CommitLog(paths, old: segments.map(\.path), steps), tiles, steps)
        store.settled = point
        try store.settle()
        return store
    }

    private static func loadOrCreatePoint(
        _ paths: LogPaths, _ steps: LogSteps
    ) throws(LogStoreError) -> DurablePoint {
        if let point = try DurablePoint.load(paths) { return point }
        // The first thing written to an empty log: without it, anything else shows that it was lost.
        for folder in ["tile", "partial", "certificates", "commit"] {
            guard try LogFolder.names(in: paths.folder + "/" + folder).isEmpty else {
                throw .durableMissing(file: paths.durable)
            }
        }
        let point = DurablePoint()
        try point.store(paths, steps)
        return point
    }

    // MARK: Appending

    /// Appends one block; see ``append(_:)``.
    func append(
        height: UInt64, time: UInt64, leaves: [[UInt8]], leafHashes: [Digest], certificate: [UInt8]
    ) throws(LogStoreError) {
        try append([
            LogBlock(height: height, time: time, leaves: leaves, leafHashes: leafHashes, certificate: certificate)
        ])
    }

    /// Makes final blocks durable, all of them or none, with one wait for the disk.
    ///
    /// The blocks follow one another and the last one here, their times grow, and together they are at most
    /// ``CommitSegment/maximumPayloadBytes`` long. After ``LogStoreError/diskFull(file:neededBytes:)`` the
    /// same call may be repeated unless ``isPoisoned``; every other failure of the disk ends the writing.
    func append(_ blocks: [LogBlock]) throws(LogStoreError) {
        try waitUntilDurable()
        guard let written = try write(blocks) else { return }
        do {
            try written.sync.run()
        } catch {
            poison = "\(error)"
            throw error
        }
        commits.synced()
        try extendTiles(blocks, bytes: written.bytes)
    }

    /// As ``append(_:)``, but the wait for the disk is `queue`'s: readers see the blocks when this returns, and they
    /// are durable when everything queued there has run. One record at most is on its way, since a record that
    /// cannot be read must be the last: the next append waits for it, and throws if it failed.
    func append(_ blocks: [LogBlock], syncingOn queue: BlockingQueue) throws(LogStoreError) -> BackgroundSync? {
        try waitUntilDurable()
        guard let written = try write(blocks) else { return nil }
        let sync = BackgroundSync(written.sync, on: queue)
        syncing = sync
        try extendTiles(blocks, bytes: written.bytes)
        return sync
    }

    /// Returns once everything that was appended is on the disk.
    func waitUntilDurable() throws(LogStoreError) {
        guard let syncing else { return }
        self.syncing = nil
        do {
            try syncing.wait()
        } catch {
            poison = "\(error)"
            throw error
        }
        commits.synced()
    }

    private func write(_ blocks: [LogBlock]) throws(LogStoreError) -> (bytes: Int, sync: CommitSync)? {
        try refuseIfPoisoned()
        guard !blocks.isEmpty else { return nil }
        try check(blocks)
        do {
            return try commits.append(blocks)
        } catch {
            if !commits.isIntact { poison = "\(error)" }
            throw error
        }
    }

    private func extendTiles(_ blocks: [LogBlock], bytes: Int) throws(LogStoreError) {
        do {
            for block in blocks { try tiles.append(block) }
        } catch {
            // The blocks are durable; opening the log again brings the tiles up to them.
            poison = "\(error)"
            throw error
        }
        unsettledBytes += bytes
        reader.publish(tiles.extent)
    }

    private func check(_ blocks: [LogBlock]) throws(LogStoreError) {
        var (height, time) = (extent.blockCount, height == nil ? nil : extent.lastTime)
        for block in blocks {
            guard block.height == height else { throw .heightNotNext(expected: height, found: block.height) }
            if let time, block.time <= time { throw .timeNotAfter(last: time, found: block.time) }
            guard !block.leaves.isEmpty else { throw .blockWithoutLeaves(height: height) }
            let limit = LogBlock.maximumLeafBytes
            if let position = block.leaves.firstIndex(where: { $0.count > limit }) {
                throw .leafTooLong(
                    height: height, position: position, bytes: block.leaves[position].count, limit: limit)
            }
            (height, time) = (height + 1, block.time)
        }
    }

    /// True if writing has ended and only opening the log again can go on.
    var isPoisoned: Bool { poison != nil }

    private func refuseIfPoisoned() throws(LogStoreError) {
        if let poison { throw .poisoned(cause: poison) }
    }

    // MARK: Settling

    /// Syncs tiles, bundles and certificates, notes how far they reach and deletes the segments before.
    func settle() throws(LogStoreError) {
        try refuseIfPoisoned()
        guard let settlement = beginSettling() else { return }
        do {
            try settlement.run()
        } catch {
            finishSettling(error)
            throw error
        }
        finishSettling(nil)
    }

    /// Takes down what there is to settle. The waiting, ``LogSettlement/run()``, can be done on any thread
    /// while blocks are appended here; ``finishSettling(_:)`` then closes the matter.
    ///
    /// `nil` if there is nothing to do, or while the last settlement is not finished.
    func beginSettling() -> LogSettlement? {
        guard !isSettling, poison == nil else { return nil }
        let point = tiles.point
        commits.rotate()
        let segments = commits.takeClosed()
        guard point != settled || !segments.isEmpty else { return nil }
        isSettling = true
        settled = point
        unsettledBytes = 0
        return LogSettlement(
            point: point, unsettled: tiles.takeUnsettled(), segments: segments, paths: paths, steps: steps)
    }

    /// - Parameter error: what ``LogSettlement/run()`` threw. It ends the writing.
    func finishSettling(_ error: LogStoreError?) {
        precondition(isSettling, "no settlement was begun")
        isSettling = false
        if let error { poison = "\(error)" }
    }

    /// Settles and gives the log to the next writer. Only ``reader`` may be used afterwards.
    func close() throws(LogStoreError) {
        defer {
            lock = nil
            poison = poison ?? "closed"
        }
        precondition(!isSettling, "a settlement is under way")
        if poison == nil {
            try waitUntilDurable()
            try settle()
        }
    }
}

/// The slow part of settling: what has to be on the disk before segments can go.
struct LogSettlement: Sendable {
    fileprivate let point: DurablePoint
    fileprivate let unsettled: LogUnsettled
    fileprivate let segments: [String]
    fileprivate let paths: LogPaths
    fileprivate let steps: LogSteps

    /// Waits for the disk. Never to be repeated after an error.
    func run() throws(LogStoreError) {
        if let code = steps.failure(at: .settleBeforeSync) {
            throw .syncFailed(file: paths.folder, code: code)
        }
        for file in Set(unsettled.files) {
            try LogReader.file(file.content, file.number, paths).sync()
            steps.reach(.settleMidSync)
        }
        for folder in unsettled.folders { try LogFolder.sync(folder) }
        try point.store(paths, steps)
        for segment in segments {
            try LogFolder.remove(segment)
            steps.reach(.settleMidDelete)
        }
    }
}
