import Glibc
import ProvChain

/// Whole small files: read within a bound, written in one step.
enum Disk {
    static func exists(_ path: String) -> Bool {
        var info = stat()
        return lstat(path, &info) == 0
    }

    /// True of a regular file and of a free name.
    private static func isReplaceable(_ path: String) -> Bool {
        var info = stat()
        return lstat(path, &info) != 0 || info.st_mode & S_IFMT == S_IFREG
    }

    static var lastError: String { String(cString: strerror(errno)) }

    /// The file's bytes; more than `limit` is an error. `-` is the standard input.
    static func read(_ path: String, limit: Int) throws(CLIError) -> [UInt8] {
        let descriptor: Int32
        if path == "-" {
            descriptor = STDIN_FILENO
        } else {
            descriptor = open(path, O_RDONLY | O_CLOEXEC)
        }
        guard descriptor >= 0 else {
            if errno == ENOENT { throw .failed(.fileMissing, ["path": path]) }
            throw .failed(.fileUnreadable, ["path": path, "reason": lastError])
        }
        defer { if descriptor != STDIN_FILENO { close(descriptor) } }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw .failed(.fileUnreadable, ["path": path, "reason": lastError]) }
            if count == 0 { return bytes }
            bytes.append(contentsOf: buffer[..<count])
            guard bytes.count <= limit else {
                throw .failed(.fileTooLarge, ["path": path, "size": "\(bytes.count)+", "limit": "\(limit)"])
            }
        }
    }

    /// What readers may see of a file.
    enum Privacy {
        case secret, open

        var mode: mode_t {
            switch self {
            case .secret: 0o600
            case .open: 0o644
            }
        }
    }

    /// Writes a file so that after a crash there is the old one, or the new one, or none, but never a part.
    /// Without `replacing`, an existing file is an error, also if it appears at the last moment.
    static func write(_ bytes: [UInt8], to path: String, _ privacy: Privacy, replacing: Bool) throws(CLIError) {
        guard path != "-" else { throw ProvCLI.bad(path, "FILE") }
        guard replacing || !exists(path) else { throw .failed(.fileExists, ["path": path]) }
        // The new file takes the place of what has the name: of a device or a link, that would be the name itself.
        guard isReplaceable(path) else {
            throw .failed(.fileNotWritten, ["path": path, "reason": "not a regular file"])
        }
        let temporary = "\(path).\(Hex.encode(SystemRandom.bytes(6))).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, privacy.mode)
        guard descriptor >= 0 else { throw .failed(.fileNotWritten, ["path": path, "reason": lastError]) }
        var isWritten = writeAll(bytes, to: descriptor) && fsync(descriptor) == 0
        var reason = lastError
        close(descriptor)
        if isWritten {
            isWritten = replacing ? rename(temporary, path) == 0 : link(temporary, path) == 0
            reason = lastError
            let hasAppeared = errno == EEXIST
            if !replacing { unlink(temporary) }
            if !isWritten, hasAppeared { throw .failed(.fileExists, ["path": path]) }
        }
        guard isWritten else {
            unlink(temporary)
            throw .failed(.fileNotWritten, ["path": path, "reason": reason])
        }
        synchronizeFolder(of: path)
    }

    /// Gives a file another name; an existing file of that name is an error.
    static func move(_ old: String, to new: String) throws(CLIError) {
        guard link(old, new) == 0 else {
            if errno == EEXIST { throw .failed(.fileExists, ["path": new]) }
            throw .failed(.fileNotWritten, ["path": new, "reason": lastError])
        }
        unlink(old)
        synchronizeFolder(of: new)
    }

    /// Makes the folders that lead to `path`, readable for their owner alone.
    static func makeFolders(for path: String) throws(CLIError) {
        var folder = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/").dropLast() {
            folder += "/" + part
            guard mkdir(folder, 0o700) == 0 || errno == EEXIST else {
                throw .failed(.fileNotWritten, ["path": folder, "reason": lastError])
            }
        }
    }

    private static func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var offset = 0
        while offset < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress! + offset, bytes.count - offset)
            }
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return false }
            offset += count
        }
        return true
    }

    /// Makes the new name itself survive a power failure.
    private static func synchronizeFolder(of path: String) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if descriptor >= 0 {
            fsync(descriptor)
            close(descriptor)
        }
    }
}
