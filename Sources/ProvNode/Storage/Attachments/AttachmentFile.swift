import Glibc

/// The system calls of the attachment store.
enum AttachmentFile {
    /// The size of a file; `nil` if there is none.
    static func size(_ file: String) throws(AttachmentError) -> Int? {
        var status = stat()
        guard stat(file, &status) == 0 else {
            guard errno == ENOENT || errno == ENOTDIR else { throw failure("stat", file) }
            return nil
        }
        return Int(status.st_size)
    }

    /// All bytes of a file; `nil` if there is none. A longer file gives its first `limit` + 1 bytes, which
    /// cannot be what was stored.
    static func read(_ file: String, atMost limit: Int) throws(AttachmentError) -> [UInt8]? {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            guard errno == ENOENT || errno == ENOTDIR else { throw failure("open", file) }
            return nil
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw failure("stat", file) }
        let count = min(Int(status.st_size), limit + 1)
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count {
                let done = Glibc.read(descriptor, buffer.baseAddress! + filled, count - filled)
                if done < 0, errno == EINTR { continue }
                if done < 0 { code = errno }
                guard done > 0 else { return }
                filled += done
            }
        }
        guard code == 0 else { throw .system(operation: "read", file: file, code: code) }
        return bytes
    }

    /// Puts `bytes` under the name `file`, durably: until the rename, nobody sees a part of them.
    static func replace(_ file: String, with bytes: [UInt8], by temporary: String) throws(AttachmentError) {
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, AttachmentStore.fileMode)
        guard descriptor >= 0 else { throw failure("create", temporary) }
        do throws(AttachmentError) {
            defer { close(descriptor) }
            try write(bytes, to: descriptor, temporary)
            // The process's umask may have taken rights away that the group needs for its backups.
            guard fchmod(descriptor, AttachmentStore.fileMode) == 0 else { throw failure("set the mode of", temporary) }
            guard fsync(descriptor) == 0 else { throw failure("sync", temporary) }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, file) == 0 else {
            let error = failure("rename", temporary)
            unlink(temporary)
            throw error
        }
        try synchronize(directory: parent(file))
    }

    private static func write(_ bytes: [UInt8], to descriptor: Int32, _ file: String) throws(AttachmentError) {
        var written = 0
        while written < bytes.count {
            let done = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress! + written, $0.count - written) }
            if done < 0, errno == EINTR { continue }
            guard done > 0 else { throw failure("write", file) }
            written += done
        }
    }

    /// Makes a directory unless it is there; with `parent`, durably.
    static func makeDirectory(_ path: String, in parent: String? = nil) throws(AttachmentError) {
        if mkdir(path, AttachmentStore.directoryMode) == 0 {
            if let parent { try synchronize(directory: parent) }
        } else if errno != EEXIST {
            throw failure("make directory", path)
        }
    }

    /// Makes the names in a directory durable.
    static func synchronize(directory: String) throws(AttachmentError) {
        let descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure("open", directory) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure("sync", directory) }
    }

    /// The names in a directory, without those that begin with a dot.
    static func names(in directory: String) throws(AttachmentError) -> [String] {
        guard let stream = opendir(directory) else { throw failure("list", directory) }
        defer { closedir(stream) }
        var names: [String] = []
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    private static func parent(_ file: String) -> String {
        file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
    }

    private static func failure(_ operation: String, _ file: String) -> AttachmentError {
        let code = errno
        return code == ENOSPC || code == EDQUOT
            ? .diskFull(file: file) : .system(operation: operation, file: file, code: code)
    }
}
