import Glibc

/// The system calls of the access log.
enum AccessFile {
    private static let fileMode: mode_t = 0o640

    /// Adds bytes at the end of a file, durably; with `isNew` its name in the directory, too. What a failed write
    /// left behind is cut off again.
    static func append(_ bytes: [UInt8], to file: String, isNew: Bool, in directory: String) throws(AccessLogError) {
        let descriptor = open(file, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, fileMode)
        guard descriptor >= 0 else { throw failure(file) }
        defer { close(descriptor) }
        let size = lseek(descriptor, 0, SEEK_END)
        guard size >= 0 else { throw failure(file) }
        var written = 0
        while written < bytes.count {
            let done = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress! + written, $0.count - written) }
            if done < 0, errno == EINTR { continue }
            guard done > 0 else {
                let error = failure(file)
                ftruncate(descriptor, size)
                throw error
            }
            written += done
        }
        guard fdatasync(descriptor) == 0 else { throw failure(file) }
        guard isNew else { return }
        let folder = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw failure(directory) }
        defer { close(folder) }
        guard fsync(folder) == 0 else { throw failure(directory) }
    }

    private static func failure(_ file: String) -> AccessLogError {
        .failed(file: file, reason: String(cString: strerror(errno)))
    }
}
