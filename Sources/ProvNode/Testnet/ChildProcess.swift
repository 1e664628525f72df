import Foundation
import Glibc
import ProvChain

/// This program once more, in a process of its own, with its output line by line.
///
/// The child's standard input is a pipe that this process never writes to. However this process ends, the kernel
/// closes the pipe, and the child, which watches it, stops: no node is ever left behind. (Linux could also signal
/// the child when its parent dies, but counts the end of the *thread* that started it as that.)
final class ChildProcess: Sendable {
    enum Output: Sendable {
        /// Without its end of line.
        case line(String)
        /// Nothing follows.
        case ended(TestnetSupervisor.Ending)
    }

    let identifier: pid_t
    private let lifeline: Int32

    /// Bytes after which a line is cut.
    static let lineBytes = 16_384

    /// - Parameters:
    ///   - program: this one, unless a test says otherwise.
    ///   - environment: all of it; nothing is inherited.
    ///   - onOutput: called on a thread of the child's own, in order.
    init(
        program: String = "/proc/self/exe", arguments: [String], environment: [String: String],
        onOutput: @escaping @Sendable (Output) -> Void
    ) throws {
        let input = try Self.pipe()
        let output = try Self.pipe()
        defer {
            close(input.read)
            close(output.write)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, input.read, STDIN_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output.write, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, output.write, STDERR_FILENO)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A group of its own: Control-C reaches this process alone, which then stops the children in good order.
        // Signals as they are by default: this process may ignore or block those that it waits for.
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        for signal in [SIGINT, SIGTERM] { sigaddset(&signals, signal) }
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
        var child = pid_t()
        let words = (["provnode"] + arguments).map { strdup($0) } + [nil]
        let variables = environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in words + variables { free(text) } }
        let status = posix_spawn(&child, program, &actions, &attributes, words, variables)
        guard status == 0 else {
            close(input.write)
            close(output.read)
            throw NodeCommandError(
                phrase: Phrase(
                    "a node's process cannot be started: \(String(cString: strerror(status)))",
                    "无法启动节点进程：\(String(cString: strerror(status)))"), code: 70)
        }
        identifier = child
        lifeline = input.write
        Thread.detachNewThread { [child] in
            Self.readLines(output.read) { onOutput(.line($0)) }
            close(output.read)
            onOutput(.ended(Self.wait(for: child)))
        }
    }

    deinit { close(lifeline) }

    func send(_ signal: Int32) { kill(identifier, signal) }

    private static func pipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else {
            throw NodeCommandError(
                phrase: Phrase(
                    "no pipe: \(String(cString: strerror(errno)))",
                    "无法创建管道：\(String(cString: strerror(errno)))"), code: 70)
        }
        // Not for other children, of which one that held this pipe's end would keep it open. They are started one
        // after the other by one caller, so none is between these lines.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private static func readLines(_ descriptor: Int32, _ onLine: (String) -> Void) {
        var buffer = [UInt8](repeating: 0, count: 4_096)
        var line: [UInt8] = []
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            for byte in buffer[..<count] {
                if byte == UInt8(ascii: "\n") || line.count == lineBytes {
                    onLine(String(decoding: line, as: UTF8.self))
                    line = []
                }
                if byte != UInt8(ascii: "\n") { line.append(byte) }
            }
        }
        if !line.isEmpty { onLine(String(decoding: line, as: UTF8.self)) }
    }

    private static func wait(for child: pid_t) -> TestnetSupervisor.Ending {
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0 {
            // Nobody else waits for it, so there is nothing but interruptions.
            precondition(errno == EINTR, "waiting for process \(child): \(String(cString: strerror(errno)))")
        }
        let signal = status & 0x7F
        return signal == 0 ? .code((status >> 8) & 0xFF) : .signal(signal)
    }
}

/// Stops this process when its standard input ends.
enum InputEnd {
    static func watch() {
        Thread.detachNewThread {
            var buffer = [UInt8](repeating: 0, count: 256)
            while true {
                let count = read(STDIN_FILENO, &buffer, buffer.count)
                if count < 0, errno == EINTR { continue }
                if count <= 0 { break }
            }
            kill(getpid(), SIGTERM)
        }
    }
}
