import Logging
import ProvChain
import Synchronization

/// Keeps the search behind the index, on a thread of its own: nobody who registers waits for it.
final class SearchFollower: Sendable {
    let search: SearchIndex
    private let index: IndexDatabase
    private let attachments: AttachmentFolder
    private let logger: Logger
    private let queue = BlockingQueue("provnode.search")
    private let isQueued = Atomic<Bool>(false)
    private let hasCaughtUp = Atomic<Bool>(false)
    private let wasFull = Atomic<Bool>(false)

    init(_ search: SearchIndex, index: IndexDatabase, attachments: AttachmentFolder, logger: Logger) {
        self.search = search
        self.index = index
        self.attachments = attachments
        self.logger = logger
    }

    /// `nil` if the node does not have this role. Starts to read what was registered before.
    convenience init?(
        _ settings: SearchSettings, home: NodeHome, chain: Digest, stores: NodeStores, logger: Logger
    ) throws(SearchFailure) {
        guard settings.isOn else { return nil }
        let search = try SearchIndex(folder: home.search, chain: chain, settings: settings)
        self.init(search, index: stores.index, attachments: stores.attachments.folder, logger: logger)
        wake()
    }

    /// The index has grown. Calls before the thread comes to it are one.
    func wake() {
        guard !isQueued.exchange(true, ordering: .acquiringAndReleasing) else { return }
        queue.start { [self] in
            isQueued.store(false, ordering: .releasing)
            guarded { () throws(SearchFailure) in try search.follow(index, attachments) }
            hasCaughtUp.store(true, ordering: .releasing)
            if search.isFull, !wasFull.exchange(true, ordering: .relaxed) {
                logger.warning("the search is full: newer works are not found; raise budget in [search]")
            }
        }
    }

    /// Bytes that may be a manifest arrived after their statement.
    func arrived(_ hash: Digest) {
        queue.start { [self] in
            guarded { () throws(SearchFailure) in
                let found: [Registration]
                do throws(DatabaseFailure) { found = try index.registrations(withAttachment: hash) } catch {
                    throw .database(error)
                }
                if !found.isEmpty { try search.takeLate(found, attachments) }
            }
        }
    }

    /// Waits for what is queued, unless the search is still reading everything for the first time.
    ///
    /// - Returns: whether all of it was read.
    func isCurrent() async throws -> Bool {
        guard hasCaughtUp.load(ordering: .acquiring) else { return false }
        try await queue.run {}
        return true
    }

    func close() async {
        try? await queue.run { [self] in guarded { () throws(SearchFailure) in try search.settle() } }
    }

    /// A search that cannot be written finds less. It stops nothing.
    private func guarded(_ work: () throws(SearchFailure) -> Void) {
        do { try work() } catch { logger.error("the search is behind: \(error)") }
    }
}
