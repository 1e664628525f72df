import Foundation
import GRDB
import Glibc
import ProvChain

/// What a home holds that it need not keep, and its removal.
///
/// The log is never touched: every statement, hash and proof stays. What goes is bytes that statements only
/// name by their hash, words for search that came from them, and old backups. The marks of restricted attachments
/// stay, so that their bytes do not come back public.
struct Pruning {
    let home: NodeHome
    let policy: Policy

    struct Policy {
        /// Attachments that no final statement commits to, once they are this old: a younger one may belong to
        /// a statement that is still on its way.
        var removesUnreferenced = false
        var graceSeconds = 3_600
        /// Attachments all of whose statements are older than this, in milliseconds since 1970.
        var referencedBefore: UInt64?
        /// Attachments that must go whatever refers to them, with their words.
        var takenDown: [Digest] = []
        var compactsIndex = false
        /// Of the backups in a folder, all but the newest.
        var backups: (folder: String, keep: Int)?
    }

    struct Item: Encodable, Equatable {
        enum Kind: String, Encodable { case attachment, words, leftover, space, backup }

        let kind: Kind
        let name: String
        let bytes: Int
        let reason: String
    }

    /// Everything that the policy names, in the order of its removal. Nothing is changed.
    func plan(now: Date) throws -> [Item] {
        var items: [Item] = []
        if policy.removesUnreferenced || policy.referencedBefore != nil || !policy.takenDown.isEmpty {
            items += try attachments(now: now)
        }
        if policy.compactsIndex { items += try index(without: Set(items.map(\.name))) }
        if let (folder, keep) = policy.backups { items += try backups(in: folder, keep: keep) }
        return items
    }

    /// Removes what was planned. The node must be stopped, unless only backups go.
    func apply(_ items: [Item], _ progress: (_ done: UInt64, _ total: UInt64) -> Void) throws {
        let isOfHome = items.contains { $0.kind != .backup }
        let lock = try isOfHome ? HomeLock(home) : nil
        defer { withExtendedLifetime(lock) {} }
        let hasIndex = isOfHome && LogFolder.exists(home.indexDatabase)
        let index = try hasIndex ? IndexDatabase(path: home.indexDatabase) : nil
        let store = try isOfHome ? AttachmentStore(path: home.attachments, quota: .max) : nil
        for (number, item) in items.enumerated() {
            switch item.kind {
            case .attachment, .words:
                guard let hash = Digest(hex: item.name) else { preconditionFailure("\(item.name) is not a hash") }
                // The words first: bytes without words are found again, words without bytes only by `prune --index`.
                try index?.removeMetadata(hash)
                // Before the bytes go: a node that fetches what it lacks must not bring them back.
                try store?.markRemoved(hash)
                try store?.remove(hash)
            case .leftover: try LogFolder.remove(item.name)
            case .space: break
            case .backup: try FileManager.default.removeItem(atPath: item.name)
            }
            progress(UInt64(number + 1), UInt64(items.count))
        }
        // What is gone must not be found by its prints either.
        if items.contains(where: { $0.kind == .attachment }) { SearchIndex.remove(home.search) }
        guard let index else { return }
        try index.compactSearch()
        if items.contains(where: { $0.kind == .space }) { try index.vacuum() }
        // Words that were taken down must not stay in a write-ahead log either.
        try index.closeWhole()
    }

    // MARK: Attachments

    private func attachments(now: Date) throws -> [Item] {
        guard LogFolder.exists(home.attachments) else { return [] }
        let references = try references()
        let folder = AttachmentFolder(path: home.attachments)
        let hashes = try folder.hashes()
        let present = Set(hashes)
        var items: [Item] = []
        for hash in policy.takenDown {
            guard present.contains(hash) || references[hash] != nil else {
                throw NodeCommandError(
                    phrase: Phrase(
                        "no attachment \(hash) is here, and no statement names it",
                        "此处没有附件 \(hash)，也没有声明提到它"), code: 65)
            }
        }
        let takenDown = Set(policy.takenDown)
        for hash in hashes {
            let file = folder.file(hash)
            let bytes = try AttachmentFile.size(file) ?? 0
            func add(_ reason: String) {
                items.append(Item(kind: .attachment, name: hash.hex, bytes: bytes, reason: reason))
            }
            if takenDown.contains(hash) {
                add("taken down")
            } else if let newest = references[hash] {
                if let limit = policy.referencedBefore, newest < limit { add("all its statements are older") }
            } else if policy.removesUnreferenced, age(file, now) >= Double(policy.graceSeconds) {
                add("no statement refers to it")
            }
        }
        for hash in takenDown.subtracting(present).sorted() {
            items.append(Item(kind: .words, name: hash.hex, bytes: 0, reason: "taken down"))
        }
        return items
    }

