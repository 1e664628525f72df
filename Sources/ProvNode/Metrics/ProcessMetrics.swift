import Glibc

/// What the kernel says of this process, under the names that Prometheus' own clients use.
struct ProcessMetrics: Sendable {
    var residentBytes: UInt64 = 0
    var openDescriptors: UInt64 = 0
    var maximumDescriptors: UInt64 = 0
    var cpuSeconds = 0.0
    /// Unix seconds.
    var startTime = 0.0
    var uptimeSeconds = 0.0

    private static let start = ContinuousClock.now
    private static let startTime = Double(WallClock.now()) / 1_000

    /// Starts the clock of ``uptimeSeconds``; called when the program starts.
    static func markStart() { _ = (start, startTime) }

    static func current() -> ProcessMetrics {
        markStart()
        var metrics = ProcessMetrics()
        // The second field of statm counts resident pages (proc(5)).
        if let pages = words(of: "/proc/self/statm").dropFirst().first.flatMap({ UInt64($0) }) {
            metrics.residentBytes = pages * UInt64(max(0, sysconf(Int32(_SC_PAGESIZE))))
        }
        metrics.openDescriptors = countOpenDescriptors()
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            metrics.maximumDescriptors = UInt64(limit.rlim_cur)
        }
        var time = timespec()
        if clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time) == 0 {
            metrics.cpuSeconds = Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
        }
        metrics.startTime = startTime
        metrics.uptimeSeconds = (.now - start).inSeconds
        return metrics
    }

    func write(to text: inout MetricsText) {
        text.family("provchain_build_info", .gauge, "1; the label says which build runs.")
        text.sample("provchain_build_info", 1 as UInt64, [("version", Software.version)])
        text.family("provchain_uptime_seconds", .gauge, "Seconds since the program started.")
        text.sample("provchain_uptime_seconds", uptimeSeconds)
        text.family("process_start_time_seconds", .gauge, "When the program started, Unix seconds.")
        text.sample("process_start_time_seconds", startTime)
        text.family("process_cpu_seconds_total", .counter, "Processor time used, user and system.")
        text.sample("process_cpu_seconds_total", cpuSeconds)
        text.single("process_resident_memory_bytes", .gauge, "Memory in RAM.", residentBytes)
        text.single("process_open_fds", .gauge, "Open file descriptors.", openDescriptors)
        text.single("process_max_fds", .gauge, "Most file descriptors that may be open.", maximumDescriptors)
    }

    /// The words of a small file of /proc.
    private static func words(of file: String) -> [Substring] {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        let text = String(unsafeUninitializedCapacity: 4_096) { buffer in
            max(0, read(descriptor, buffer.baseAddress, 4_096))
        }
        return text.split { $0 == " " || $0 == "\n" }
    }

    private static func countOpenDescriptors() -> UInt64 {
        guard let folder = opendir("/proc/self/fd") else { return 0 }
        defer { closedir(folder) }
        var count: UInt64 = 0
        while readdir(folder) != nil { count += 1 }
        // Without ".", ".." and the descriptor of the folder itself.
        return count > 3 ? count - 3 : 0
    }
}
