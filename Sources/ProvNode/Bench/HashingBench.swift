import Dispatch
import Foundation
import Glibc
import ProvChain

/// How fast the three hashes of a file are made in one pass, beside SHA-256 alone, and in how much memory.
struct HashingBench {
    /// Size of the file that is written to the temporary folder and removed again; 0: only memory is hashed.
    let fileGibibytes: Int
    let runs: Int

    static let hashedBytes = 256 << 20
    private static let pieceBytes = 1 << 20

    enum Failure: Error, CustomStringConvertible {
        case file(String, String)

        var description: String {
            switch self {
            case .file(let path, let reason): "\(path): \(reason)"
            }
        }
    }

    func run() throws -> [BenchReport.Result] {
        let piece = Self.noise(Self.pieceBytes)
        var results: [BenchReport.Result] = []
        // Before the rest, so that the peak of memory is that of the file.
        if fileGibibytes > 0 { results = try file(piece) }
        return results + memory(piece)
    }

    /// Bytes that no compressor would shorten.
    static func noise(_ count: Int) -> [UInt8] {
        var state: UInt64 = 1
        return (0..<count).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
    }

    // MARK: From memory

    private func memory(_ piece: [UInt8]) -> [BenchReport.Result] {
        let rounds = Self.hashedBytes / piece.count
        let size = Double(Self.hashedBytes) / 1e6
        func speeds(_ files: Int = 1, _ hash: () -> Void) -> [Double] {
            (0..<runs).map { _ in Double(files) * size / Stopwatch.seconds(hash) }
        }
        @Sendable func sequential() {
            var hasher = FileDigests.Hasher()
            for _ in 0..<rounds { hasher.update(piece) }
            _ = hasher.finalize()
        }
        let sha256 = speeds { Self.sha256(piece, rounds) }
        let limit = sha256.sorted()[runs / 2]
        let cores = SystemCores.count
        let processor = ProcessUsage.processorSeconds()
        let onePass = speeds { _ = FileDigests.repeating(piece, rounds) }
        let used = (ProcessUsage.processorSeconds() - processor) * 1e9 / (Double(runs) * Double(Self.hashedBytes))
        return [
            .init("sha256_megabytes_per_second", sha256, note: "one thread, \(Self.hashedBytes >> 20) MiB from memory"),
            .init(
                "one_pass_megabytes_per_second", onePass,
                note: "SHA-256, BLAKE3 and ISCC Data-Code of one file, a thread each; limit: SHA-256 alone",
                limit: limit),
            .init("one_pass_nanoseconds_per_byte", [used], note: "processor time of the same, all threads"),
            .init(
                "one_thread_megabytes_per_second", speeds(1, sequential),
                note: "the same on one thread; limit: SHA-256 alone",
                limit: limit),
            .init(
                "files_megabytes_per_second",
                speeds(cores) { DispatchQueue.concurrentPerform(iterations: cores) { _ in sequential() } },
                note: "\(cores) threads, a file each; limit: SHA-256 alone times threads", limit: limit * Double(cores)),
        ]
    }

    private static func sha256(_ piece: [UInt8], _ rounds: Int) {
        var hasher = SHA256()
        for _ in 0..<rounds { hasher.update(piece) }
        _ = hasher.finalize()
    }

    // MARK: From a file

    private func file(_ piece: [UInt8]) throws -> [BenchReport.Result] {
        let path = FileManager.default.temporaryDirectory.path + "/provnode-bench-\(getpid())"
        let rounds = fileGibibytes << 30 / piece.count
        defer { unlink(path) }
        try Self.write(path, piece, rounds)
        let size = Double(rounds * piece.count) / 1e6
        var digests: FileDigests?
        let speeds = try (0..<runs).map { _ in
            try size / Stopwatch.seconds { digests = try Self.digests(path) }
        }
        var expected = SHA256()
        let alone = Stopwatch.seconds { for _ in 0..<rounds { expected.update(piece) } }
        precondition(digests?.sha256 == expected.finalize(), "the file's hash is not that of what was written")
        return [
            .init(
                "file_megabytes_per_second", speeds,
                note: "one pass over a file of \(fileGibibytes) GiB, cached or not; limit: SHA-256 from memory",
                limit: size / alone),
            .init(
                "file_peak_mebibytes", [ProcessUsage.peakMebibytes()],
                note: "resident memory of the process until then, at most"),
        ]
    }

    private static func write(_ path: String, _ piece: [UInt8], _ rounds: Int) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Failure.file(path, String(cString: strerror(errno))) }
        defer { close(descriptor) }
        for _ in 0..<rounds {
            var written = 0
            while written < piece.count {
                let count = piece.withUnsafeBytes {
                    Glibc.write(descriptor, $0.baseAddress! + written, $0.count - written)
                }
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw Failure.file(path, String(cString: strerror(errno))) }
                written += count
            }
        }
    }

    private static func digests(_ path: String) throws -> FileDigests {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure.file(path, String(cString: strerror(errno))) }
        defer { close(descriptor) }
        posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
        return try FileDigests.reading { memory throws(Failure) in
            while true {
                let count = read(descriptor, memory.baseAddress, memory.count)
                if count < 0, errno == EINTR { continue }
                guard count >= 0 else { throw .file(path, String(cString: strerror(errno))) }
                return count
            }
        }
    }
}

extension FileDigests {
    /// The digests of `piece`, so many times.
    fileprivate static func repeating(_ piece: [UInt8], _ rounds: Int) -> FileDigests {
        var position = 0
        return reading { memory in
            let offset = position % piece.count
            let count = min(memory.count, piece.count - offset, rounds * piece.count - position)
            piece.withUnsafeBytes {
                memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[offset...].prefix(count)))
            }
            position += count
            return count
        }
    }
}
