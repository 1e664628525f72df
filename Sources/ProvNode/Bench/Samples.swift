/// Figures of which every one is kept, so that a percentile is one of them and no estimate.
struct Samples {
    private var values: [Double] = []
    private var isSorted = true

    init(_ values: [Double] = []) {
        self.values = values
        isSorted = values.count < 2
    }

    var count: Int { values.count }

    mutating func add(_ value: Double) {
        values.append(value)
        isSorted = false
    }

    /// The smallest figure that at least `percent` of all figures do not exceed (nearest rank).
    ///
    /// - Parameter percent: above 0, at most 100.
    mutating func percentile(_ percent: Double) -> Double {
        precondition(!values.isEmpty && percent > 0 && percent <= 100, "percentile \(percent) of \(values.count)")
        if !isSorted { values.sort() }
        isSorted = true
        let rank = Int((percent / 100 * Double(values.count)).rounded(.up))
        return values[max(rank, 1) - 1]
    }
}
