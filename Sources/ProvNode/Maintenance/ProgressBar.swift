import Foundation

/// Progress on a terminal's standard error: how much of what, how fast, and about how long still.
final class ProgressBar {
    private let isShown: Bool
    private let clock = ContinuousClock()
    private var part = ""
    private var started = ContinuousClock.now
    private var shown: ContinuousClock.Instant?
    private var first: UInt64 = 0

    /// Often enough to look alive, seldom enough to cost nothing.
    private static let interval = Duration.milliseconds(100)
    /// Before this much time a rate says little.
    private static let settling = 1.0

    init(isShown: Bool) { self.isShown = isShown }

    /// - Parameters:
    ///   - part: what is being done; the rate starts anew with every part.
    ///   - done: of `total`, growing.
    func show(_ part: String, _ done: UInt64, _ total: UInt64) {
        guard isShown, total > 0 else { return }
        let now = clock.now
        if part != self.part { (self.part, started, first, shown) = (part, now, done, nil) }
        if let shown, now - shown < Self.interval, done < total { return }
        shown = now
        let seconds = (now - started) / .seconds(1)
        let text = Self.line(part, done: done, total: total, since: first, seconds: seconds)
        FileHandle.standardError.write(Data("\r\(text)\u{1b}[K".utf8))
    }

    /// One line: a bar, percent, part, numbers, and from the second second on rate and estimate.
    static func line(_ part: String, done: UInt64, total: UInt64, since first: UInt64, seconds: Double) -> String {
        let percent = Int((Double(done) / Double(total) * 100).rounded(.down))
        let filled = String(repeating: "#", count: percent / 4).padding(toLength: 25, withPad: " ", startingAt: 0)
        var line = "[\(filled)] \(percent)% \(part) \(done)/\(total)"
        guard seconds >= settling, done > first else { return line }
        let rate = Double(done - first) / seconds
        line += ", \(rate >= 10 ? "\(Int(rate))" : String(format: "%.1f", rate))/s"
        if done < total { line += ", about \(duration(Double(total - done) / rate)) left" }
        return line
    }

    static func duration(_ seconds: Double) -> String {
        switch seconds {
        case ..<90: "\(Int(seconds.rounded(.up))) s"
        case ..<5_400: "\(Int((seconds / 60).rounded(.up))) min"
        default: String(format: "%.1f h", seconds / 3_600)
        }
    }

    func finish() {
        if isShown, shown != nil { FileHandle.standardError.write(Data("\r\u{1b}[K".utf8)) }
    }
}
