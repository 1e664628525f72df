/// How often a duration fell between which bounds: as many counters as bounds and one more, however much is counted.
struct Histogram: Sendable {
    /// Seconds, ascending; each is inclusive.
    let bounds: [Double]
    /// Per bound what fell under it and not under the one before; last what is above all of them.
    private(set) var counts: [UInt64]
    private(set) var sum = 0.0

    /// From half a millisecond to the 30 s for which a client may wait.
    static let answerBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
    /// A block takes from a sync of the disk to many thousands of signatures' worth of execution.
    static let blockBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

    init(bounds: [Double]) {
        precondition(!bounds.isEmpty && zip(bounds, bounds.dropFirst()).allSatisfy(<), "bounds must ascend")
        self.bounds = bounds
        counts = Array(repeating: 0, count: bounds.count + 1)
    }

    mutating func record(_ seconds: Double) {
        counts[bounds.firstIndex { seconds <= $0 } ?? bounds.count] += 1
        sum += seconds
    }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
