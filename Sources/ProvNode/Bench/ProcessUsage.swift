import Foundation
import Glibc

/// What the operating system says of this process.
enum ProcessUsage {
    /// Seconds of processor time so far, of all threads.
    static func processorSeconds() -> Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }

    /// The same of the calling thread.
    static func threadSeconds() -> Double { seconds(CLOCK_THREAD_CPUTIME_ID) }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// Memory that is in RAM now, in MiB: its own, and with pages of files that it has mapped.
    static func residentMebibytes() -> Double { mebibytes("VmRSS:") }

    /// The most that was ever in RAM.
    static func peakMebibytes() -> Double { mebibytes("VmHWM:") }

    /// The same of another process.
    static func residentMebibytes(of process: Int32) -> Double { mebibytes("VmRSS:", of: "\(process)") }

    /// Seconds of processor time of another process so far; 0 if it is gone.
    static func processorSeconds(of process: Int32) -> Double {
        let text = (try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)) ?? ""
        // The name, in brackets, may hold anything; user and system time are the 12th and 13th word after it.
        let words = text.split(separator: ")").last?.split(separator: " ") ?? []
        guard words.count > 12, let user = Double(words[11]), let system = Double(words[12]) else { return 0 }
        return (user + system) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }

    private static func mebibytes(_ field: String, of process: String = "self") -> Double {
        let text = (try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)) ?? ""
        let line = text.split(separator: "\n").first { $0.hasPrefix(field) }
        let kibibytes =
            line?.split(separator: " ").dropFirst().first.flatMap { Double($0) }
            ?? line?.split(whereSeparator: { !$0.isNumber }).first.flatMap { Double($0) }
        return (kibibytes ?? 0) / 1_024
    }

    /// Confines every thread that the process has now, and those they start, to one processor, or lets them
    /// use all again.
    static func confine(toOneCore isConfined: Bool) {
        // One bit for each of 1,024 processors.
        var mask = [UInt8](repeating: isConfined ? 0 : 0xff, count: 128)
        if isConfined { mask[0] = 1 }
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
        for thread in threads.compactMap({ pid_t($0) }) { _ = setAffinity?(thread, mask.count, mask) }
    }

    private typealias SetAffinity = @convention(c) (pid_t, Int, UnsafePointer<UInt8>) -> Int32

    /// `sched_setaffinity`, which the headers show to GNU sources only.
    private static let setAffinity: SetAffinity? = dlsym(dlopen(nil, RTLD_NOW), "sched_setaffinity").map {
        unsafeBitCast($0, to: SetAffinity.self)
    }
}

/// The bytes that the parts of a home take on the disk: whole blocks of the file system, as `du` counts.
struct DiskUsage {
    var entries = 0.0, tiles = 0.0, certificates = 0.0, commit = 0.0, state = 0.0, index = 0.0, attachments = 0.0

    init(_ home: NodeHome) {
        for level in 0...7 {
            for place in ["tile", "partial"] { tiles += Self.bytes(home.path + "/log/\(place)/\(level)") }
        }
        entries = Self.bytes(home.path + "/log/tile/entries") + Self.bytes(home.path + "/log/partial/entries")
        certificates = Self.bytes(home.path + "/log/certificates")
        commit = Self.bytes(home.path + "/log/commit")
        for suffix in [""] + StateSchema.besides {
            state += Self.bytes(home.stateDatabase + suffix)
            index += Self.bytes(home.indexDatabase + suffix)
        }
        attachments = Self.bytes(home.attachments)
    }

    private static func bytes(_ path: String) -> Double {
        var total = 0.0
        if let size = allocated(path) { total += size }
        guard let names = FileManager.default.enumerator(atPath: path) else { return total }
        for case let name as String in names { total += allocated(path + "/" + name) ?? 0 }
        return total
    }

    private static func allocated(_ path: String) -> Double? {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Double(status.st_blocks) * 512
    }

    /// What every part grew since `before`, for each of `count` statements.
    func perStatement(since before: DiskUsage?, _ count: Int) -> [(part: String, bytes: Double)] {
        let parts: [(String, KeyPath<DiskUsage, Double>)] = [
            ("log: statements and headers", \.entries), ("log: tree hashes", \.tiles),
            ("log: certificates", \.certificates), ("log: segments not settled", \.commit), ("state", \.state),
            ("index", \.index), ("attachments", \.attachments),
        ]
        return parts.map { name, part in
            (name, (self[keyPath: part] - (before?[keyPath: part] ?? 0)) / Double(max(count, 1)))
        }
    }

    var log: Double { entries + tiles + certificates + commit }
}
