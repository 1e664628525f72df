import Foundation
import Glibc

/// What this process uses of the machine.
enum SystemUsage {
    /// Processor time of all threads so far, in seconds.
    static var cpuSeconds: Double { clock(CLOCK_PROCESS_CPUTIME_ID) }

    /// Processor time of the calling thread so far, in seconds.
    static var threadSeconds: Double { clock(CLOCK_THREAD_CPUTIME_ID) }

    private static func clock(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }

    /// Memory in use, in MiB, as the kernel counts it; 0 where it does not say.
    static var residentMebibytes: Double {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8) else { return 0 }
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0
        return pages * Double(sysconf(Int32(_SC_PAGESIZE))) / 1_048_576
    }
}
