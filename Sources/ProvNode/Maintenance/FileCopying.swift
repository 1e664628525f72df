import Glibc
import ProvChain

/// Copies files into a folder and takes down the name, length and hash of each.
struct FileCopying {
    let folder: String
    private(set) var files: [BackupManifest.File] = []

    private static let chunkBytes = 1 << 20

    init(into folder: String) { self.folder = folder }

    /// Writes `bytes` as a new file.
    mutating func write(_ bytes: [UInt8], _ path: String, mode: mode_t = 0o640) throws(LogStoreError) {
        let file = try create(path, mode)
        try file.write(bytes, at: 0)
        note(path, bytes.count, SHA256.hash(bytes))
    }

    /// Copies a file.
    mutating func copy(_ source: String, _ path: String, mode: mode_t = 0o640) throws(LogStoreError) {
        let source = try LogFile.open(source, .read)
        let target = try create(path, mode)
        let (length, hash) = try Self.read(source) { chunk, offset throws(LogStoreError) in
            try target.write(chunk, at: offset)
        }
        note(path, length, hash)
    }

    /// Makes a hard link, or copies where that cannot be: only for files that are never changed in place.
    mutating func link(_ source: String, _ path: String, length: Int, hash: Digest) throws(LogStoreError) {
        let target = folder + "/" + path
        _ = try LogFolder.create(LogFolder.parent(of: target), mode: 0o700)
        if Glibc.link(source, target) == 0 { return note(path, length, hash) }
        try copy(source, path)
    }

    /// Takes down a file that was written by somebody else.
    mutating func note(written path: String) throws(LogStoreError) {
        let (length, hash) = try Self.read(try LogFile.open(folder + "/" + path, .read)) { _, _ in }
        note(path, length, hash)
    }

    private mutating func note(_ path: String, _ length: Int, _ hash: Digest) {
        files.append(BackupManifest.File(path: path, bytes: length, sha256: hash.hex))
    }

    private func create(_ path: String, _ mode: mode_t) throws(LogStoreError) -> LogFile {
        let target = folder + "/" + path
        _ = try LogFolder.create(LogFolder.parent(of: target), mode: 0o700)
        return try LogFile.open(target, .replace(mode: mode))
    }

    /// Hands over a file in pieces; its length and hash.
    static func read(
        _ file: LogFile, _ body: ([UInt8], _ offset: Int) throws(LogStoreError) -> Void
    ) throws(LogStoreError) -> (length: Int, hash: Digest) {
        var hash = SHA256()
        var offset = 0
        while true {
            let chunk = try file.read(at: offset, count: chunkBytes)
            guard !chunk.isEmpty else { break }
            hash.update(chunk)
            try body(chunk, offset)
            offset += chunk.count
        }
        return (offset, hash.finalize())
    }

    /// Waits until everything written is on the disk, names included.
    func sync() throws(LogStoreError) {
        // All at once is fast, but does not report failures; one by one does, and has nothing left to write.
        Glibc.sync()
        var folders: Set<String> = [folder]
        for file in files {
            let path = folder + "/" + file.path
            try LogFile.open(path, .read).sync()
            var parent = LogFolder.parent(of: path)
            while parent.count > folder.count {
                folders.insert(parent)
                parent = LogFolder.parent(of: parent)
            }
        }
        for folder in folders { try LogFolder.sync(folder) }
    }
}
