import Glibc

/// What this build calls itself.
enum Software {
    static let version = "0.1.0"
}

enum SystemCores {
    /// Processors that the process may use.
    static var count: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}

enum SystemTerminal {
    static var isErrorATerminal: Bool { isatty(STDERR_FILENO) == 1 }
}
