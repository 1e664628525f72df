import Glibc
import ProvChain

/// The files of an asset as found on disk, before they are read.
struct FileListing {
    struct Entry {
        /// In the manifest: relative to the folder, `/` between the parts.
        let path: String
        /// On this machine.
        let location: String
        let snapshot: Snapshot
    }

    /// What must not change between finding a file and having read it.
    struct Snapshot: Equatable {
        let device: UInt64
        let inode: UInt64
        let size: UInt64
        let seconds: Int
        let nanoseconds: Int

        init(_ info: stat) {
            device = UInt64(info.st_dev)
            inode = UInt64(info.st_ino)
            size = UInt64(info.st_size)
            seconds = info.st_mtim.tv_sec
            nanoseconds = info.st_mtim.tv_nsec
        }
    }

    private(set) var entries: [Entry] = []
    /// Files that were left out because their names start with a dot.
    private(set) var hidden = 0

    var totalSize: UInt64 { entries.reduce(0) { $0 + $1.snapshot.size } }

    /// One file, or every file of a folder; see ``add(_:under:)`` for what is refused.
    init(_ path: String) throws(CLIError) {
        guard let root = Self.realPath(path) else {
            if errno == ENOENT { throw .failed(.fileMissing, ["path": path]) }
            throw .failed(.fileUnreadable, ["path": path, "reason": Disk.lastError])
        }
        let info = try Self.information(root)
        if info.isFolder {
            try add(root)
            guard !entries.isEmpty else { throw .failed(.folderEmpty, ["path": path]) }
            guard entries.contains(where: { $0.snapshot.size > 0 }) else {
                throw .failed(.fileEmpty, ["path": path])
            }
        } else {
            guard info.isFile else { throw .failed(.notRegular, ["path": path]) }
            guard info.st_size > 0 else { throw .failed(.fileEmpty, ["path": path]) }
            let name = path.split(separator: "/").last.map(String.init) ?? path
            entries = [
                Entry(path: try Self.checkedName(name), location: root, snapshot: Snapshot(info))
            ]
        }
        entries.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    }

    /// Walks a folder without recursion. Links to files inside the folder are followed; links that leave it
    /// would register what the user did not point at, and links to folders could form circles.
    private mutating func add(_ root: String) throws(CLIError) {
        var folders = [""]
        while let folder = folders.popLast() {
            let location = folder.isEmpty ? root : root + "/" + folder
            for name in try Self.names(in: location) {
                let path = folder.isEmpty ? name : folder + "/" + name
                let info = try Self.information(root + "/" + path)
                if name.hasPrefix(".") {
                    hidden += 1
                } else if info.isFolder {
                    folders.append(try Self.checkedName(path))
                } else if info.isLink {
                    try addLink(path, root: root)
                } else if info.isFile {
                    try append(path, root + "/" + path, info)
                } else {
                    throw .failed(.notRegular, ["path": path])
                }
            }
        }
    }

    private mutating func addLink(_ path: String, root: String) throws(CLIError) {
        guard let target = Self.realPath(root + "/" + path) else {
            throw .failed(.fileUnreadable, ["path": path, "reason": Disk.lastError])
        }
        guard target == root || target.hasPrefix(root + "/") else { throw .failed(.folderLeft, ["path": path]) }
        let info = try Self.information(target)
        guard !info.isFolder else { throw .failed(.folderLink, ["path": path]) }
        guard info.isFile else { throw .failed(.notRegular, ["path": path]) }
        try append(path, target, info)
    }

    private mutating func append(_ path: String, _ location: String, _ info: stat) throws(CLIError) {
        entries.append(
            Entry(path: try Self.checkedName(path), location: location, snapshot: Snapshot(info)))
        guard entries.count <= Limits.manifestFiles else {
            throw .failed(
                .tooMany, ["what": "files", "count": "\(entries.count)+", "limit": "\(Limits.manifestFiles)"])
        }
    }

    private static func checkedName(_ path: String) throws(CLIError) -> String {
        guard Manifest.File.isRelative(path), path.utf8.count <= Limits.manifestPathBytes else {
            throw .failed(.badPath, ["path": path, "limit": "\(Limits.manifestPathBytes)"])
        }
        return path
    }

    private static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    static func information(_ path: String) throws(CLIError) -> stat {
        var info = stat()
        guard lstat(path, &info) == 0 else {
            throw .failed(.fileUnreadable, ["path": path, "reason": Disk.lastError])
        }
        return info
    }

    private static func names(in folder: String) throws(CLIError) -> [String] {
        guard let handle = opendir(folder) else {
            throw .failed(.fileUnreadable, ["path": folder, "reason": Disk.lastError])
        }
        defer { closedir(handle) }
        var names: [String] = []
        while let entry = readdir(handle) {
            let (name, raw) = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) {
                    (String(validatingCString: $0), String(cString: $0))
                }
            }
            guard let name else {
                throw .failed(.badPath, ["path": raw, "limit": "\(Limits.manifestPathBytes)"])
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}

extension stat {
    var isFolder: Bool { st_mode & S_IFMT == S_IFDIR }
    var isFile: Bool { st_mode & S_IFMT == S_IFREG }
    var isLink: Bool { st_mode & S_IFMT == S_IFLNK }
}
