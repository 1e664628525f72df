import ProvChain

/// The refusals of the last statements that a block did not take, oldest forgotten first.
struct RecentRefusals {
    static let capacity = 10_000

    private var reasons: [Digest: Refusal] = [:]
    private var order: [Digest] = []
    private var oldest = 0

    subscript(statement: Digest) -> Refusal? {
        get { reasons[statement] }
        set {
            guard let newValue, reasons.updateValue(newValue, forKey: statement) == nil else { return }
            if order.count < Self.capacity {
                order.append(statement)
            } else {
                reasons[order[oldest]] = nil
                order[oldest] = statement
                oldest = (oldest + 1) % Self.capacity
            }
        }
    }
}
