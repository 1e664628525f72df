import Dispatch
import Glibc
import ProvChain
import Synchronization

/// The journal of a validator's votes on the disk: two files with the same frames (``VoteJournal``), so that
/// what a bad sector takes from one is in the other.
///
/// A step is written to both files, and both are synced at the same time, before any vote of it leaves the process.
/// Each step begins in a block of its own (``blockBytes``), so a write that a power cut tears never touches bytes
/// that were synced before: what it can take from both copies is a step that nobody relied on.
/// Nothing is retried: after an error of the disk the process ends, and the next start reads what is
/// there. Not thread-safe: it belongs to the thread of the ledger.
final class JournalStore {
    /// Files longer than this are rewritten with what is still of use.
    static let compactionBytes = 4 << 20
    /// What disks and file systems write at a time, or a multiple of it.
    static let blockBytes = 4_096

    private struct Kept {
        let epoch: UInt64
        let view: UInt64
        let record: VoteJournal.Record

        init(_ record: VoteJournal.Record) {
            (epoch, view) = record.place
            self.record = record
        }
    }

    private let folder: String
    private let owner: VoteJournal.Record
    private var files: [LogFile] = []
    private var length = 0
    private var sequence: UInt64 = 0
    private var kept: [Kept] = []
    /// Frames that no file holds yet.
    private var waiting: [UInt8] = []
    private var isRetired = false
    private let second = SecondSync()

    private init(folder: String, owner: VoteJournal.Record) {
        self.folder = folder
        self.owner = owner
    }

    private static let names = ["votes-1", "votes-2"]

    private static func path(_ folder: String, _ copy: Int) -> String { folder + "/" + names[copy] }

    /// Begins the journal of a key that has never voted. Only who makes the key, or first gives it a chain, can
    /// know that: a journal that is missing later counts as lost.
    static func create(_ folder: String, chain: Digest, key: Digest) throws(LogStoreError) {
        for changed in try LogFolder.create(folder, mode: 0o700) { try LogFolder.sync(changed) }
        for copy in names.indices where LogFolder.exists(path(folder, copy)) {
            throw .system(operation: "create", file: path(folder, copy), code: EEXIST)
        }
        let store = JournalStore(folder: folder, owner: .owner(chain: chain, key: key))
        try store.rewrite()
    }

    /// What a start finds.
    enum Opening {
        case opened(JournalStore, [VoteJournal.Record])
        /// The key must not vote again.
        case lost(VoteJournal.Loss)
    }

    /// Reads both copies and makes them whole again.
    static func open(_ folder: String, chain: Digest, key: Digest) throws(LogStoreError) -> Opening {
        var copies: [[UInt8]?] = []
        for copy in names.indices {
            copies.append(try LogFile.openIfPresent(path(folder, copy), .read)?.readAll())
        }
        switch VoteJournal.recover(copies, chain: chain, key: key, hasVoted: true) {
        case .fresh: preconditionFailure("a journal that has voted is not fresh")
        case .lost(let loss): return .lost(loss)
        case .recovered(let records, _, _, _):
            let store = JournalStore(folder: folder, owner: .owner(chain: chain, key: key))
            store.kept = records.map(Kept.init)
            try store.rewrite()
            return .opened(store, records)
        }
    }

    /// Takes records, in order. They are on the disk after ``sync()``.
    func append(_ records: [VoteJournal.Record]) {
        guard !isRetired else { return }
        for record in records {
            waiting += VoteJournal.frame(record, sequence: sequence)
            sequence += 1
            kept.append(Kept(record))
        }
    }

    /// Makes everything appended durable in both files.
    func sync() throws(LogStoreError) {
        guard !waiting.isEmpty else { return }
        try files[0].write(waiting, at: length)
        Failpoint.hit("journal.first-written")
        try files[1].write(waiting, at: length)
        second.start(files[1])
        let first = Result { () throws(LogStoreError) in try files[0].sync() }
        try second.finish()
        try first.get()
        Failpoint.hit("journal.both-synced")
        length = Self.nextBlock(length + waiting.count)
        waiting.removeAll(keepingCapacity: true)
    }

    private static func nextBlock(_ offset: Int) -> Int { (offset + blockBytes - 1) / blockBytes * blockBytes }

    /// True if the next compaction rewrites the files.
    var isLong: Bool { length > Self.compactionBytes }

    /// Forgets what concerns views of an epoch up to this one; the files follow when they have grown long.
    func compact(through view: UInt64, of epoch: UInt64) throws(LogStoreError) {
        kept.removeAll { ($0.epoch, $0.view) <= (epoch, view) }
        if isLong { try rewrite() }
    }

    /// The votes of epochs that are over decide nothing any more. What is known of this one is given back: a node
    /// whose log was behind its journal may have voted in it before.
    func startEpoch(_ epoch: UInt64) throws(LogStoreError) -> [VoteJournal.Record] {
        kept.removeAll { $0.epoch < epoch }
        try rewrite()
        return kept.map(\.record)
    }

    /// Puts both files aside, so that this key never votes again, whoever starts the node.
    func retire() throws(LogStoreError) {
        for copy in Self.names.indices {
            let path = Self.path(folder, copy)
            try LogFolder.rename(path, to: path + ".lost")
        }
        try LogFolder.sync(folder)
        isRetired = true
    }

    /// Replaces one file after the other. If that is cut short, the older file holds a superset of the newer one,
    /// and recovery takes all of it.
    private func rewrite() throws(LogStoreError) {
        guard !isRetired else { return }
        var bytes = VoteJournal.frame(owner, sequence: 0)
        sequence = 1
        for record in kept {
            bytes += VoteJournal.frame(record.record, sequence: sequence)
            sequence += 1
        }
        var files: [LogFile] = []
        for copy in Self.names.indices {
            let path = Self.path(folder, copy)
            let file = try LogFile.open(path + ".new", .replace(mode: 0o600))
            try file.write(bytes, at: 0)
            try file.sync()
            try LogFolder.rename(path + ".new", to: path)
            try LogFolder.sync(folder)
            files.append(file)
            Failpoint.hit("journal.rewritten")
        }
        self.files = files
        length = Self.nextBlock(bytes.count)
        waiting.removeAll(keepingCapacity: true)
    }
}

/// The sync of the second file, on a thread of its own while the caller syncs the first.
private final class SecondSync: Sendable {
    private let queue = DispatchQueue(label: "provnode.journal", qos: .userInitiated)
    private let done = DispatchSemaphore(value: 0)
    private let failure = Mutex<LogStoreError?>(nil)

    func start(_ file: LogFile) {
        queue.async { [self] in
            do throws(LogStoreError) {
                try file.sync()
            } catch {
                failure.withLock { $0 = error }
            }
            done.signal()
        }
    }

    func finish() throws(LogStoreError) {
        done.wait()
        if let error = failure.withLock({ $0 }) { throw error }
    }
}

extension VoteJournal.Record {
    /// Epoch and view that it belongs to; 0 for the owner.
    fileprivate var place: (epoch: UInt64, view: UInt64) {
        switch self {
        case .owner: (0, 0)
        case .vote(let vote): (vote.epoch, vote.view)
        case .certificate(let certificate): (certificate.epoch, certificate.view)
        case .block(let header, _): (header.epoch, header.view)
        }
    }
}
