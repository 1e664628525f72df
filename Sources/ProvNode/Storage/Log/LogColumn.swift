import ProvChain

/// A sequence of items that only grows, cut into numbered files of 256: the hashes of one tile level, the
/// entries, or the certificates.
///
/// Bytes are collected and written when ``flush()`` is called, without waiting for the disk. A column of a
/// log that is open for reading only keeps what it would write in memory.
struct LogColumn {
    let content: LogContent
    /// Items so far.
    private(set) var count: UInt64
    /// The length of the file that is not full, with what is not flushed yet.
    private(set) var growingBytes: Int
    private let paths: LogPaths
    private let steps: LogSteps
    private var file: LogFile?
    private var pending: [UInt8] = []
    private var isReadOnly: Bool
    /// What a read-only column adds to the files, by file number.
    private(set) var additions: [UInt64: LogAddition] = [:]
    /// What was written since this was last taken.
    private var unsettled = LogUnsettled()

    /// The file that the next item goes to.
    private var number: UInt64 { count / LogPaths.width }

    /// Continues after `count` items, with `bytes` bytes in the file that is not full.
    init(_ content: LogContent, count: UInt64, bytes: Int, _ paths: LogPaths, _ steps: LogSteps, isReadOnly: Bool) {
        precondition(!count.isMultiple(of: LogPaths.width) || bytes == 0, "\(bytes) bytes without an item")
        self.content = content
        self.count = count
        self.growingBytes = bytes
        self.paths = paths
        self.steps = steps
        self.isReadOnly = isReadOnly
    }

    // MARK: Growing

    mutating func append(_ item: some Collection<UInt8>) throws(LogStoreError) {
        let length = UInt64(item.count)
        for shift in (0..<content.lengthBytes).reversed() {
            pending.append(UInt8(truncatingIfNeeded: length >> UInt64(shift * 8)))
        }
        pending.append(contentsOf: item)
        growingBytes += content.lengthBytes + item.count
        count += 1
        if count.isMultiple(of: LogPaths.width) { try seal() }
    }

    /// Appends hashes that all go to the same tile.
    mutating func append(hashes: [Digest]) throws(LogStoreError) {
        precondition(
            count % LogPaths.width + UInt64(hashes.count) <= LogPaths.width, "\(hashes.count) hashes after \(count)")
        for hash in hashes { hash.withBytes { pending.append(contentsOf: $0) } }
        growingBytes += hashes.count * Digest.byteCount
        count += UInt64(hashes.count)
        if count.isMultiple(of: LogPaths.width) { try seal() }
    }

    /// Hands the collected bytes to the kernel.
    mutating func flush() throws(LogStoreError) {
        if !pending.isEmpty { try write(to: number) }
    }

    private mutating func write(to number: UInt64) throws(LogStoreError) {
        let start = growingBytes - pending.count
        defer { pending.removeAll(keepingCapacity: true) }
        if isReadOnly {
            additions[number, default: LogAddition(start: start)].bytes += pending
            return
        }
        let target: LogFile
        if let file { target = file } else { target = try open(number, isNew: start == 0) }
        file = target
        try target.write(pending, at: start)
    }

    /// The file is full: nobody will write to it again.
    private mutating func seal() throws(LogStoreError) {
        let number = number - 1
        try write(to: number)
        growingBytes = 0
        file = nil
        guard !isReadOnly else { return }
        let growing = paths.growing(content, number)
        let full = paths.full(content, number)
        guard growing != full else { return }
        steps.reach(.tileBeforeRename)
        try makeFolder(of: full)
        try LogFolder.rename(growing, to: full)
        steps.reach(.tileAfterRename)
    }

    private mutating func open(_ number: UInt64, isNew: Bool) throws(LogStoreError) -> LogFile {
        let path = paths.growing(content, number)
        unsettled.files.append(LogUnsettled.File(content: content, number: number))
        try makeFolder(of: path)
        guard isNew else { return try LogFile.open(path, .write(mode: 0o644)) }
        // After a power cut a later name can have survived: readers would prefer it to the file that grows.
        try LogFolder.remove(paths.full(content, number))
        return try LogFile.open(path, .replace(mode: 0o644))
    }

    private mutating func makeFolder(of path: String) throws(LogStoreError) {
        let folder = LogFolder.parent(of: path)
        unsettled.folders.insert(folder)
        unsettled.folders.formUnion(try LogFolder.create(folder, mode: 0o755))
    }

    // MARK: Settling and recovering

    /// What must be synced before the column's present state is durable.
    mutating func takeUnsettled() -> LogUnsettled {
        defer {
            unsettled = LogUnsettled()
            // It keeps growing, so it will have to be synced again.
            if file != nil { unsettled.files.append(LogUnsettled.File(content: content, number: number)) }
        }
        return unsettled
    }

    /// Takes the file that is not full back to the length that is known to be durable: whatever follows may
    /// be torn. It can have become full, and been moved, after that length was noted.
    mutating func recover() throws(LogStoreError) {
        guard growingBytes > 0 else { return }
        let growing = paths.growing(content, number)
        let full = paths.full(content, number)
        if !isReadOnly, growing != full, LogFolder.exists(full), !LogFolder.exists(growing) {
            try makeFolder(of: growing)
            try LogFolder.rename(full, to: growing)
        }
        let found = try LogReader.open(content, number, paths)
        let length = try found?.length() ?? 0
        guard found != nil else { throw .fileMissing(file: growing) }
        guard length >= growingBytes else {
            throw .fileTooShort(file: growing, expectedBytes: growingBytes, foundBytes: length)
        }
        guard !isReadOnly else { return }
        let file = try open(number, isNew: false)
        if length > growingBytes { try file.truncate(to: growingBytes) }
        self.file = file
    }

    /// Makes the file that is not full hold exactly `bytes`, which were derived from what it summarises.
    mutating func restore(_ bytes: [UInt8]) throws(LogStoreError) {
        precondition(bytes.count == growingBytes, "\(bytes.count) bytes derived, \(growingBytes) expected")
        guard !bytes.isEmpty else { return }
        if isReadOnly {
            additions[number] = LogAddition(start: 0, bytes: bytes)
            return
        }
        try LogFolder.remove(paths.full(content, number))
        let file = try open(number, isNew: false)
        if try file.readAll() != bytes {
            try file.write(bytes, at: 0)
            try file.truncate(to: bytes.count)
        }
        self.file = file
    }
}

/// Bytes that belong after the first `start` bytes of a file, kept in memory by a read-only log.
struct LogAddition: Hashable, Sendable {
    let start: Int
    var bytes: [UInt8] = []
}

/// Files and folders whose content may still be in the kernel's memory only.
struct LogUnsettled: Sendable {
    struct File: Hashable, Sendable {
        let content: LogContent
        let number: UInt64
    }

    var files: [File] = []
    var folders: Set<String> = []

    mutating func merge(_ other: LogUnsettled) {
        files += other.files
        folders.formUnion(other.folders)
    }
}
