/// What one peer asked for and waits for. One question is worked on at a time, so a peer that asks for everything takes
/// the time and the memory of one answer; what is beyond the bound is dropped, and asked again by whoever means it.
struct Questions: Sendable {
    private let limit: Int
    private var waiting: [WireMessage] = []
    /// True while one is worked on.
    private(set) var isAnswering = false

    init(limit: Int) {
        precondition(limit > 0, "\(limit) questions")
        self.limit = limit
    }

    var count: Int { waiting.count }

    mutating func add(_ question: WireMessage) {
        if waiting.count < limit { waiting.append(question) }
    }

    /// The next one to work on, if none is; ``answered()`` follows.
    mutating func next() -> WireMessage? {
        guard !isAnswering, !waiting.isEmpty else { return nil }
        isAnswering = true
        return waiting.removeFirst()
    }

    mutating func answered() { isAnswering = false }
}
