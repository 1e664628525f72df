import Glibc

/// An open file of the log: positioned reads and writes that are complete or an error. Never inherited by
/// a child process; closed when the last reference goes.
final class LogFile: Sendable {
    let path: String
    private let descriptor: Int32

    enum Access {
        case read
        /// Creates the file if it is missing.
        case write(mode: mode_t)
        /// Creates the file, or empties it.
        case replace(mode: mode_t)
    }

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// `nil` if the file, or a folder on the way to it, does not exist.
    static func openIfPresent(_ path: String, _ access: Access) throws(LogStoreError) -> LogFile? {
        let descriptor: Int32
        switch access {
        case .read: descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        case .write(let mode): descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_CLOEXEC, mode)
        case .replace(let mode): descriptor = Glibc.open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        }
        if descriptor >= 0 { return LogFile(path: path, descriptor: descriptor) }
        if errno == ENOENT { return nil }
        throw .last("open", path)
    }

    static func open(_ path: String, _ access: Access) throws(LogStoreError) -> LogFile {
        guard let file = try openIfPresent(path, access) else { throw .fileMissing(file: path) }
        return file
    }

    func length() throws(LogStoreError) -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .last("stat", path) }
        return Int(status.st_size)
    }

    /// Writes all of `bytes`; after an error any part of them may be in the file.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(LogStoreError) {
        var done = 0
        while done < bytes.count {
            let written = pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
            if written > 0 {
                done += written
            } else if written == 0 || errno != EINTR {
                throw .last("write", path, bytes: bytes.count)
            }
        }
    }

    func write(_ bytes: ArraySlice<UInt8>, at offset: Int) throws(LogStoreError) {
        let written = bytes.withUnsafeBytes { buffer in
            Result { () throws(LogStoreError) in try write(buffer, at: offset) }
        }
        try written.get()
    }

    func write(_ bytes: [UInt8], at offset: Int) throws(LogStoreError) { try write(bytes[...], at: offset) }

    /// At most `count` bytes; fewer only at the end of the file.
    func read(at offset: Int, count: Int) throws(LogStoreError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let found = bytes.withUnsafeMutableBytes { buffer in
            Result { () throws(LogStoreError) in try read(into: buffer, at: offset) }
        }
        bytes.removeLast(count - (try found.get()))
        return bytes
    }

    /// Fills `buffer`; returns how many bytes were there, fewer than it takes only at the end of the file.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(LogStoreError) -> Int {
        var done = 0
        while done < buffer.count {
            let found = pread(descriptor, buffer.baseAddress! + done, buffer.count - done, off_t(offset + done))
            if found == 0 { break }
            if found > 0 {
                done += found
            } else if errno != EINTR {
                throw .last("read", path)
            }
        }
        return done
    }

    func readAll() throws(LogStoreError) -> [UInt8] { try read(at: 0, count: try length()) }

    func truncate(to length: Int) throws(LogStoreError) {
        guard ftruncate(descriptor, off_t(length)) == 0 else { throw .last("truncate", path) }
    }

    /// Waits until the content, and what is needed to find it, is on the disk. Never to be repeated after an
    /// error: the kernel reports a lost page once.
    func sync() throws(LogStoreError) {
        guard fdatasync(descriptor) == 0 else { throw .syncFailed(file: path, code: errno) }
    }

    /// Tells the kernel that reads come in no order. It then keeps the file in single pages: in the large pieces that
    /// it makes of what is read in order, a write of one page would look at all the others.
    func expectRandomAccess() { posix_fadvise(descriptor, 0, 0, POSIX_FADV_RANDOM) }

    /// Tells the kernel what will be read next.
    func prefetch(at offset: Int, count: Int) {
        posix_fadvise(descriptor, off_t(offset), off_t(count), POSIX_FADV_WILLNEED)
    }

    /// Takes the exclusive lock of this file without waiting; false if somebody else has it.
    func tryLock() throws(LogStoreError) -> Bool {
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
        if errno == EWOULDBLOCK { return false }
        throw .last("lock", path)
    }
}

/// Folders and names of the log's files.
enum LogFolder {
    /// Creates the folder and those above it that are missing, and returns the folders whose list of names
    /// changed: they must be synced before anything in the new ones counts as durable.
    static func create(_ path: String, mode: mode_t) throws(LogStoreError) -> [String] {
        if mkdir(path, mode) == 0 { return [parent(of: path)] }
        if errno == EEXIST { return [] }
        guard errno == ENOENT else { throw .last("create folder", path) }
        var changed = try create(parent(of: path), mode: mode)
        changed += try create(path, mode: mode)
        return changed
    }

    static func parent(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func sync(_ path: String) throws(LogStoreError) {
        let descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .last("open folder", path) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .syncFailed(file: path, code: errno) }
    }

    /// The names in a folder, sorted; none if there is no such folder.
    static func names(in path: String) throws(LogStoreError) -> [String] {
        guard let folder = opendir(path) else {
            if errno == ENOENT { return [] }
            throw .last("list folder", path)
        }
        defer { closedir(folder) }
        var names: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    static func rename(_ from: String, to: String) throws(LogStoreError) {
        guard Glibc.rename(from, to) == 0 else { throw .last("rename", from) }
    }

    /// Removes a file; one that is already gone is no error.
    static func remove(_ path: String) throws(LogStoreError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw .last("remove", path) }
    }
}

/// The right to write the log: held from opening to closing, given back by the kernel if the process dies.
struct LogLock {
    private let file: LogFile

    init(at path: String) throws(LogStoreError) {
        let file = try LogFile.open(path, .write(mode: 0o600))
        guard try file.tryLock() else {
            let text = String(decoding: try file.read(at: 0, count: 32), as: UTF8.self)
            throw .locked(file: path, processIdentifier: Int32(text.prefix { $0 != "\n" }))
        }
        try file.truncate(to: 0)
        try file.write(Array("\(getpid())\n".utf8), at: 0)
        self.file = file
    }
}
