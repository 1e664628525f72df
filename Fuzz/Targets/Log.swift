import Glibc

@testable import ProvChain

extension FuzzTarget {
    static let log = FuzzTarget(
        "log", "commit segments, the durable point, log blocks and certificates, columns", atMost: 4_096
    ) { bytes in
        Strictly.check(LogBlock.self, bytes)
        Strictly.check(LogCertificate.self, bytes)
        checkColumn(bytes)
        checkDurable(bytes)
        for isLast in [true, false] { checkSegment(bytes, isLast) }
        // Few inputs have a checksum that is right, so one is made: the input as the payload of a whole record.
        let salt = [UInt8](repeating: 7, count: CommitSegment.saltBytes)
        let header = CommitSegment.header(firstHeight: 0, salt: salt)
        let whole = header + CommitSegment.recordHeader(bytes, salt: salt, offset: header.count) + bytes
        for end in [whole.count, whole.count - bytes.count / 2] where end > header.count {
            checkSegment(Array(whole[..<end]) + bytes.prefix(whole.count - end), end < whole.count)
        }
    }

    /// One folder for the process, in memory where the system has such a place.
    private static let folder: String = {
        var template = Array("/dev/shm/provchain-fuzz-XXXXXX".utf8CString)
        guard access("/dev/shm", W_OK) == 0, let path = mkdtemp(&template) else {
            var other = Array("/tmp/provchain-fuzz-XXXXXX".utf8CString)
            return mkdtemp(&other).map { String(cString: $0) } ?? "."
        }
        return String(cString: path)
    }()

    private static let paths: LogPaths = {
        let paths = LogPaths(home: folder)
        _ = mkdir(paths.folder, 0o755)
        atexit {
            _ = unlink(FuzzTarget.paths.durable); _ = unlink(FuzzTarget.folder + "/segment")
            _ = rmdir(FuzzTarget.paths.folder); _ = rmdir(FuzzTarget.folder)
        }
        return paths
    }()

    private static func write(_ bytes: [UInt8], to path: String) {
        guard let file = fopen(path, "wb") else { return }
        defer { fclose(file) }
        fwrite(bytes, 1, bytes.count, file)
    }

    private static func checkSegment(_ bytes: [UInt8], _ isLast: Bool) {
        let path = folder + "/segment"
        write(bytes, to: path)
        guard let segment = try? CommitSegment.read(path, firstHeight: 0, isLast: isLast) else { return }
        var count = 0
        try? segment.forEachBlock { block throws(LogStoreError) in
            count += 1
            require(block.leafHashes.count == block.leaves.count, "leaves without hashes")
        }
        require(count <= bytes.count, "\(count) blocks in \(bytes.count) bytes")
    }

    private static func checkDurable(_ bytes: [UInt8]) {
        let sealed = bytes + SHA256.hash(bytes).bytes
        for content in [bytes, sealed] {
            write(content, to: paths.durable)
            guard let point = try? DurablePoint.load(paths) else { continue }
            require(point.bytes == content, "the durable point is written with other bytes")
        }
    }

    private static func checkColumn(_ bytes: [UInt8]) {
        for content in [LogContent.entries, .certificates] {
            for count in [0, 1, 2, 3, 256] {
                guard let items = try? LogReader.items(bytes, count: count, content, 0, paths) else { continue }
                require(items.count == count, "\(items.count) items of \(count)")
                require(items.allSatisfy { $0.upperBound <= bytes.count }, "an item beyond the file")
            }
        }
    }
}
