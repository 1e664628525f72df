import Synchronization

/// What was asked over HTTP, how it was answered, and how long the answers took to make.
///
/// One entry per route that was asked, and one for whatever had no route: strangers cannot make it grow.
final class RequestMetrics: Sendable {
    fileprivate struct Entry {
        let route: String
        let method: String
        var durations = Histogram(bounds: Histogram.answerBounds)
        var answers: [Int: UInt64] = [:]
    }

    private let entries = Mutex<[String: Entry]>([:])

    /// Counts one answer.
    ///
    /// - Parameters:
    ///   - route: what was asked; `nil` if no route has this path and method.
    ///   - seconds: until the answer was ready to be sent. Sending it is up to the client.
    func record(_ route: RouteDescription?, status: Int, seconds: Double) {
        entries.withLock { entries in
            entries[
                route?.id ?? "", default: Entry(route: route?.path ?? "none", method: route?.method.rawValue ?? "none")
            ].add(status, seconds)
        }
    }

    func write(to text: inout MetricsText) {
        let entries = entries.withLock { $0.sorted { $0.key < $1.key }.map(\.value) }
        text.family(
            "provchain_http_requests_total", .counter,
            "Answers over HTTP by route and status; route \"none\" is an unknown address or method.")
        for entry in entries {
            for (status, count) in entry.answers.sorted(by: { $0.key < $1.key }) {
                text.sample("provchain_http_requests_total", count, entry.labels + [("status", "\(status)")])
            }
        }
        text.family(
            "provchain_http_request_duration_seconds", .histogram,
            "Seconds from a request's head until its answer was ready to be sent.")
        for entry in entries {
            text.samples("provchain_http_request_duration_seconds", entry.durations, entry.labels)
        }
    }
}

extension RequestMetrics.Entry {
    fileprivate var labels: [MetricsText.Label] { [("route", route), ("method", method)] }

    fileprivate mutating func add(_ status: Int, _ seconds: Double) {
        durations.record(seconds)
        answers[status, default: 0] += 1
    }
}
