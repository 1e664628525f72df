import Glibc
import ProvChain

/// A file as it was listed, read once from start to end. If it changed since it was listed, reading fails: its
/// hash would name a content that never was.
struct OpenFile: ~Copyable {
    private let descriptor: Int32
    private let entry: FileListing.Entry
    private var position: UInt64 = 0

    init(_ entry: FileListing.Entry) throws(CLIError) {
        descriptor = open(entry.location, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)
        self.entry = entry
        guard descriptor >= 0 else { throw .failed(.fileUnreadable, ["path": entry.path, "reason": Disk.lastError]) }
        try requireUnchanged()
        // The kernel reads further ahead, and gives the pages back sooner.
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// Fills `memory`, which is not empty, from its start.
    ///
    /// - Returns: how many bytes; 0 at the end only, after the file was found to be as it was listed.
    mutating func read(into memory: UnsafeMutableRawBufferPointer) throws(CLIError) -> Int {
        while true {
            let count = Glibc.read(descriptor, memory.baseAddress, memory.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else {
                throw .failed(.fileUnreadable, ["path": entry.path, "reason": Disk.lastError])
            }
            position += UInt64(count)
            guard position <= entry.snapshot.size, count > 0 || position == entry.snapshot.size else {
                throw .failed(.fileChanged, ["path": entry.path])
            }
            if count == 0 { try requireUnchanged() }
            return count
        }
    }

    private func requireUnchanged() throws(CLIError) {
        var info = stat()
        guard fstat(descriptor, &info) == 0, FileListing.Snapshot(info) == entry.snapshot else {
            throw .failed(.fileChanged, ["path": entry.path])
        }
    }
}
