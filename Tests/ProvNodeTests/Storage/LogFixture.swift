import Glibc
import ProvChain
import Synchronization
import Testing

@testable import ProvNode

/// A home folder that goes away with the test, and a chain of blocks to put into it.
final class LogFixture: Sendable {
    let home: String
    private let copies = Mutex<[LogFixture]>([])

    init() {
        var template = Array("/tmp/provchain-log-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { preconditionFailure("no temporary folder: errno \(errno)") }
        home = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { LogDisk.remove(home) }

    var paths: LogPaths { LogPaths(home: home) }

    /// A home with the same bytes: what a restart would find if the process died now. It lives as long as
    /// the original.
    func copy() throws -> LogFixture {
        let other = LogFixture()
        try LogDisk.copy(home, to: other.home)
        copies.withLock { $0.append(other) }
        return other
    }

    func open(probe: LogProbe? = nil) throws -> LogStore { try LogStore.open(at: home, probe: probe) }

    func openReader() throws -> LogReader { try LogReader.open(at: home) }
}

/// A chain in which block h has `leavesPerBlock` leaves of a few bytes each, made from their indexes.
struct SampleChain {
    let leavesPerBlock: Int

    func leaf(_ index: UInt64) -> [UInt8] {
        Array("leaf \(index) ".utf8) + [UInt8](repeating: UInt8(index % 251), count: Int(index % 37))
    }

    func block(_ height: UInt64) -> LogBlock {
        let first = height * UInt64(leavesPerBlock)
        return LogBlock(
            height: height, time: 1_700_000_000_000 + height * 500,
            leaves: (first..<(first + UInt64(leavesPerBlock))).map(leaf),
            certificate: height == 0 ? [] : Array("certificate \(height)".utf8))
    }

    func blocks(_ heights: Range<UInt64>) -> [LogBlock] { heights.map(block) }

    /// The root that the leaves of the first `count` blocks make, without any file.
    func root(blocks count: UInt64) -> Digest { root(leaves: count * UInt64(leavesPerBlock)) }

    func root(leaves count: UInt64) -> Digest {
        var tree = CompactTree()
        for index in 0..<count { tree.append(MerkleHash.leaf(leaf(index))) }
        return tree.root
    }

    /// Checks that the log holds exactly the first `count` blocks, every byte of them.
    func expect(
        _ reader: LogReader, blocks count: UInt64, sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        #expect(reader.extent.blockCount == count, sourceLocation: sourceLocation)
        guard reader.extent.blockCount == count else { return }
        #expect(reader.size == count * UInt64(leavesPerBlock), sourceLocation: sourceLocation)
        #expect(reader.extent.root == root(blocks: count), sourceLocation: sourceLocation)
        #expect(reader.extent.lastTime == (count == 0 ? 0 : block(count - 1).time), sourceLocation: sourceLocation)
        for height in 0..<count {
            #expect(try reader.block(height) == block(height), sourceLocation: sourceLocation)
        }
        try reader.verifyAll()
    }
}

/// Files as an operator, a crash or a failing disk leaves them.
enum LogDisk {
    static func read(_ path: String) throws -> [UInt8] { try LogFile.open(path, .read).readAll() }

    static func write(_ path: String, _ bytes: [UInt8]) throws {
        _ = try LogFolder.create(LogFolder.parent(of: path), mode: 0o755)
        let file = try LogFile.open(path, .replace(mode: 0o644))
        try file.write(bytes, at: 0)
    }

    static func append(_ path: String, _ bytes: [UInt8]) throws {
        let file = try LogFile.open(path, .write(mode: 0o644))
        try file.write(bytes, at: try file.length())
    }

    static func flip(_ path: String, at offset: Int) throws {
        let file = try LogFile.open(path, .write(mode: 0o644))
        try file.write([try file.read(at: offset, count: 1)[0] ^ 0x10], at: offset)
    }

    static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    static func mode(_ path: String) -> mode_t? {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o777 : nil
    }

    /// Every file below a folder.
    static func files(_ path: String) throws -> [String] {
        try LogFolder.names(in: path).flatMap { name in
            let child = path + "/" + name
            return isFolder(child) ? try files(child) : [child]
        }
    }

    static func copy(_ from: String, to: String) throws {
        for file in try files(from) {
            try write(to + file.dropFirst(from.count), try read(file))
        }
    }

    static func remove(_ path: String) {
        guard isFolder(path) else {
            unlink(path)
            return
        }
        for name in (try? LogFolder.names(in: path)) ?? [] { remove(path + "/" + name) }
        rmdir(path)
    }
}

/// Runs a piece of test code at every step of the log.
final class StepRecorder: Sendable {
    private let state: Mutex<(seen: [LogStep], failing: [LogStep: Int32])>

    init(failing: [LogStep: Int32] = [:]) { state = Mutex(([], failing)) }

    var seen: [LogStep] { state.withLock { $0.seen } }

    func stopFailing() { state.withLock { $0.failing = [:] } }

    func probe(_ body: @escaping @Sendable (LogStep) -> Void = { _ in }) -> LogProbe {
        { step in
            body(step)
            return self.state.withLock { state in
                state.seen.append(step)
                return state.failing[step]
            }
        }
    }
}
