import FoundationEssentials
import ProvChain

/// The clock of this machine, and times as people write them (RFC 3339, always UTC).
enum Time {
    /// Unix seconds.
    static var now: UInt64 { UInt64(max(0, Date().timeIntervalSince1970)) }

    /// `2026-01-31T12:00:00Z`.
    static func text(milliseconds: UInt64) -> String { text(seconds: milliseconds / 1_000) }

    static func text(seconds: UInt64) -> String {
        // The year 9999: later ones have no RFC 3339 form.
        let last: UInt64 = 253_402_300_799
        return Date(timeIntervalSince1970: Double(min(seconds, last))).formatted(.iso8601)
    }

    /// Milliseconds of an RFC 3339 time; of a date alone, its last moment.
    static func parse(_ text: String) -> UInt64? {
        let isDate = text.utf8.count == 10
        let full = isDate ? text + "T23:59:59Z" : text
        let date =
            (try? Date(full, strategy: .iso8601))
            ?? (try? Date(full, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
        guard let seconds = date?.timeIntervalSince1970, seconds >= 0, seconds < 1e12 else { return nil }
        // The parser takes 31 February for a day in March.
        guard !full.hasSuffix("Z") || Self.text(seconds: UInt64(seconds)).prefix(10) == full.prefix(10) else {
            return nil
        }
        return UInt64(seconds * 1_000) + (isDate ? 999 : 0)
    }
}
