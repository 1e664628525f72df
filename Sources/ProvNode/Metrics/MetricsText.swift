/// Metrics in Prometheus' text format, version 0.0.4: one family after the other, each with its help, its type and
/// its samples.
///
/// Names and label names are literals of this program and not checked; help and label values are escaped.
/// Source: prometheus.io/docs/instrumenting/exposition_formats.
struct MetricsText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    enum Kind: String { case counter, gauge, histogram }

    typealias Label = (name: String, value: String)

    private(set) var bytes: [UInt8] = []

    init() { bytes.reserveCapacity(16 << 10) }

    /// Opens a family; its samples have to follow at once.
    mutating func family(_ name: String, _ kind: Kind, _ help: String) {
        line("# HELP \(name) \(Self.escaped(help, quotes: false))")
        line("# TYPE \(name) \(kind.rawValue)")
    }

    mutating func sample(_ name: String, _ value: UInt64, _ labels: [Label] = []) { sample(name, labels, "\(value)") }

    mutating func sample(_ name: String, _ value: Double, _ labels: [Label] = []) {
        sample(name, labels, Self.text(value))
    }

    /// A family of one sample without labels.
    mutating func single(_ name: String, _ kind: Kind, _ help: String, _ value: UInt64) {
        family(name, kind, help)
        sample(name, value)
    }

    /// The samples of one histogram: what fell under each bound, all, and the sum.
    mutating func samples(_ name: String, _ histogram: Histogram, _ labels: [Label] = []) {
        var total: UInt64 = 0
        for (bound, count) in zip(histogram.bounds + [.infinity], histogram.counts) {
            total += count
            sample(name + "_bucket", total, labels + [("le", Self.text(bound))])
        }
        sample(name + "_sum", histogram.sum, labels)
        sample(name + "_count", total, labels)
    }

    private mutating func sample(_ name: String, _ labels: [Label], _ value: String) {
        let list = labels.map { "\($0.name)=\"\(Self.escaped($0.value, quotes: true))\"" }.joined(separator: ",")
        line(list.isEmpty ? "\(name) \(value)" : "\(name){\(list)} \(value)")
    }

    private mutating func line(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        bytes.append(UInt8(ascii: "\n"))
    }

    private static func escaped(_ text: String, quotes: Bool) -> String {
        guard text.utf8.contains(where: { $0 == 0x5C || $0 == 0x0A || $0 == 0x22 }) else { return text }
        var result = ""
        for character in text {
            switch character {
            case "\\": result += "\\\\"
            case "\n": result += "\\n"
            case "\"" where quotes: result += "\\\""
            default: result.append(character)
            }
        }
        return result
    }

    private static func text(_ value: Double) -> String {
        if value.isNaN { return "NaN" }
        if value.isInfinite { return value < 0 ? "-Inf" : "+Inf" }
        // Whole numbers as people write them: 5, not 5.0.
        return value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\(value)"
    }
}
