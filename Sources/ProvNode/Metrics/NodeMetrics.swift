import ProvChain

/// What a node counts while it makes blocks. Lost when it stops, as Prometheus expects of counters.
struct NodeStatistics: Sendable {
    /// Where a statement was refused: when it came in, or when its block was built.
    enum Stage: String, CaseIterable, Sendable { case submission, block }

    struct Refused: Hashable, Sendable {
        let rule: Rule
        let stage: Stage
    }

    private(set) var blocks: UInt64 = 0
    private(set) var applied: [StatementType: UInt64] = [:]
    private(set) var refused: [Refused: UInt64] = [:]
    /// From the start of building until everything of the block is durable.
    private(set) var blockDurations = Histogram(bounds: Histogram.blockBounds)
    private var building: ContinuousClock.Instant?

    mutating func startedBlock() { building = .now }

    mutating func committed(_ block: ExecutedBlock) {
        blocks += 1
        for applied in block.execution.applied { self.applied[applied.statement.payload.type, default: 0] += 1 }
        if let building { blockDurations.record((.now - building).inSeconds) }
        building = nil
    }

    mutating func refused(_ rule: Rule, at stage: Stage) { refused[Refused(rule: rule, stage: stage), default: 0] += 1 }
}

/// Where a node stands at one moment.
struct NodeMetrics: Sendable {
    var isReady = true
    var height: UInt64 = 0
    /// Block time of the tip, milliseconds since 1970.
    var time: UInt64 = 0
    /// Leaves of the log.
    var leaves: UInt64 = 0
    var pendingStatements = 0
    var pendingBytes = 0
    var logHeight: UInt64 = 0
    /// Block up to which the state database is written.
    var stateHeight: UInt64 = 0
    /// Block up to which the index is filled; `nil` while it is empty.
    var indexHeight: UInt64?
    var attachmentBytes = 0
    var attachmentQuota = 0
    var statistics = NodeStatistics()

    func write(to text: inout MetricsText) {
        text.single("provchain_ready", .gauge, "1 while the node takes statements.", isReady ? 1 : 0)
        text.single("provchain_height", .gauge, "Height of the latest final block.", height)
        text.family("provchain_block_time_seconds", .gauge, "Block time of the latest final block, Unix seconds.")
        text.sample("provchain_block_time_seconds", Double(time) / 1_000)
        text.single("provchain_log_leaves", .gauge, "Leaves of the transparency log.", leaves)
        text.family("provchain_lag_blocks", .gauge, "Final blocks that a store has not taken in yet.")
        let stores = [("log", logHeight), ("state", stateHeight), ("index", indexHeight ?? 0)]
        for (name, stored) in stores {
            text.sample("provchain_lag_blocks", height - min(stored, height), [("store", name)])
        }
        text.single("provchain_mempool_statements", .gauge, "Statements that wait.", UInt64(pendingStatements))
        text.single("provchain_mempool_bytes", .gauge, "Bytes of the statements that wait.", UInt64(pendingBytes))
        text.single("provchain_attachment_bytes", .gauge, "Bytes of attachments kept.", UInt64(attachmentBytes))
        text.single(
            "provchain_attachment_quota_bytes", .gauge, "Bytes of attachments that may be kept.",
            UInt64(attachmentQuota))
        writeStatistics(to: &text)
    }

    private func writeStatistics(to text: inout MetricsText) {
        text.single("provchain_blocks_total", .counter, "Blocks made final since the start.", statistics.blocks)
        text.family("provchain_statements_applied_total", .counter, "Statements made final since the start, by type.")
        for (type, count) in statistics.applied.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
            text.sample("provchain_statements_applied_total", count, [("type", type.rawValue)])
        }
        text.family(
            "provchain_statements_refused_total", .counter,
            "Statements refused since the start, by rule, at submission or in a block.")
        let order = { (refused: NodeStatistics.Refused) in (refused.rule.rawValue, refused.stage.rawValue) }
        for (refused, count) in statistics.refused.sorted(by: { order($0.key) < order($1.key) }) {
            text.sample(
                "provchain_statements_refused_total", count,
                [("rule", refused.rule.rawValue), ("stage", refused.stage.rawValue)])
        }
        text.family(
            "provchain_block_duration_seconds", .histogram,
            "Seconds from the start of building a block until it is durable and final.")
        text.samples("provchain_block_duration_seconds", statistics.blockDurations)
    }
}