    private func age(_ file: String, _ now: Date) -> Double {
        var status = stat()
        guard stat(file, &status) == 0 else { return 0 }
        return now.timeIntervalSince1970 - Double(status.st_mtim.tv_sec)
    }

    /// By hash, the time of the newest statement that commits to it. The index must be at the log's end:
    /// otherwise the attachments of the newest statements would look as if nobody referred to them.
    private func references() throws -> [Digest: UInt64] {
        let top = try LogReader.open(at: home.path).height
        guard let queue = try IndexSchema.file(home.indexDatabase).openReadOnly() else {
            throw NodeCommandError(
                phrase: Phrase(
                    "there is no index: run `provnode reindex` first",
                    "没有索引：请先运行 `provnode reindex`"), code: 65)
        }
        return try queue.read { db in
            let height = try IndexDatabase.height(db)
            guard let height, let top, height >= top else {
                throw NodeCommandError(
                    phrase: Phrase(
                        "the index stands at block \(height.map { "\($0)" } ?? "none"), the log at "
                            + "\(top.map { "\($0)" } ?? "none"): start the node once, or run `provnode reindex`",
                        "索引在区块 \(height.map { "\($0)" } ?? "（无）")，日志在 "
                            + "\(top.map { "\($0)" } ?? "（无）")：请启动一次节点，或运行 `provnode reindex`"), code: 65)
            }
            var newest: [Digest: UInt64] = [:]
            let rows = try Row.fetchCursor(
                db, sql: "SELECT time, attachments FROM statements WHERE attachments IS NOT NULL ORDER BY leaf")
            // Times rise with the leaves.
            while let row = try rows.next() {
                let time = try row.number("time")
                for hash in try row.digests("attachments") { newest[hash] = time }
            }
            return newest
        }
    }

    // MARK: Index

    /// Words whose attachment is gone, what an interrupted build left, and free pages.
    private func index(without planned: Set<String>) throws -> [Item] {
        var items: [Item] = []
        for name in [home.indexDatabase, home.stateDatabase] {
            for suffix in [""] + StateSchema.besides {
                let file = name + Reindexing.suffix + suffix
                guard let bytes = try LogFile.openIfPresent(file, .read)?.length() else { continue }
                items.append(
                    Item(kind: .leftover, name: file, bytes: bytes, reason: "an interrupted `provnode reindex`"))
            }
        }
        guard let queue = try IndexSchema.file(home.indexDatabase).openReadOnly() else { return items }
        let folder = AttachmentFolder(path: home.attachments)
        try queue.read { db in
            let rows = try Row.fetchCursor(
                db, sql: "SELECT DISTINCT metadata FROM works WHERE title IS NOT NULL ORDER BY metadata")
            while let row = try rows.next() {
                let hash = try row.digest("metadata")
                guard !planned.contains(hash.hex), try AttachmentFile.size(folder.file(hash)) == nil else { continue }
                items.append(
                    Item(kind: .words, name: hash.hex, bytes: 0, reason: "the attachment is not here any more"))
            }
            let free = try Int.fetchOne(db, sql: "PRAGMA freelist_count") ?? 0
            let page = try Int.fetchOne(db, sql: "PRAGMA page_size") ?? 0
            if free > 0 {
                items.append(Item(kind: .space, name: home.indexDatabase, bytes: free * page, reason: "free pages"))
            }
        }
        return items
    }

    // MARK: Backups

    /// Backups of this chain, one in each folder, newest first; folders without a whole backup are left alone.
    private func backups(in folder: String, keep: Int) throws -> [Item] {
        let chain = try home.loadGenesis().genesis.chain.hex
        let found = try LogFolder.names(in: folder).compactMap { name -> (String, BackupManifest)? in
            let path = folder + "/" + name
            guard let manifest = try? BackupManifest.load(path), manifest.chain == chain else { return nil }
            return (path, manifest)
        }
        let sorted = found.sorted { ($0.1.tip.height, $0.1.created) > ($1.1.tip.height, $1.1.created) }
        return sorted.dropFirst(keep).map { path, manifest in
            Item(
                kind: .backup, name: path, bytes: manifest.totalBytes,
                reason: "ends at block \(manifest.tip.height); \(keep) newer kept")
        }
    }
}
