import Glibc
import ProvChain

/// Questions to a person at a terminal. Questions go to standard error, so that results can be redirected.
enum Prompt {
    /// The answer, or `fallback` for an empty one.
    static func line(_ question: String, fallback: String) -> String {
        Console.write(question, terminator: "", to: STDERR_FILENO)
        guard let answer = readLine(), !answer.isEmpty else { return fallback }
        return answer
    }

    /// An answer that is not shown while it is typed; `nil` without a terminal.
    static func secret(_ question: String) -> [UInt8]? {
        let terminal = open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard terminal >= 0 else { return nil }
        defer { close(terminal) }
        var shown = termios()
        guard tcgetattr(terminal, &shown) == 0 else { return nil }
        var hidden = shown
        hidden.c_lflag &= ~tcflag_t(ECHO)
        guard tcsetattr(terminal, TCSAFLUSH, &hidden) == 0 else { return nil }
        defer {
            tcsetattr(terminal, TCSAFLUSH, &shown)
            Console.write("", to: terminal)
        }
        Console.write(question, terminator: "", to: terminal)
        var answer: [UInt8] = []
        var byte: UInt8 = 0
        while read(terminal, &byte, 1) == 1, byte != UInt8(ascii: "\n") { answer.append(byte) }
        return answer
    }
}

/// How far a long task is: drawn only on a terminal.
final class ProgressBar {
    private let title: String
    private let total: UInt64
    private let isShown = isatty(STDERR_FILENO) == 1
    private var done: UInt64 = 0
    private var drawn: UInt64?

    private static let width: UInt64 = 30

    init(_ title: String, total: UInt64) {
        self.title = title
        self.total = max(total, 1)
    }

    func advance(_ count: UInt64) {
        done += count
        let percent = min(done, total) * 100 / total
        guard isShown, percent != drawn else { return }
        drawn = percent
        let filled = Int(percent * Self.width / 100)
        let bar = String(repeating: "#", count: filled) + String(repeating: "-", count: Int(Self.width) - filled)
        Console.write("\r\(title) [\(bar)] \(percent)%", terminator: "", to: STDERR_FILENO)
    }

    /// Takes the bar away.
    func finish() {
        if isShown, drawn != nil { Console.write("\r\u{1b}[K", terminator: "", to: STDERR_FILENO) }
    }
}
